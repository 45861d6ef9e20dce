"""What a verb leaves alone: other tokens, other people's, and what has changed meanwhile."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.audit import AuditEvent
from accounts.models import Enrollment, User
from accounts.roles import Base, Permission
from policies import settings
from tests.cast import NOW, School, enroll, person, role, token
from tokens import classes, lifecycle
from tokens.lifecycle import Change, Foreign
from tokens.models import AccessToken, JournalLine, Notice, State, SupersededSecret
from tokens.verification import Outcome, verify

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
THEN = NOW + DAY


def test_stopping_an_earlier_secret_stops_that_of_no_other_token(school: School) -> None:
    mine, theirs = token(school.student), token(school.student)
    for each in (mine, theirs):
        lifecycle.regenerate(each.token, actor=school.student, now=NOW, overlap=HOUR)
    lifecycle.end_overlap(mine.token, actor=school.student, now=NOW)
    assert verify(mine.secret, now=NOW).outcome == Outcome.SUPERSEDED
    assert verify(theirs.secret, now=NOW).is_live


def test_resuming_some_leaves_the_others_stopped(school: School) -> None:
    made, other = token(school.student).token, token(school.student).token
    lifecycle.suspend_many([made.pk, other.pk], actor=None, now=NOW)
    assert lifecycle.resume_many([made.pk], actor=None, now=NOW) == [made.pk]
    other.refresh_from_db()
    assert other.state == State.SUSPENDED


def test_resuming_many_brings_them_under_the_cap_of_their_owners(school: School) -> None:
    owner = person("late")
    held = enroll(owner, role(Base.TEACHER))
    made = token(owner, days=None).token
    lifecycle.suspend_many([made.pk], actor=None, now=NOW)
    Enrollment.objects.filter(pk=held.pk).update(ends_at=NOW)
    lifecycle.resume_many([made.pk], actor=None, now=NOW)
    made.refresh_from_db()
    assert made.expires_at == NOW + 120 * DAY


def test_an_end_that_was_allowed_once_may_be_kept_or_come_sooner(school: School) -> None:
    made, later = token(school.teacher, days=400).token, NOW + 300 * DAY
    school.teacher.enrollments.update(role=role(Base.STUDENT))
    sooner = Change(expires_at=NOW + 390 * DAY)
    assert lifecycle.update(made, sooner, actor=school.teacher, now=later).expires_at == NOW + 390 * DAY


@pytest.mark.parametrize("wrong", ["lookup id", "key", "tag"])
def test_a_new_tag_takes_the_place_of_the_very_one_that_was_checked(school: School, wrong: str) -> None:
    made = token(school.student).token
    seen = {"lookup id": made.lookup_id, "key": made.tag_key, "tag": bytes(made.tag)}
    seen[wrong] = b"x" * 32 if wrong == "tag" else "another"
    checked: Any = (seen["key"], seen["tag"])
    lifecycle.retag(str(seen["lookup id"]), checked=checked, new=("new", b"n" * 32))
    after = AccessToken.objects.get()
    assert (after.tag_key, bytes(after.tag)) == (made.tag_key, bytes(made.tag))


def test_an_earlier_secret_is_tagged_anew_too(school: School) -> None:
    made = token(school.student).token
    key, tag, lookup_id = made.tag_key, bytes(made.tag), made.lookup_id
    now = lifecycle.regenerate(made, actor=school.student, now=NOW, overlap=HOUR).token
    lifecycle.retag(lookup_id, checked=(key, tag), new=("new", b"n" * 32))
    kept, after = SupersededSecret.objects.get(), AccessToken.objects.get()
    assert (kept.tag_key, bytes(kept.tag)) == ("new", b"n" * 32)
    assert (after.tag_key, bytes(after.tag)) == (now.tag_key, bytes(now.tag))


def test_a_token_of_a_class_gets_its_secret_by_being_picked_up_once(school: School) -> None:
    issue = classes.make(school.history, actor=school.teacher, now=NOW, purpose="Archive", expires_at=NOW + 9 * DAY)
    item = issue.items.get(student=school.student)
    assert item.token is not None
    assert lifecycle.activate(item.token, actor=school.student, now=NOW).secret
    seen = lifecycle.regenerate(item.token, actor=school.admin, now=NOW)
    assert lifecycle.activate(item.token, actor=school.student, now=THEN).secret == ""
    assert verify(seen.secret, now=THEN).is_live
    item.refresh_from_db()
    assert item.picked_up_at == NOW


def test_tokens_for_a_class_are_told_and_lined_by_who_made_them(school: School) -> None:
    enroll(school.teacher, role(Base.STUDENT), course=school.history)
    wish, owners = lifecycle.Wish("Archive", NOW + DAY), [school.student.pk, school.teacher.pk]
    made, _refused = lifecycle.issue_many(
        owners, wish, actor=school.teacher, now=NOW, about={"class": 7}, course="HIST 101"
    )
    line = AuditEvent.objects.get(subject_id=made[school.student.pk].pk)
    assert line.after["class"] == 7
    assert (line.after["purpose"], line.after["state"]) == ("Archive", "pending")
    [notice] = Notice.objects.all()  # nobody is told of what they did themselves
    assert (notice.person, notice.facts["by"], notice.facts["course"]) == (school.student, "Teacher", "HIST 101")


def brought(owner: User, days: int | None = 30) -> Foreign:
    end = None if days is None else NOW + days * DAY
    return Foreign(owner.pk, "Homework", end, bytes([owner.pk % 256]) * 32, NOW - DAY)


def test_what_is_brought_is_lined_and_told_by_who_brought_it(school: School) -> None:
    wanted = [brought(school.student), brought(school.admin), brought(school.other_student, None)]
    made = lifecycle.import_many(wanted, source="Canvas", actor=school.admin, now=NOW)
    lines = AuditEvent.objects.filter(action="token.import").order_by("pk")
    assert [(line.actor, line.person_id, line.subject_id) for line in lines] == [
        (school.admin, each.owner_id, row.pk) for each, row in made
    ]
    assert [line.before for line in lines] == [{}, {}, {"expires_at": None}]  # of before, what the cap has moved
    assert lines[0].after["expires_at"] == "2026-12-23T12:00:00Z"
    notices = Notice.objects.order_by("person_id")
    assert {(notice.person, notice.facts["by"]) for notice in notices} == {
        (school.student, "Admin"),
        (school.other_student, "Admin"),
    }


def test_a_warning_is_lined_and_told_with_the_moment_when_the_token_ends(school: School) -> None:
    settings.change(school.root, {"unused_days": 30}, actor=None, now=NOW)
    made = token(school.teacher, days=None).token
    lifecycle.tend_unused([school.teacher.pk], now=NOW + 23 * DAY)
    line = AuditEvent.objects.get(action="token.unused_warning")
    assert (line.at, line.actor, line.person, line.subject_id) == (NOW + 23 * DAY, None, school.teacher, made.pk)
    assert (line.before, line.after) == ({}, {"ends_unused_at": "2026-12-23T12:00:00Z"})
    [told] = Notice.objects.get(event="token.unused_warning").facts["tokens"]
    end = "2026-12-23T12:00:00+00:00"
    assert told == {"id": made.pk, "purpose": "Grade dashboard", "expires_at": end}


def test_what_the_rules_shorten_is_not_journaled_and_what_somebody_shortens_after_is(school: School) -> None:
    made = token(school.student, days=100).token
    settings.change(school.root, {"student_cap_days": 30}, actor=None, now=NOW)
    assert not JournalLine.objects.exists()
    lifecycle.update(made, Change(expires_at=NOW + DAY), actor=school.student, now=NOW)
    assert [(each.what, each.lookup_id) for each in JournalLine.objects.all()] == [("ends", made.lookup_id)]


def test_an_act_is_judged_by_the_roles_that_count_at_its_moment(school: School) -> None:
    keeper = person("keeper")
    label, rights = "Keeper", (Permission.TOKENS_VIEW, Permission.TOKENS_CREATE)
    enroll(keeper, role(Base.ADMIN, label, rights), starts_at=NOW, ends_at=NOW + HOUR)
    made = lifecycle.issue(
        keeper, purpose="Sync", expires_at=None, scopes=["tokens:manage"], actor=keeper, now=NOW
    ).token
    change = Change(scopes=["tokens:manage"])
    assert lifecycle.update(made, change, actor=keeper, now=NOW).scopes == ["tokens:manage"]
    again = lifecycle.regenerate(made, change, actor=keeper, now=NOW).token
    assert again.scopes == ["tokens:manage"]


def test_a_class_is_judged_by_the_roles_that_its_maker_holds_then(school: School) -> None:
    keeper = person("keeper")
    enroll(keeper, role(Base.ADMIN, "Keeper", (Permission.TOKENS_CREATE,)), starts_at=NOW, ends_at=NOW + HOUR)
    settings.change(school.root, {"audience": "admins_only"}, actor=None, now=NOW)
    wanted = [school.student.pk]
    assert lifecycle.refusals_of(wanted, None, actor=keeper, now=NOW) == {}
    assert set(lifecycle.refusals_of(wanted, None, actor=keeper, now=NOW + HOUR)) == {school.student.pk}


def hand_over(school: School, made: AccessToken, *, reason: str = "", to: User | None = None) -> AccessToken:
    mine, heir = AccessToken.objects.filter(pk=made.pk), to or school.other_student
    more = {"reason": reason} if reason else {}
    assert lifecycle.hand_over(made.user, mine, to=heir, actor=school.admin, now=NOW, **more) == 1
    made.refresh_from_db()
    return AccessToken.objects.get(user=heir)


def test_what_is_handed_over_keeps_its_end_and_says_to_whom_it_went(school: School) -> None:
    made = token(school.student, days=7).token
    assert hand_over(school, made).expires_at == NOW + 7 * DAY
    assert (made.state, made.revoked_reason) == (State.REVOKED, "Handed over to Other Student.")
    assert made.revoked_code == "owner_left"


def test_a_reason_that_is_too_long_with_whom_it_went_to_is_cut(school: School) -> None:
    made = token(school.student, days=7).token
    hand_over(school, made, reason="x" * 255)
    assert made.revoked_reason == "Handed over to Other Student. " + "x" * 225


def test_the_successor_holds_the_scopes_that_their_roles_allow_at_that_moment(school: School) -> None:
    heir = person("heir")
    rights = (Permission.TOKENS_VIEW, Permission.TOKENS_CREATE)
    enroll(heir, role(Base.ADMIN, "Keeper", rights), starts_at=NOW, ends_at=NOW + HOUR)
    made = token(school.admin).token
    AccessToken.objects.filter(pk=made.pk).update(scopes=["tokens:manage"])
    assert hand_over(school, made, to=heir).scopes == ["tokens:manage"]


def test_those_of_whoever_is_switched_off_without_a_reason_have_none(school: School) -> None:
    works, waits = token(school.student).token, token(school.student, actor=school.admin).token
    assert lifecycle.stop_all([school.student.pk], actor=None, now=THEN) == 2
    lines = AuditEvent.objects.filter(at=THEN).order_by("pk")
    assert [(line.subject_id, line.reason, line.before, line.after) for line in lines] == [
        (works.pk, "", {"state": "active"}, {"state": "suspended", "reason_code": "owner_left"}),
        (waits.pk, "", {"state": "pending"}, {"state": "revoked", "reason_code": "owner_left"}),
    ]
    waits.refresh_from_db()
    assert (waits.revoked_reason, waits.revoked_at, waits.updated_at) == ("", THEN, THEN)
