"""Requests: what may be asked for, who answers, and the one token that an approval is good for."""

import itertools
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Enrollment, User
from accounts.roles import Base, EnrollmentState, Permission
from policies import settings
from policies.models import Exemption
from policies.refusals import Code, Refused
from policies.wording import sentence
from tests.cast import NOW, School, enroll, role, token
from tokens import lifecycle, notifications, requests, tasks
from tokens.lifecycle import Change
from tokens.models import AccessToken, Notice, RequestState, TokenRequest
from tokens.verification import verify

DAY = timedelta(days=1)
UPDATE = "UPDATE tokens_tokenrequest SET {} WHERE id = %s"
ARROWS = {
    *(("open", state) for state in ("approved", "refused", "withdrawn", "lapsed")),
    *(("approved", state) for state in ("withdrawn", "lapsed", "used")),
}


@pytest.fixture(autouse=True)
def _approval_is_needed(school: School) -> None:
    rule(school, approval="students")


def rule(school: School, **values: Any) -> None:
    settings.change(school.root, values, actor=school.admin, now=NOW)


def asked(person: User, *, days: int | None = 30, **more: Any) -> TokenRequest:
    values = {"purpose": "Thesis data", "why": "The lab\nneeds it", "now": NOW, **more}
    return requests.ask(person, expires_at=None if days is None else values["now"] + days * DAY, **values)


def approved(school: School, **more: Any) -> TokenRequest:
    return requests.approve(asked(school.student, **more), actor=school.admin, now=NOW)


def refusal(act: Callable[[], object]) -> Code:
    with pytest.raises(Refused) as refused:
        act()
    assert sentence(refused.value.refusals[0])
    return refused.value.code


def generate(request: TokenRequest, **more: Any) -> lifecycle.Issued:
    return lifecycle.issue_approved(request, **{"actor": request.person, "now": NOW, **more})


def test_whoever_needs_approval_makes_no_token_without_it(school: School) -> None:
    assert refusal(lambda: token(school.student)) == Code.APPROVAL_NEEDED
    assert token(school.teacher).token.pk
    assert token(school.student, actor=school.admin).token.pk
    rule(school, approval="everyone")
    assert refusal(lambda: token(school.teacher)) == Code.APPROVAL_NEEDED
    assert token(school.admin).token.pk


def test_an_approved_request_is_good_for_this_very_token_once(school: School) -> None:
    request = approved(school, scopes=["url:GET|/api/v1/users/:id"])
    assert not AccessToken.objects.exists()
    made = generate(request)
    assert verify(made.secret, now=NOW).is_live
    assert (made.token.purpose, made.token.expires_at) == ("Thesis data", NOW + 30 * DAY)
    assert made.token.scopes == ["url:GET|/api/v1/users/:id"]
    assert AuditEvent.objects.get(action="token.issue").reason == ""  # it is nobody's formerly
    assert refusal(lambda: generate(request)) == Code.REQUEST_NOT_APPROVED
    request.refresh_from_db()
    assert (request.state, request.token, request.decided_by) == (RequestState.USED, made.token, school.admin)


def test_every_verb_leaves_a_line_that_names_the_purpose(school: School) -> None:
    generate(approved(school))
    requests.withdraw(asked(school.student), actor=school.student, now=NOW)
    requests.turn_down(asked(school.student), actor=school.admin, now=NOW, reason="Too broad")
    asked(school.student)
    requests.lapse_many(now=NOW + 14 * DAY, most=10)
    lines = AuditEvent.objects.filter(action__startswith="request.").order_by("pk")
    told = [line.action.partition(".")[2] for line in lines]
    assert told == ["ask", "approve", "use", "ask", "withdraw", "ask", "refuse", "ask", "lapse"]
    assert {line.after["purpose"] for line in lines} == {"Thesis data"}
    assert {line.person for line in lines} == {school.student}
    assert lines.get(action="request.refuse").reason == "Too broad"


def test_the_end_may_be_shortened_but_not_moved_later(school: School) -> None:
    request, later = asked(school.student), NOW + 31 * DAY
    answer = partial(requests.approve, request, actor=school.admin, now=NOW)
    assert refusal(lambda: answer(no_later_than=later)) == Code.END_NOT_SHORTER
    assert refusal(lambda: answer(no_later_than=NOW)) == Code.EXPIRY_IN_PAST
    assert generate(answer(no_later_than=NOW + DAY)).token.expires_at == NOW + DAY


@pytest.mark.parametrize("days", [14, 15])
def test_an_approval_that_nobody_used_in_14_days_is_good_for_nothing(school: School, days: int) -> None:
    request = approved(school)
    assert refusal(lambda: generate(request, now=NOW + days * DAY)) == Code.REQUEST_NOT_APPROVED
    assert requests.lapse_many(now=NOW + days * DAY, most=10) == 1
    assert Notice.objects.filter(event="request.lapse", person=school.student).exists()


def test_nobody_uses_the_approval_of_another(school: School) -> None:
    request = approved(school)
    assert refusal(lambda: generate(request, actor=school.other_student)) == Code.REQUEST_NOT_APPROVED


@pytest.mark.parametrize("state", ["open", "refused", "withdrawn", "lapsed"])
def test_only_an_approved_request_makes_a_token(school: School, state: str) -> None:
    request = brought_to(school, state)
    assert refusal(lambda: generate(request)) == Code.REQUEST_NOT_APPROVED


def test_an_approval_holds_under_the_rules_of_the_day_it_is_used(school: School) -> None:
    request = approved(school)
    rule(school, student_cap_days=7)
    assert refusal(lambda: generate(request)) == Code.EXPIRY_BEYOND_CAP
    rule(school, student_cap_days=None, audience="no_students")
    assert refusal(lambda: generate(request)) == Code.CREATION_NOT_ALLOWED
    request.refresh_from_db()
    assert request.state == RequestState.APPROVED


def test_what_waits_is_not_asked_for_twice_and_not_without_end(school: School) -> None:
    assert asked(school.student) == asked(school.student)
    for number in range(4):
        asked(school.student, purpose=f"Another {number}")
    assert refusal(lambda: asked(school.student, purpose="One more")) == Code.TOO_MANY_REQUESTS
    asked(school.other_student)


def test_every_reason_against_a_request_is_given_at_once(school: School) -> None:
    with pytest.raises(Refused) as refused:
        asked(school.student, purpose=" ", why="", days=None, scopes=["no such"])
    assert [reason.code for reason in refused.value.refusals] == [
        Code.PURPOSE_BLANK,
        Code.EXPIRY_REQUIRED,
        Code.SCOPE_UNKNOWN,
        Code.REASON_MISSING,
    ]
    assert not TokenRequest.objects.exists()


def test_what_needs_no_approval_is_not_asked_for(school: School) -> None:
    assert refusal(lambda: asked(school.teacher)) == Code.APPROVAL_NOT_NEEDED
    rule(school, audience="no_students")
    assert refusal(lambda: asked(school.student)) == Code.CREATION_NOT_ALLOWED


def test_the_policy_approves_what_is_to_live_shortly_at_once_and_that_is_recorded(school: School) -> None:
    rule(school, auto_approve_days=7)
    end_of_the_day = NOW + 7 * DAY + timedelta(hours=11, minutes=59, seconds=59)  # in UTC, the zone of the cast
    request = requests.ask(school.student, purpose="A week", why="To try it", expires_at=end_of_the_day, now=NOW)
    assert (request.state, request.is_automatic) == (RequestState.APPROVED, True)
    assert AuditEvent.objects.get(action="request.approve").actor is None
    assert asked(school.student, days=8).state == RequestState.OPEN
    assert generate(request).token.expires_at == end_of_the_day


def test_nothing_endless_is_approved_at_once(school: School) -> None:
    rule(school, approval="everyone", auto_approve_days=3650)
    assert asked(school.teacher, days=None).state == RequestState.OPEN


def test_nobody_answers_their_own_request(school: School) -> None:
    rule(school, admin_cap_days=30)
    request = asked(school.admin, days=60)
    assert refusal(lambda: requests.approve(request, actor=school.admin, now=NOW)) == Code.APPROVAL_OF_ONESELF
    refused = partial(requests.turn_down, request, actor=school.admin, now=NOW, reason="x")
    assert refusal(refused) == Code.APPROVAL_OF_ONESELF


def test_a_refusal_needs_a_reason_of_which_the_asker_is_told(school: School) -> None:
    request = asked(school.student)
    refuse = partial(requests.turn_down, request, actor=school.admin, now=NOW)
    assert refusal(lambda: refuse(reason="  ")) == Code.REASON_MISSING
    assert refuse(reason="Use the one you have").state == RequestState.REFUSED
    notifications.deliver(now=NOW)
    [sent] = mail.outbox
    assert sent.to == [school.student.email]
    assert "Use the one you have" in str(sent.body)
    assert refusal(lambda: refuse(reason="Again")) == Code.REQUEST_ANSWERED


def test_the_asker_is_told_of_an_approval_and_of_a_shorter_end(school: School) -> None:
    requests.approve(asked(school.student), actor=school.admin, now=NOW, no_later_than=NOW + DAY)
    notifications.deliver(now=NOW)
    [sent] = mail.outbox
    for words in ("Thesis data", "earlier than you asked for, 24 November 2026", "before 24 November 2026", "Admin"):
        assert words in str(sent.body)


def test_many_are_answered_together_and_those_that_cannot_be_are_left(school: School) -> None:
    rule(school, student_cap_days=60)
    mine, beyond, theirs = asked(school.student), asked(school.student, days=90), asked(school.other_student)
    enroll(school.teacher, role(Base.ADMIN, "Token desk", (Permission.TOKENS_CREATE,)))
    answered = requests.approve_many([mine, beyond, theirs], actor=school.teacher, now=NOW)
    assert (answered.done, [refused.code for refused in answered.left]) == (2, [Code.CAP_NEEDS_POLICY])
    answered = requests.turn_down_many([mine, beyond], actor=school.teacher, now=NOW, reason="No")
    assert (answered.done, [refused.code for refused in answered.left]) == (1, [Code.REQUEST_ANSWERED])
    reasonless = partial(requests.turn_down_many, [theirs], actor=school.teacher, now=NOW, reason="")
    assert refusal(reasonless) == Code.REASON_MISSING


def test_a_request_lapses_after_14_days_once(school: School) -> None:
    asked(school.student), asked(school.other_student, now=NOW + DAY)
    assert [requests.lapse_many(now=NOW + days * DAY, most=1) for days in (13, 14, 14, 15)] == [0, 1, 0, 1]
    notifications.deliver(now=NOW)
    assert "Nobody has answered" in str(mail.outbox[0].body)


def test_a_request_for_a_time_that_is_over_lapses_too(school: School) -> None:
    asked(school.student, days=1)
    assert requests.lapse_many(now=NOW + DAY, most=10) == 1


def test_the_job_closes_what_is_left_over(school: School) -> None:
    asked(school.student, now=timezone.now() - 15 * DAY)
    assert (tasks.lapse_requests(), tasks.lapse_requests()) == (1, 0)


def test_a_longer_life_than_the_cap_is_asked_for_and_makes_an_exemption(school: School) -> None:
    rule(school, approval="nobody")
    assert refusal(lambda: token(school.student, days=200)) == Code.EXPIRY_BEYOND_CAP
    request = asked(school.student, days=200)
    requests.approve(request, actor=school.admin, now=NOW)
    exemption = Exemption.objects.get(person=school.student)
    assert exemption.ends_at == NOW + 80 * DAY
    assert exemption.reason == f"Request {request.pk}: Thesis data"
    assert exemption.approved_by == school.admin
    assert generate(request).token.expires_at == NOW + 200 * DAY
    assert refusal(lambda: token(school.student, days=201)) == Code.EXPIRY_BEYOND_CAP


def test_the_latest_end_that_can_be_asked_for_is_half_a_year_and_the_cap(school: School) -> None:
    assert asked(school.student, days=300).pk
    with pytest.raises(Refused) as refused:
        asked(school.student, days=301)
    assert sentence(refused.value.refusals[0]) == "The latest end that you can ask for is 19 September 2027."
    rule(school, longer_on_request=False)
    assert refusal(lambda: asked(school.student, days=121)) == Code.EXPIRY_BEYOND_CAP


def test_beyond_the_cap_approves_only_who_may_edit_the_policy(school: School) -> None:
    enroll(school.teacher, role(Base.ADMIN, "Token desk", (Permission.TOKENS_CREATE,)))
    request = asked(school.student, days=200)
    answer = partial(requests.approve, request, actor=school.teacher, now=NOW)
    assert refusal(answer) == Code.CAP_NEEDS_POLICY
    assert answer(no_later_than=NOW + 120 * DAY).approved_end == NOW + 120 * DAY
    assert not Exemption.objects.exists()


def test_an_approved_token_may_become_less_but_not_more(school: School) -> None:
    scope = "url:GET|/api/v1/users/:id"
    made = generate(approved(school, scopes=[scope, "url:GET|/api/v1/accounts"])).token
    act: dict[str, Any] = {"actor": school.student, "now": NOW}
    longer, broader = Change(expires_at=NOW + 31 * DAY), Change(scopes=[])
    for change in (longer, broader):
        assert refusal(partial(lifecycle.update, made, change, **act)) == Code.APPROVAL_NEEDED
        assert refusal(partial(lifecycle.regenerate, made, change, **act)) == Code.APPROVAL_NEEDED
    assert lifecycle.update(made, Change(expires_at=NOW + 20 * DAY, scopes=[scope]), **act).scopes == [scope]
    assert verify(lifecycle.regenerate(made, **act).secret, now=NOW).is_live
    after = NOW + 21 * DAY
    revival = partial(lifecycle.regenerate, made, Change(expires_at=after + DAY), actor=school.student, now=after)
    assert refusal(revival) == Code.APPROVAL_NEEDED
    assert lifecycle.update(made, longer, actor=school.admin, now=NOW).expires_at == NOW + 31 * DAY


def test_who_no_longer_needs_approval_makes_their_own(school: School) -> None:
    Enrollment.objects.filter(user=school.student).update(state=EnrollmentState.COMPLETED)
    enroll(school.student, role(Base.TEACHER))
    assert token(school.student).token.pk


def brought_to(school: School, state: str) -> TokenRequest:
    if state in ("approved", "used"):
        request = approved(school)
        if state == "used":
            generate(request)
        return request
    request = asked(school.student)
    if state == "refused":
        return requests.turn_down(request, actor=school.admin, now=NOW, reason="No")
    if state == "withdrawn":
        return requests.withdraw(request, actor=school.student, now=NOW)
    if state == "lapsed":
        requests.lapse_many(now=NOW + 14 * DAY, most=10)
    return request


@pytest.mark.parametrize(
    ("old", "new"), [pair for pair in itertools.product(RequestState.values, repeat=2) if pair[0] != pair[1]]
)
def test_the_database_knows_only_the_drawn_arrows(school: School, old: str, new: str) -> None:
    request = brought_to(school, old)
    made = token(school.student, actor=school.admin).token.pk
    sql = (
        "UPDATE tokens_tokenrequest SET state = %s, reason = COALESCE(NULLIF(reason, ''), %s), token_id = %s,"
        " decided_at = COALESCE(decided_at, now()), approved_end = COALESCE(approved_end, %s) WHERE id = %s"
    )
    reason = "No" if new == "refused" else ""
    end = request.expires_at if new == "approved" else None
    values = [new, reason, made if new == "used" else None, end, request.pk]
    assert is_refused(sql, values) == ((old, new) not in ARROWS)


@pytest.mark.parametrize(
    "change", ["purpose = 'Another'", "person_id = person_id + 1", "expires_at = NULL", "scopes = '{x}'", "why = 'x'"]
)
def test_the_database_keeps_what_was_asked_for(school: School, change: str) -> None:
    request = asked(school.student)
    assert is_refused(UPDATE.format(change), [request.pk])


def test_the_database_keeps_what_was_answered(school: School) -> None:
    request = approved(school)
    sql = "UPDATE tokens_tokenrequest SET approved_end = approved_end - interval '1 day' WHERE id = %s"
    assert is_refused(sql, [request.pk])


def is_refused(sql: str, values: list[Any]) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
    except DatabaseError:
        return True
    return False


@pytest.mark.django_db(transaction=True)
def test_two_uses_at_the_same_moment_make_one_token(school: School) -> None:
    request, outcomes = approved(school), []

    def use() -> None:
        try:
            outcomes.append(generate(request).secret)
        except Refused as refused:
            outcomes.append(refused.code)
        finally:
            connection.close()

    users = [threading.Thread(target=use) for _ in range(2)]
    for user in users:
        user.start()
    for user in users:
        user.join()
    assert Code.REQUEST_NOT_APPROVED in outcomes
    assert AccessToken.objects.count() == 1
