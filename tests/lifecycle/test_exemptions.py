"""An exemption from the cap: what it allows while it holds, what becomes of that when it ends, and who is told."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from accounts import enrolling
from accounts.audit import AuditEvent
from accounts.models import Account, User
from accounts.prepared import fetch_one
from accounts.roles import Base, EnrollmentState
from policies import settings as policy_settings
from policies.exemptions import Ended, end, exempt
from policies.governing import decision_for, governed_many
from policies.models import Exemption
from policies.refusals import Code, Refused
from tests.cast import NOW, School, enroll, person, role, token
from tests.gateway.asking import ask, basic
from tokens import lifecycle, receivers, verifiers
from tokens.clamping import clamp
from tokens.models import AccessToken, Notice

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
UNTIL = NOW + 90 * DAY
LATEST = UNTIL + 120 * DAY


def of_student(school: School, **facts: object) -> Exemption:
    values = {"reason": "A thesis", "ends_at": UNTIL, "actor": school.admin, "now": NOW, **facts}
    return exempt(school.student, school.arts, **values)  # type: ignore[arg-type]  # `facts` are its own


def of_students(account: Account, actor: User | None = None, days: int = 90) -> Exemption:
    ends_at = NOW + timedelta(days=days)
    return exempt(role(Base.STUDENT), account, reason="A project", ends_at=ends_at, actor=actor, now=NOW)


def issue(owner: User, ends_at: datetime, now: datetime = NOW) -> AccessToken:
    return lifecycle.issue(owner, purpose="Thesis", expires_at=ends_at, actor=owner, now=now).token


def refusal(act: Callable[..., object], *named: object, **facts: object) -> Code:
    with pytest.raises(Refused) as refused:
        act(*named, **facts)
    return refused.value.code


def test_while_it_holds_a_token_may_end_as_late_as_one_made_on_its_last_day(school: School) -> None:
    of_student(school)
    assert issue(school.student, LATEST).expires_at == LATEST
    assert refusal(issue, school.student, LATEST + SECOND) == Code.EXPIRY_BEYOND_CAP
    assert refusal(issue, school.other_student, NOW + 121 * DAY) == Code.EXPIRY_BEYOND_CAP


def test_while_it_holds_an_update_and_a_new_secret_reach_as_far(school: School) -> None:
    made = token(school.student, days=100).token
    of_student(school)
    change = lifecycle.Change(expires_at=LATEST)
    assert lifecycle.update(made, change, actor=school.student, now=NOW).expires_at == LATEST
    beyond = lifecycle.Change(expires_at=LATEST + SECOND)
    for verb in (lifecycle.update, lifecycle.regenerate):
        assert refusal(verb, made, beyond, actor=school.student, now=NOW) == Code.EXPIRY_BEYOND_CAP
    assert lifecycle.regenerate(made, change, actor=school.student, now=NOW).token.expires_at == LATEST


def test_it_gives_no_right_to_create(school: School) -> None:
    of_student(school)
    policy_settings.change(school.root, {"audience": "no_students"}, actor=school.admin, now=NOW)
    assert refusal(issue, school.student, NOW + DAY) == Code.CREATION_NOT_ALLOWED


def test_when_its_time_is_over_nothing_that_it_allowed_is_shortened(school: School) -> None:
    of_student(school)
    made = issue(school.student, LATEST)
    for moment in (NOW, UNTIL - SECOND, UNTIL, UNTIL + DAY):
        assert clamp(User.objects.all(), actor=None, now=moment) == 0
    assert decision_for(school.student, now=UNTIL - SECOND).exempt_until == UNTIL
    assert decision_for(school.student, now=UNTIL).exempt_until is None
    beyond = UNTIL + 120 * DAY + SECOND
    assert refusal(issue, school.student, beyond, now=UNTIL) == Code.EXPIRY_BEYOND_CAP
    made.refresh_from_db()
    assert made.expires_at == LATEST


def test_ended_early_tokens_come_under_the_cap_at_once_and_their_owner_is_told(school: School) -> None:
    held = of_student(school)
    far, near = issue(school.student, LATEST), issue(school.student, NOW + 60 * DAY)
    later = NOW + 10 * DAY
    with transaction.atomic():
        assert end(held, actor=school.arts_admin, now=later) == Ended(shortened=1)
        far.refresh_from_db()  # not a job's work after the commit
        assert far.expires_at == later + 120 * DAY
    near.refresh_from_db()
    assert near.expires_at == NOW + 60 * DAY
    assert Notice.objects.get().event == "token.clamp"
    assert AuditEvent.objects.get(action="token.clamp").actor == school.arts_admin
    held.refresh_from_db()
    assert (held.ended_at, held.ended_by, held.holds(later)) == (later, school.arts_admin, False)


def test_it_ends_once(school: School) -> None:
    held = of_student(school)
    assert end(held, actor=school.admin, now=NOW) == Ended(shortened=0)
    assert end(held, actor=school.arts_admin, now=NOW + DAY) is None
    assert AuditEvent.objects.filter(action="exemption.end").count() == 1
    over = of_student(school, ends_at=NOW + DAY)
    assert end(over, actor=school.admin, now=NOW + DAY) is None


def test_the_trail_keeps_who_approved_it_for_whom_until_when_and_why(school: School) -> None:
    held = of_student(school)
    added = AuditEvent.objects.get(action="exemption.add")
    assert (added.actor, added.person, added.account, added.subject_id, added.reason) == (
        school.admin,
        school.student,
        school.arts,
        held.pk,
        "A thesis",
    )
    assert added.after["ends_at"][:10] == UNTIL.date().isoformat()
    end(held, actor=school.arts_admin, now=NOW + DAY)
    ended = AuditEvent.objects.get(action="exemption.end")
    assert (ended.actor, ended.person) == (school.arts_admin, school.student)
    assert (ended.before["ends_at"][:10], ended.after["ends_at"][:10]) == ("2027-02-21", "2026-11-24")
    of_students(school.arts, school.admin)
    assert AuditEvent.objects.filter(action="exemption.add").latest("pk").after["role"] == role(Base.STUDENT).pk


def test_a_role_is_exempted_where_it_is_held_in_the_account_or_below_it(school: School) -> None:
    below = Account.objects.create_under(school.arts, name="History department")
    deep = person("deep")
    enroll(deep, role(Base.STUDENT), below)
    elsewhere, keeper = person("elsewhere"), person("keeper")
    enroll(elsewhere, role(Base.STUDENT), course=school.physics)
    enroll(keeper, role(Base.STUDENT, "Keeper"), below)
    both = person("both")
    for course in (school.history, school.physics):
        enroll(both, role(Base.STUDENT), course=course)
    of_students(school.arts)
    people = {user.login_id: user.pk for user in (school.student, deep, both, elsewhere, keeper, school.outsider)}
    known = governed_many(people.values(), now=NOW)
    exempted = {name for name, pk in people.items() if known[pk].decision.exempt_until == UNTIL}
    assert exempted == {"student", "deep", "both"}


@pytest.mark.parametrize(
    "held",
    [
        {"state": EnrollmentState.COMPLETED},
        {"starts_at": NOW + SECOND},
        {"ends_at": NOW},
    ],
)
def test_a_role_that_does_not_count_exempts_nobody(school: School, held: dict[str, object]) -> None:
    enroll(school.outsider, role(Base.STUDENT), school.arts, **held)  # type: ignore[arg-type]  # how it is held
    of_students(school.arts)
    assert decision_for(school.outsider, now=NOW).exempt_until is None


def test_a_role_in_a_closed_account_exempts_nobody(school: School) -> None:
    of_students(school.root)
    Account.objects.filter(pk=school.arts.pk).update(state="completed")
    assert decision_for(school.student, now=NOW).exempt_until is None


def test_whoever_loses_the_exempted_role_comes_under_the_cap_at_once(school: School) -> None:
    of_students(school.arts)
    made = issue(school.student, LATEST)
    enrolling.end(school.student.enrollments.get(), actor=school.admin, now=NOW + DAY)
    made.refresh_from_db()
    assert made.expires_at == NOW + 121 * DAY


def test_the_exemption_of_a_role_ends_early_for_all_who_hold_it(school: School) -> None:
    held = of_students(school.root, school.admin)
    made = [issue(owner, LATEST) for owner in (school.student, school.other_student)]
    assert end(held, actor=school.admin, now=NOW + DAY) == Ended(shortened=2)
    for each in made:
        each.refresh_from_db()
        assert each.expires_at == NOW + 121 * DAY


@pytest.mark.django_db(transaction=True)
def test_where_many_hold_the_role_a_job_goes_on_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    school = School()
    held = of_students(school.root)
    for owner in (school.student, school.other_student):
        issue(owner, LATEST)
    monkeypatch.setattr(receivers, "AT_ONCE", 1)
    assert end(held, actor=school.admin, now=NOW + DAY) == Ended(shortened=None)
    assert clamp(User.objects.all(), actor=None, now=NOW + DAY) == 2


def test_of_several_the_latest_counts(school: School) -> None:
    of_students(school.arts, days=30)
    longest = of_student(school)
    of_students(school.root, days=60)
    assert decision_for(school.student, now=NOW).exempt_until == UNTIL
    end(longest, actor=school.admin, now=NOW)
    assert decision_for(school.student, now=NOW).exempt_until == NOW + 60 * DAY


def test_a_later_end_is_a_further_exemption_and_an_earlier_one_is_none(school: School) -> None:
    of_student(school)
    for ends_at in (UNTIL, UNTIL - DAY):
        assert refusal(of_student, school, ends_at=ends_at) == Code.ALREADY_EXEMPTED
    of_student(school, ends_at=UNTIL + DAY)
    of_students(school.arts)
    assert refusal(of_students, school.arts, days=30) == Code.ALREADY_EXEMPTED
    of_students(school.root)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"reason": ""}, Code.REASON_MISSING),
        ({"reason": " \t"}, Code.REASON_MISSING),
        ({"ends_at": NOW}, Code.EXEMPTION_IN_PAST),
        ({"ends_at": NOW - DAY}, Code.EXEMPTION_IN_PAST),
        ({"ends_at": NOW + 180 * DAY + SECOND}, Code.EXEMPTION_TOO_LONG),
    ],
)
def test_it_has_a_reason_and_an_end_within_180_days(school: School, values: dict[str, object], code: Code) -> None:
    assert refusal(of_student, school, **values) == code
    assert not Exemption.objects.exists()
    assert not AuditEvent.objects.exists()
    of_student(school, ends_at=NOW + 180 * DAY)


def test_nobody_exempts_themselves_nor_by_a_role_that_they_hold(school: School) -> None:
    oneself = Code.EXEMPTION_OF_ONESELF
    assert refusal(of_student, school, actor=school.student) == oneself
    admins = role(Base.ADMIN)
    for account, actor in ((school.root, school.arts_admin), (school.arts, school.arts_admin)):
        facts = {"reason": "Why not", "ends_at": UNTIL, "actor": actor, "now": NOW}
        assert refusal(exempt, admins, account, **facts) == oneself
    exempt(admins, school.science, reason="A migration", ends_at=UNTIL, actor=school.arts_admin, now=NOW)


def asked_of_exemptions() -> int:
    """How often this connection has run a prepared statement that reads exemptions."""
    row = fetch_one(
        "SELECT COALESCE(sum(generic_plans + custom_plans), 0)::bigint FROM pg_prepared_statements "
        "WHERE statement LIKE %s AND statement NOT LIKE %s",
        ["%policies_exemption%", "%pg_prepared%"],
    )
    return int(row[0]) if row else 0


@pytest.mark.django_db(transaction=True)
def test_whoever_checks_a_token_does_not_ask_for_exemptions() -> None:
    school = School()
    made = lifecycle.issue(school.student, purpose="Thesis", expires_at=NOW + 50 * DAY, actor=school.student, now=NOW)
    gradebook = verifiers.register("Gradebook", owner=school.admin, actor=school.admin, now=NOW)
    before = asked_of_exemptions()
    ask("/verify", authorization=f"Bearer {made.secret}")
    signed_in = basic(gradebook.verifier.lookup_id, gradebook.secret)
    ask("/oauth2/introspect", method="POST", form={"token": made.secret}, authorization=signed_in)
    assert asked_of_exemptions() == before
    decision_for(school.student, now=NOW)
    assert asked_of_exemptions() == before + 1
