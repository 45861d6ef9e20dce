"""Each verb on one token: what it changes, what it refuses, and the line it leaves."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from accounts.audit import AuditEvent
from accounts.models import Enrollment, User
from accounts.roles import EnrollmentState
from policies import settings
from policies.refusals import Code, Refused
from tests.cast import NOW, School, token
from tokens import lifecycle
from tokens.lifecycle import Change
from tokens.models import AccessToken, Notice, State
from tokens.reasons import Reason
from tokens.verification import Outcome, verify

LATER = NOW + timedelta(days=1)
DAY = timedelta(days=1)


def refusal(act: Callable[[], object]) -> Code:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


def pending(school: School) -> AccessToken:
    return token(school.student, actor=school.admin).token


def suspended(school: School) -> AccessToken:
    return lifecycle.suspend(token(school.student).token, actor=school.admin, now=NOW)


VERBS: dict[str, Callable[[School], AccessToken]] = {
    "token.issue": lambda s: token(s.student).token,
    "token.update": lambda s: lifecycle.update(token(s.student).token, Change(purpose="New"), actor=s.student, now=NOW),
    "token.regenerate": lambda s: lifecycle.regenerate(token(s.student).token, actor=s.student, now=NOW).token,
    "token.activate": lambda s: lifecycle.activate(pending(s), actor=s.student, now=NOW).token,
    "token.suspend": suspended,
    "token.resume": lambda s: lifecycle.resume(suspended(s), actor=s.admin, now=NOW),
    "token.revoke": lambda s: lifecycle.revoke(token(s.student).token, actor=s.admin, now=NOW, reason=Reason("leaked")),
}


@pytest.mark.parametrize("event", VERBS)
def test_every_verb_leaves_its_audit_line(school: School, event: str) -> None:
    changed = VERBS[event](school)
    line = AuditEvent.objects.latest("id")
    assert (line.action, line.subject_id, line.person_id) == (event, changed.pk, changed.user_id)
    assert line.actor is not None


def test_a_refused_verb_changes_nothing_and_leaves_no_line(school: School) -> None:
    assert refusal(lambda: token(school.student, days=121)) == Code.EXPIRY_BEYOND_CAP
    assert not AccessToken.objects.exists()
    assert not AuditEvent.objects.exists()
    assert not Notice.objects.exists()


def test_every_reason_is_given_at_once(school: School) -> None:
    with pytest.raises(Refused) as refused:
        token(school.student, purpose=" ", days=None)
    assert [r.code for r in refused.value.refusals] == [Code.PURPOSE_BLANK, Code.EXPIRY_REQUIRED]


def test_an_instructor_makes_a_token_without_an_end(school: School) -> None:
    assert token(school.teacher, days=None).token.expires_at is None


def test_a_token_made_for_somebody_waits_for_them_and_obeys_their_cap(school: School) -> None:
    made = token(school.student, actor=school.admin)
    assert (made.token.state, made.token.creator) == (State.PENDING, school.admin)
    assert verify(made.secret, now=NOW).outcome == Outcome.PENDING
    assert refusal(lambda: token(school.student, actor=school.admin, days=None)) == Code.EXPIRY_REQUIRED
    lifecycle.activate(made.token, actor=school.student, now=NOW)
    assert verify(made.secret, now=NOW).is_live


def test_a_limit_of_whoever_makes_it_is_none_of_the_owners(school: School) -> None:
    settings.change(school.root, {"admin_cap_days": 10}, actor=None, now=NOW)
    assert refusal(lambda: token(school.admin, days=None)) == Code.EXPIRY_REQUIRED
    made = token(school.teacher, days=None, actor=school.admin).token
    again = lifecycle.regenerate(made, Change(expires_at=NOW + 900 * DAY), actor=school.admin, now=NOW)
    assert (again.token.state, again.token.expires_at) == (State.PENDING, NOW + 900 * DAY)


def test_the_owner_is_told_of_what_others_do_and_not_of_their_own_acts(school: School) -> None:
    own = token(school.student).token
    assert not Notice.objects.exists()
    lifecycle.revoke(own, actor=school.admin, now=NOW, reason=Reason("leaked"))
    notice = Notice.objects.get()
    assert (notice.person, notice.event, notice.facts["reason"]) == (school.student, "token.revoke", "leaked")


def test_a_regenerated_token_forgets_its_old_secret(school: School) -> None:
    old = token(school.student)
    new = lifecycle.regenerate(old.token, actor=school.student, now=LATER)
    assert verify(old.secret, now=LATER).outcome == Outcome.INVALID
    assert verify(new.secret, now=LATER).is_live
    assert (new.token.pk, new.token.secret_made_at) == (old.token.pk, LATER)


def test_regenerating_on_behalf_waits_for_the_owner_again(school: School) -> None:
    again = lifecycle.regenerate(token(school.student).token, actor=school.admin, now=NOW)
    assert verify(again.secret, now=NOW).outcome == Outcome.PENDING


def test_regenerating_does_not_lift_a_suspension(school: School) -> None:
    again = lifecycle.regenerate(suspended(school), actor=school.student, now=NOW)
    assert verify(again.secret, now=NOW).outcome == Outcome.SUSPENDED


def test_nobody_gets_round_the_owner_by_suspending_regenerating_and_resuming(school: School) -> None:
    stopped = suspended(school)
    assert refusal(lambda: lifecycle.regenerate(stopped, actor=school.admin, now=NOW)) == Code.RESUME_FIRST
    lifecycle.resume(stopped, actor=school.admin, now=NOW)
    again = lifecycle.regenerate(stopped, actor=school.admin, now=NOW)
    assert verify(again.secret, now=NOW).outcome == Outcome.PENDING


def test_an_expired_token_lives_again_only_by_a_new_secret_with_a_new_end(school: School) -> None:
    made = token(school.student, days=1)
    after = NOW + 2 * DAY
    assert {
        refusal(partial(lifecycle.update, made.token, Change(expires_at=end), actor=school.student, now=after))
        for end in (after + DAY, None)
    } == {Code.EXPIRED_NEEDS_EXPIRY}
    assert (
        refusal(lambda: lifecycle.regenerate(made.token, actor=school.student, now=after)) == Code.EXPIRED_NEEDS_EXPIRY
    )
    again = lifecycle.regenerate(made.token, Change(expires_at=after + DAY), actor=school.student, now=after)
    assert verify(again.secret, now=after).is_live


def test_an_expired_token_that_a_job_has_noted_regenerates_too(school: School) -> None:
    made = token(school.student, days=1)
    after = NOW + 2 * DAY
    assert lifecycle.expire_many(now=after, most=10) == 1
    again = lifecycle.regenerate(made.token, Change(expires_at=after + DAY), actor=school.student, now=after)
    assert verify(again.secret, now=after).is_live


def test_an_update_never_carries_a_capped_token_past_the_cap_of_its_secret(school: School) -> None:
    made = token(school.student, days=30).token
    limit = NOW + 120 * DAY
    lifecycle.update(made, Change(expires_at=limit), actor=school.student, now=LATER)
    beyond = Change(expires_at=limit + timedelta(seconds=1))
    assert refusal(lambda: lifecycle.update(made, beyond, actor=school.student, now=LATER)) == Code.EXPIRY_BEYOND_CAP
    assert refusal(lambda: lifecycle.update(made, Change(expires_at=None), actor=school.student, now=LATER)) == (
        Code.EXPIRY_REQUIRED
    )


def test_nothing_revives_a_revoked_token(school: School) -> None:
    made = token(school.student).token
    lifecycle.revoke(made, actor=school.student, now=NOW, reason=Reason("first"))
    again = lifecycle.revoke(made, actor=school.admin, now=LATER, reason=Reason("second"))
    assert (again.revoked_at, again.revoked_reason, again.revoked_by) == (NOW, "first", school.student)
    acts: list[Callable[[], object]] = [
        lambda: lifecycle.update(made, Change(purpose="New"), actor=school.student, now=LATER),
        lambda: lifecycle.regenerate(made, Change(expires_at=LATER + DAY), actor=school.student, now=LATER),
        lambda: lifecycle.activate(made, actor=school.student, now=LATER),
        lambda: lifecycle.resume(made, actor=school.admin, now=LATER),
        lambda: lifecycle.suspend(made, actor=school.admin, now=LATER),
    ]
    assert {refusal(act) for act in acts} == {Code.TOKEN_ENDED}
    assert AuditEvent.objects.filter(action="token.revoke").count() == 1


def test_wrong_states_are_refused_by_name(school: School) -> None:
    active = token(school.student).token
    assert refusal(lambda: lifecycle.activate(active, actor=school.student, now=NOW)) == Code.ALREADY_ACTIVE
    assert refusal(lambda: lifecycle.resume(active, actor=school.admin, now=NOW)) == Code.NOT_SUSPENDED
    waiting = pending(school)
    assert refusal(lambda: lifecycle.suspend(waiting, actor=school.admin, now=NOW)) == Code.NOT_ACTIVE
    assert refusal(lambda: lifecycle.activate(suspended(school), actor=school.student, now=NOW)) == Code.NOT_PENDING


def test_a_token_resumed_after_its_owner_became_a_student_comes_under_the_cap(school: School) -> None:
    made = lifecycle.suspend(token(school.teacher, days=None).token, actor=school.admin, now=NOW)
    Enrollment.objects.filter(user=school.teacher).update(state=EnrollmentState.COMPLETED)
    assert lifecycle.resume(made, actor=school.admin, now=NOW).expires_at == NOW + 120 * DAY


def test_no_token_is_made_for_someone_whose_sign_in_is_off(school: School) -> None:
    school.student.is_active = False
    school.student.save()
    assert refusal(lambda: token(school.student, actor=school.admin)) == Code.INACTIVE_OWNER


def test_only_who_may_create_for_others_puts_the_managing_scope_on_a_token(school: School) -> None:
    def with_scope(owner: User, scope: str) -> AccessToken:
        return lifecycle.issue(
            owner,
            purpose="x",
            expires_at=NOW + DAY,
            scopes=[scope],
            actor=owner,
            now=NOW,
        ).token

    assert refusal(lambda: with_scope(school.teacher, "tokens:manage")) == Code.SCOPE_NOT_ALLOWED
    assert refusal(lambda: with_scope(school.admin, "everything")) == Code.SCOPE_UNKNOWN
    assert with_scope(school.admin, "tokens:manage").scopes == ["tokens:manage"]
