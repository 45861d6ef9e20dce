"""What a decision refuses, and what it says with that: the field, and the numbers that the sentence needs."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from accounts.roles import Base, Grant, Permission, Standing
from policies.decision import CappedBecause, Decision, RefusedBecause, cap_of, decide
from policies.refusals import Code, Refusal, Refused
from policies.rules import Approval, Audience, Rules

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
CAPPED = decide(Standing(), Rules(student_cap_days=120), now=NOW)


def who(*bases: Base, permissions: frozenset[Permission] = frozenset()) -> Standing:
    return Standing(tuple(Grant(base, base.value, permissions, (1,)) for base in bases))


FREE = decide(who(Base.TEACHER), Rules(), now=NOW)


def refusal(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refused) as refused:
        act()
    [found] = refused.value.refusals
    return found


def test_a_missing_end_is_refused_with_the_days_of_the_cap() -> None:
    said = refusal(lambda: CAPPED.require_expiry(None))
    assert said == Refusal(Code.EXPIRY_REQUIRED, "expires_at", {"days": 120})


def test_an_end_that_is_past_is_refused_of_everybody() -> None:
    for decision in (CAPPED, FREE):
        assert refusal(lambda d=decision: d.require_expiry(NOW)) == Refusal(Code.EXPIRY_IN_PAST, "expires_at")  # type: ignore[misc]
        decision.require_expiry(NOW + SECOND)


def test_an_end_that_is_too_late_is_refused_with_the_days_that_are_possible() -> None:
    exempted = decide(Standing(), Rules(student_cap_days=120), now=NOW, exempt_until=NOW + 30 * DAY)
    said = refusal(lambda: exempted.require_expiry(NOW + 150 * DAY + SECOND))
    assert said == Refusal(Code.EXPIRY_BEYOND_CAP, "expires_at", {"days": 150})


def test_whoever_is_not_capped_needs_no_end() -> None:
    FREE.require_expiry(None)
    FREE.require_extension(None, present=NOW, secret_made_at=NOW)
    assert (FREE.ceiling, FREE.days_to_ceiling, FREE.limited_by, FREE.is_beyond(None)) == (None, None, None, False)


def test_the_ceiling_is_the_cap_from_now() -> None:
    assert (CAPPED.ceiling, CAPPED.days_to_ceiling) == (NOW + 120 * DAY, 120)


def test_only_what_lies_past_the_ceiling_is_beyond_it() -> None:
    assert not CAPPED.is_beyond(NOW + 120 * DAY)
    assert CAPPED.is_beyond(NOW + 120 * DAY + SECOND)
    assert CAPPED.is_beyond(None)


@pytest.mark.parametrize(
    ("until", "ceiling"), [(NOW + 30 * DAY, NOW + 150 * DAY), (NOW - DAY, NOW + 120 * DAY), (None, NOW + 120 * DAY)]
)
def test_an_exemption_moves_the_ceiling_until_it_ends(until: datetime | None, ceiling: datetime) -> None:
    assert decide(Standing(), Rules(student_cap_days=120), now=NOW, exempt_until=until).ceiling == ceiling


def test_an_update_counts_from_the_secret_that_exists() -> None:
    made = NOW - 20 * DAY
    limit = CAPPED.extension_limit(present=NOW + DAY, secret_made_at=made)
    assert limit == NOW + 100 * DAY
    assert CAPPED.extension_limit(present=None, secret_made_at=made) == limit


def test_an_update_may_keep_an_end_that_was_allowed_once_as_far_as_the_ceiling_of_today() -> None:
    made = NOW - 20 * DAY
    assert CAPPED.extension_limit(present=NOW + 110 * DAY, secret_made_at=made) == NOW + 110 * DAY
    assert CAPPED.extension_limit(present=NOW + 500 * DAY, secret_made_at=made) == NOW + 120 * DAY


def test_an_update_past_its_limit_is_refused() -> None:
    def extend() -> None:
        CAPPED.require_extension(NOW + 101 * DAY, present=NOW + DAY, secret_made_at=NOW - 20 * DAY)

    assert refusal(extend).code == Code.EXPIRY_BEYOND_CAP


def test_an_end_is_lowered_to_the_ceiling_and_never_raised() -> None:
    assert CAPPED.clamped(None) == CAPPED.ceiling
    assert CAPPED.clamped(NOW + 121 * DAY) == CAPPED.ceiling
    assert CAPPED.clamped(NOW + DAY) == NOW + DAY
    assert FREE.clamped(None) is None
    assert FREE.clamped(NOW + 500 * DAY) == NOW + 500 * DAY


def test_so_many_tokens_may_be_held_and_not_one_more() -> None:
    limited = decide(who(Base.TEACHER), Rules(tokens_at_once=3), now=NOW)
    limited.require_room(2)
    assert refusal(lambda: limited.require_room(3)) == Refusal(Code.TOO_MANY_TOKENS, "", {"most": 3})
    FREE.require_room(1000)


def test_scopes_must_be_named_where_the_rules_say_so() -> None:
    strict = decide(who(Base.TEACHER), Rules(scopes_required=True), now=NOW)
    assert refusal(lambda: strict.require_scopes([])) == Refusal(Code.SCOPES_REQUIRED, "scopes")
    strict.require_scopes(["anything"])
    FREE.require_scopes([])


def test_students_name_the_scopes_that_are_for_them() -> None:
    rules = Rules(student_scopes=frozenset({"grades:read"}))
    student, teacher = decide(who(Base.STUDENT), rules, now=NOW), decide(who(Base.TEACHER), rules, now=NOW)
    student.require_scopes(["grades:read"])
    assert refusal(lambda: student.require_scopes([])).code == Code.SCOPES_REQUIRED
    said = refusal(lambda: student.require_scopes(["grades:read", "all"]))
    assert said == Refusal(Code.SCOPE_NOT_FOR_STUDENTS, "scopes", {"scope": "all"})
    teacher.require_scopes([])
    teacher.require_scopes(["all"])


CREATE = frozenset({Permission.TOKENS_CREATE})


@pytest.mark.parametrize(
    ("held", "audience", "because"),
    [
        (who(Base.STUDENT), Audience.EVERYONE, None),
        (who(Base.STUDENT), Audience.NO_STUDENTS, RefusedBecause.NO_STUDENTS),
        (who(Base.OBSERVER), Audience.NO_STUDENTS, RefusedBecause.NO_STUDENTS),
        (who(), Audience.NO_STUDENTS, RefusedBecause.NO_STUDENTS),
        (who(Base.STUDENT, Base.TA), Audience.NO_STUDENTS, None),
        (who(Base.TEACHER), Audience.ADMINS_ONLY, RefusedBecause.ADMINS_ONLY),
        (who(Base.ADMIN), Audience.ADMINS_ONLY, RefusedBecause.ADMINS_ONLY),
        (who(Base.STUDENT, permissions=CREATE), Audience.ADMINS_ONLY, None),
    ],
)
def test_whoever_may_not_create_hears_why(held: Standing, audience: Audience, because: RefusedBecause | None) -> None:
    decision = decide(held, Rules(audience=audience), now=NOW)
    assert decision.may_create is (because is None)
    if because is None:
        decision.require_creation()
    else:
        said = refusal(decision.require_creation)
        assert said == Refusal(Code.CREATION_NOT_ALLOWED, "", {"because": because})


@pytest.mark.parametrize(
    ("held", "approval", "needed"),
    [
        (who(Base.STUDENT), Approval.NOBODY, False),
        (who(Base.STUDENT), Approval.STUDENTS, True),
        (who(Base.TEACHER), Approval.STUDENTS, False),
        (who(Base.TEACHER), Approval.EVERYONE, True),
        (who(Base.TEACHER, permissions=CREATE), Approval.EVERYONE, False),
    ],
)
def test_approval_is_needed_by_whom_the_rules_name_and_never_by_who_makes_tokens_for_others(
    held: Standing, approval: Approval, needed: bool
) -> None:
    assert decide(held, Rules(approval=approval), now=NOW).needs_approval is needed


LIMITS = Rules(student_cap_days=120, teaching_cap_days=200, admin_cap_days=300)


@pytest.mark.parametrize(
    ("held", "rules", "because", "days", "limited_by"),
    [
        (who(Base.STUDENT), LIMITS, CappedBecause.ONLY_STUDENT, 120, "student_cap"),
        (who(), LIMITS, CappedBecause.NO_ROLE, 120, "student_cap"),
        (who(Base.TEACHER), LIMITS, CappedBecause.TEACHING, 200, "account_cap"),
        (who(Base.STUDENT, Base.TA), LIMITS, CappedBecause.TEACHING, 200, "account_cap"),
        (who(Base.ADMIN), LIMITS, CappedBecause.ADMINISTRATING, 300, "account_cap"),
        (who(Base.TEACHER, permissions=CREATE), LIMITS, CappedBecause.ADMINISTRATING, 300, "account_cap"),
        (who(Base.TEACHER, Base.ADMIN), LIMITS, CappedBecause.ADMINISTRATING, 300, "account_cap"),
        (who(Base.OBSERVER), LIMITS, None, None, None),
        (who(Base.TEACHER), Rules(admin_cap_days=300), None, None, None),
        (who(Base.TEACHER, Base.ADMIN), Rules(admin_cap_days=300), None, None, None),
    ],
)
def test_the_longest_limit_among_the_classes_of_the_roles_holds(
    held: Standing, rules: Rules, because: CappedBecause | None, days: int | None, limited_by: str | None
) -> None:
    decision = decide(held, rules, now=NOW)
    assert cap_of(held, rules) == (decision.capped_because, decision.cap_days) == (because, days)
    assert (decision.limited_by, decision.capped) == (limited_by, because is not None)
    assert decision.capped_as_student is (limited_by == "student_cap")


def test_observers_count_as_students_where_the_rules_say_so() -> None:
    rules = Rules(observers_count_as_students=True)
    assert decide(who(Base.OBSERVER), rules, now=NOW).capped_as_student
    assert decide(who(Base.OBSERVER, Base.STUDENT), rules, now=NOW).capped_as_student
    assert not decide(who(Base.OBSERVER, Base.TEACHER), rules, now=NOW).capped


def test_a_decision_keeps_the_moment_and_the_limits_of_the_rules() -> None:
    until = NOW + DAY
    rules = Rules(scopes_required=True, tokens_at_once=5, student_scopes=frozenset({"grades:read"}))
    assert decide(who(Base.STUDENT), rules, now=NOW, exempt_until=until) == Decision(
        now=NOW,
        capped_because=CappedBecause.ONLY_STUDENT,
        refused_because=None,
        cap_days=120,
        scopes_required=True,
        allowed_scopes=frozenset({"grades:read"}),
        tokens_at_once=5,
        needs_approval=False,
        exempt_until=until,
    )
