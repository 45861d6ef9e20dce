"""Tokens for a class: one for each student, made without a secret, which only its student ever sees."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from accounts.audit import AuditEvent
from accounts.models import User
from accounts.people import membership
from accounts.roles import Base, EnrollmentState
from policies import settings as policy
from policies.refusals import Code, Refused
from tests.cast import NOW, School, enroll, person, role, token
from tokens import classes, lifecycle, notifications
from tokens.classes import Progress, Teaching
from tokens.classes.making import students_of
from tokens.models import NO_SECRET, AccessToken, ClassIssue, ClassItem, Notice, State
from tokens.verification import Outcome, verify

DAY = timedelta(days=1)
END = NOW + 60 * DAY


def made(school: School, actor: User | None = None, **facts: Any) -> ClassIssue:
    wanted = {"purpose": "HIST 101 archive", "expires_at": END, **facts}
    return classes.make(school.history, actor=actor or school.teacher, now=NOW, **wanted)


def refused(act: Any, *args: Any, **named: Any) -> Code:
    with pytest.raises(Refused) as refusal, transaction.atomic():
        act(*args, **named)
    return refusal.value.code


def token_of(issue: ClassIssue, student: User) -> AccessToken:
    return AccessToken.objects.get(class_item__issue=issue, user=student)


def outcomes(issue: ClassIssue) -> dict[str, str]:
    return {item.student.login_id: item.refused for item in issue.items.select_related("student")}


def teaching(user: User) -> Teaching:
    return Teaching.of(membership(user, now=NOW))


def test_each_student_gets_one_that_waits_without_any_secret(school: School) -> None:
    issue = made(school, scopes=["url:GET|/api/v1/users/:id"])
    tokens = AccessToken.objects.filter(class_item__issue=issue).order_by("user_id")
    assert [each.user for each in tokens] == [school.student, school.other_student]
    for each in tokens:
        assert (each.state, each.creator, each.purpose) == (State.PENDING, school.teacher, "HIST 101 archive")
        assert (each.expires_at, each.scopes, each.verifier) == (END, ["url:GET|/api/v1/users/:id"], NO_SECRET)
    lines = AuditEvent.objects.filter(action="token.issue")
    assert {(line.person_id, line.actor, line.after["class"]) for line in lines} == {
        (each.user_id, school.teacher, issue.pk) for each in tokens
    }
    [line] = AuditEvent.objects.filter(action="class.issue")
    assert (line.account, line.after["course"], line.after["students"]) == (school.arts, "HIST 101", 2)
    assert {(notice.event, notice.facts["course"]) for notice in Notice.objects.all()} == {("token.issue", "HIST 101")}


def test_a_student_picks_theirs_up_and_nobody_held_it_before(school: School) -> None:
    issue = made(school)
    waiting = token_of(issue, school.student)
    taken = lifecycle.activate(waiting, actor=school.student, now=NOW + DAY)
    assert verify(taken.secret, now=NOW + DAY).outcome == Outcome.LIVE
    assert (taken.token.lookup_id != waiting.lookup_id, taken.token.secret_made_at) == (True, NOW + DAY)
    assert issue.items.get(student=school.student).picked_up_at == NOW + DAY
    assert classes.progress_of(issue, now=NOW + DAY) == Progress(made=2, picked_up=1, left=1, open=2)
    line = AuditEvent.objects.get(action="token.activate")
    assert line.after == {"state": "active", "lookup_id": taken.token.lookup_id}
    assert refused(lifecycle.activate, waiting, actor=school.student, now=NOW + DAY) == Code.ALREADY_ACTIVE


def test_a_secret_that_an_administrator_made_meanwhile_is_dead_once_it_is_picked_up(school: School) -> None:
    waiting = token_of(made(school), school.student)
    seen = lifecycle.regenerate(waiting, actor=school.admin, now=NOW)
    taken = lifecycle.activate(waiting, actor=school.student, now=NOW)
    assert taken.secret
    assert (verify(seen.secret, now=NOW).outcome, verify(taken.secret, now=NOW).outcome) == (
        Outcome.INVALID,
        Outcome.LIVE,
    )


def test_no_tag_decides_for_a_token_without_a_secret_even_under_a_retired_key(school: School, settings: Any) -> None:
    settings.TOKEN_KEYS_RETIRED = list(settings.TOKEN_KEYS)[:1]
    waiting = token_of(made(school), school.student)
    presented = token(school.other_student).secret.replace(
        AccessToken.objects.latest("pk").lookup_id, waiting.lookup_id
    )
    assert verify(presented, now=NOW).outcome == Outcome.INVALID


def test_only_students_who_count_get_one(school: School) -> None:
    for login, facts in {
        "late": {"starts_at": NOW + DAY},
        "over": {"ends_at": NOW},
        "gone": {"state": EnrollmentState.COMPLETED},
    }.items():
        enroll(person(login), role(Base.STUDENT), course=school.history, **facts)  # type: ignore[arg-type]  # by name
    enroll(person("off", is_active=False), role(Base.STUDENT), course=school.history)
    enroll(person("elsewhere"), role(Base.STUDENT), course=school.physics)
    enroll(person("observer"), role(Base.OBSERVER), course=school.history)
    enroll(school.teacher, role(Base.STUDENT), course=school.history)
    found = students_of(school.history, actor=school.teacher, now=NOW)
    assert {each.login_id for each in found} == {"student", "other-student"}


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"purpose": " "}, Code.PURPOSE_BLANK),
        ({"purpose": None}, Code.PURPOSE_MISSING),
        ({"expires_at": None}, Code.EXPIRY_REQUIRED),
        ({"expires_at": NOW + 121 * DAY}, Code.EXPIRY_BEYOND_CAP),
        ({"expires_at": NOW}, Code.EXPIRY_IN_PAST),
        ({"scopes": ["nothing:known"]}, Code.SCOPE_UNKNOWN),
        ({"scopes": ["tokens:manage"]}, Code.SCOPE_NOT_ALLOWED),
    ],
)
def test_what_no_student_may_hold_is_refused_for_all(school: School, facts: dict[str, Any], code: Code) -> None:
    assert refused(made, school, **facts) == code
    assert not ClassIssue.objects.exists()


def test_a_class_is_no_way_round_what_students_may_not_have(school: School) -> None:
    science = person("guest")
    enroll(science, role(Base.STUDENT), course=school.history)
    enroll(science, role(Base.STUDENT), course=school.physics)
    policy.change(school.root, {"student_cap_days": 30}, actor=None, now=NOW)
    policy.change(school.arts, {"student_cap_days": 60, "tokens_at_once": 1}, actor=None, now=NOW)
    token(school.student)
    issue = made(school)
    assert outcomes(issue) == {
        "student": "too_many_tokens",
        "other-student": "",
        "guest": "expiry_beyond_cap",
    }
    item = issue.items.select_related("token").get(student=science)
    assert "30 days at most" in classes.row_of(item, NOW).why
    assert classes.progress_of(issue, now=NOW) == Progress(made=1, left=1, open=1, refused=2)


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ({"audience": "no_students"}, "creation_not_allowed"),
        ({"audience": "admins_only"}, "creation_not_allowed"),
        ({"approval": "students"}, "approval_needed"),
    ],
)
def test_a_teacher_gives_nobody_what_takes_an_administrator(school: School, setting: dict[str, str], code: str) -> None:
    policy.change(school.arts, setting, actor=None, now=NOW)
    assert set(outcomes(made(school)).values()) == {code}
    assert not AccessToken.objects.exists()
    enroll(school.arts_admin, role(Base.TEACHER), course=school.history)
    assert set(outcomes(made(school, school.arts_admin)).values()) == {""}


def test_who_would_get_none_at_all_is_known_before_anything_is_wished(school: School) -> None:
    policy.change(school.arts, {"tokens_at_once": 1}, actor=None, now=NOW)
    token(school.student)
    students = [school.student.pk, school.other_student.pk]
    found = lifecycle.refusals_of(students, None, actor=school.teacher, now=NOW)
    assert {pk: refusal.code for pk, refusal in found.items()} == {school.student.pk: Code.TOO_MANY_TOKENS}


def test_nobody_who_holds_rights_that_the_teacher_lacks_gets_one_from_them(school: School) -> None:
    enroll(school.science_admin, role(Base.STUDENT), course=school.history)
    assert outcomes(made(school))["science-admin"] == "rights_lacked"


def test_a_second_click_makes_nothing(school: School) -> None:
    assert made(school, key="one") == made(school, key="one")
    assert made(school, key="two") != ClassIssue.objects.earliest("pk")
    assert AccessToken.objects.count() == 4


def test_a_student_who_comes_later_gets_theirs_once_whoever_asks(school: School) -> None:
    issue = made(school)
    enroll(school.outsider, role(Base.STUDENT), course=school.history)
    colleague = person("colleague")
    enroll(colleague, role(Base.TEACHER), course=school.history)
    assert classes.count_new(issue, actor=colleague, now=NOW) == 1
    assert classes.add_new(issue, actor=colleague, now=NOW) == 1
    assert classes.add_new(issue, actor=school.teacher, now=NOW) == 0
    assert token_of(issue, school.outsider).creator == colleague
    assert AuditEvent.objects.filter(action="class.add").count() == 1


def test_whoever_was_refused_gets_theirs_when_nothing_is_in_the_way_any_more(school: School) -> None:
    policy.change(school.arts, {"audience": "no_students"}, actor=None, now=NOW)
    issue = made(school)
    policy.change(school.arts, {"audience": "everyone"}, actor=None, now=NOW)
    assert classes.add_new(issue, actor=school.teacher, now=NOW) == 2
    assert set(outcomes(issue).values()) == {""}
    assert AccessToken.objects.count() == 2


def test_the_database_has_one_a_student_in_an_issue(school: School) -> None:
    issue = made(school)
    with pytest.raises(Exception, match="class_item_once"), transaction.atomic():
        ClassItem.objects.create(issue=issue, student=school.student, made_by=school.teacher)


def test_revoking_a_class_ends_its_tokens_and_no_others(school: School) -> None:
    issue, own, other = made(school), token(school.student).token, made(school, purpose="Another")
    lifecycle.activate(token_of(issue, school.student), actor=school.student, now=NOW)
    assert classes.revoke(issue, actor=school.teacher, now=NOW) == 2
    assert classes.revoke(issue, actor=school.teacher, now=NOW) == 0
    own.refresh_from_db()
    assert own.state == State.ACTIVE
    assert {each.state for each in AccessToken.objects.filter(class_item__issue=issue)} == {State.REVOKED}
    assert {each.state for each in AccessToken.objects.filter(class_item__issue=other)} == {State.PENDING}
    issue.refresh_from_db()
    assert refused(classes.add_new, issue, actor=school.teacher, now=NOW) == Code.CLASS_TOO_LATE
    assert AuditEvent.objects.get(action="class.revoke").after["students"] == 2


def test_those_who_wait_are_reminded_once_a_day(school: School) -> None:
    issue = made(school)
    assert refused(classes.remind, issue, actor=school.teacher, now=NOW + DAY / 2) == Code.REMINDED_TODAY
    lifecycle.activate(token_of(issue, school.student), actor=school.student, now=NOW)
    assert classes.remind(issue, actor=school.teacher, now=NOW + DAY) == 1
    assert refused(classes.remind, issue, actor=school.teacher, now=NOW + DAY) == Code.REMINDED_TODAY
    notice = Notice.objects.get(event="class.remind")
    assert (notice.person, notice.facts["course"], len(notice.facts["tokens"])) == (
        school.other_student,
        "HIST 101",
        1,
    )


def test_the_account_of_the_course_says_who_makes_them(school: School) -> None:
    assistant = person("assistant")
    enroll(assistant, role(Base.TA), course=school.history)
    issue = made(school)
    expected = {
        "instructors": ({school.history.pk}, {school.history.pk}, set()),
        "staff": ({school.history.pk}, {school.history.pk}, {school.history.pk}),
        "nobody": (set(), {school.history.pk}, set()),
    }
    for value, (making, seeing, of_assistant) in expected.items():
        policy.change(school.arts, {"class_tokens": value}, actor=None, now=NOW)
        held, helping = teaching(school.teacher), teaching(assistant)
        assert (set(held.making), set(held.seeing)) == (making, seeing)
        assert (set(helping.making), set(helping.seeing)) == (of_assistant, of_assistant)
        assert held.get_issue(issue.pk) == issue  # what exists is still seen to


def test_who_does_not_teach_the_course_now_finds_nothing(school: School) -> None:
    issue, former = made(school), person("former")
    enroll(former, role(Base.TEACHER), course=school.history, ends_at=NOW)
    enroll(former, role(Base.TEACHER), course=school.physics)
    for user in (former, school.student, school.admin, school.outsider):
        with pytest.raises(Http404):
            teaching(user).get_course(school.history.pk)
        with pytest.raises(Http404):
            teaching(user).get_issue(issue.pk)


def test_what_a_request_leaves_the_job_makes_and_a_teacher_who_left_makes_no_more(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tokens.classes.making.AT_ONCE", 1)
    issue, late = made(school), made(school, purpose="Late")
    assert classes.progress_of(issue, now=NOW) == Progress(made=1, left=1, open=1, making=1)
    assert classes.waiting() == [issue.pk, late.pk]
    assert list(classes.carry_on(issue.pk, clock=lambda: NOW)) == [1]
    assert classes.progress_of(issue, now=NOW).made == 2
    school.teacher.enrollments.update(state=EnrollmentState.COMPLETED)
    assert list(classes.carry_on(late.pk, clock=lambda: NOW)) == [1]
    assert sorted(outcomes(late).values()) == ["", "class_too_late"]
    assert classes.waiting() == []


def test_a_large_class_costs_no_more_statements_than_a_small_one(school: School) -> None:
    policy.change(school.arts, {"tokens_at_once": 5}, actor=None, now=NOW)
    with CaptureQueriesContext(
        connection,
    ) as small:
        made(school)
    students = [User(login_id=f"s{n}", name=f"S {n}") for n in range(60)]
    for each in User.objects.bulk_create(students):
        enroll(each, role(Base.STUDENT), course=school.history)
    with CaptureQueriesContext(connection) as large:
        issue = made(school)
    assert classes.progress_of(issue, now=NOW).made == 62
    assert len(large) == len(small)


def test_students_are_told_where_to_pick_theirs_up(school: School) -> None:
    issue = made(school)
    classes.remind(issue, actor=school.teacher, now=NOW + DAY)
    for notice in Notice.objects.all():
        subject, body = notifications.written(notice.person, notice.event, notice.facts)
        assert "HIST 101" in body
        assert "choose Pick up" in body
        assert "hands it to you" not in body
        assert ("Reminder" in subject) == (notice.event == "class.remind")
