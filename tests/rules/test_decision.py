"""The decision: the truth table, and what holds for every standing, rule and date."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.roles import Base, EnrollmentState, Grant, Permission, Standing, standing_of
from policies.decision import Decision, decide
from policies.refusals import Code, Refused
from policies.rules import LONGEST_STUDENT_CAP, Audience, Rules
from tests.cast import NOW
from tests.rules.truth_table import CASES, Row, case_id

grants = st.builds(
    Grant,
    base=st.sampled_from(Base),
    label=st.just("role"),
    permissions=st.frozensets(st.sampled_from(Permission)),
    path=st.just((1,)),
    state=st.sampled_from(EnrollmentState),
    starts_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    ends_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    open=st.booleans(),
)
all_rules = st.builds(
    Rules,
    audience=st.sampled_from(Audience),
    student_cap_days=st.integers(1, LONGEST_STUDENT_CAP),
    observers_count_as_students=st.booleans(),
)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
ends = st.none() | st.datetimes(datetime(2019, 1, 1), datetime(2999, 12, 31), timezones=st.just(UTC))


def standing_of_row(row: Row) -> Standing:
    held = (
        Grant(
            base=each.base,
            label=each.label,
            permissions=frozenset(Permission)
            if each.base == Base.ADMIN and not each.label
            else frozenset(each.permissions),
            path=(1,),
            state=each.state,
            ends_at=NOW - timedelta(seconds=1) if each.ended else None,
        )
        for each in row.held
    )
    return standing_of(held, now=NOW)


@pytest.mark.parametrize(("row", "audience"), CASES, ids=case_id)
def test_the_decision_says_what_the_truth_table_says(row: Row, audience: Audience) -> None:
    rules = Rules(audience=audience, observers_count_as_students=row.observers_count_as_students)
    decision = decide(standing_of_row(row), rules, now=NOW)
    assert (decision.capped, decision.may_create) == (row.capped, audience in row.may)


def is_allowed(decision: Decision, expires_at: datetime | None) -> bool:
    try:
        decision.require_expiry(expires_at)
    except Refused:
        return False
    return True


@given(st.lists(grants, max_size=4), all_rules, moments, ends)
def test_nothing_allowed_or_clamped_outlives_the_cap(
    held: list[Grant], rules: Rules, now: datetime, end: datetime | None
) -> None:
    decision = decide(standing_of(held, now=now), rules, now=now)
    if not decision.capped:
        assert decision.clamped(end) == end
        return
    clamped = decision.clamped(end)
    assert clamped is not None
    assert clamped <= now + timedelta(days=rules.student_cap_days)
    if is_allowed(decision, end):
        assert clamped == end


@given(st.lists(grants, max_size=4), all_rules, moments, ends, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_the_clamp_only_lowers_and_twice_is_once(
    held: list[Grant], rules: Rules, now: datetime, end: datetime | None, later: timedelta
) -> None:
    standing = standing_of(held, now=now)
    once = decide(standing, rules, now=now).clamped(end)
    assert once == end or (once is not None and (end is None or once < end))
    assert decide(standing, rules, now=now + later).clamped(once) == once


@given(st.lists(grants, max_size=4), all_rules, moments, ends, ends, st.timedeltas(timedelta(0), timedelta(days=119)))
def test_an_update_never_lives_longer_than_a_new_secret_or_the_present_end(
    held: list[Grant], rules: Rules, now: datetime, present: datetime | None, wanted: datetime | None, age: timedelta
) -> None:
    decision = decide(standing_of(held, now=now), rules, now=now)
    made = now - age
    try:
        decision.require_extension(wanted, present=present, secret_made_at=made)
    except Refused:
        return
    if decision.capped:
        cap = timedelta(days=rules.student_cap_days)
        assert wanted is not None
        assert wanted <= now + cap
        assert wanted <= made + cap or (present is not None and wanted <= present)


def capped(days: int = 120) -> Decision:
    return decide(Standing(), Rules(student_cap_days=days), now=NOW)


def test_exactly_the_cap_is_allowed_and_one_second_more_is_not() -> None:
    end = NOW + timedelta(days=120)
    capped().require_expiry(end)
    with pytest.raises(Refused) as refused:
        capped().require_expiry(end + timedelta(seconds=1))
    assert refused.value.code == Code.EXPIRY_BEYOND_CAP


@pytest.mark.parametrize(
    ("end", "code"),
    [(None, Code.EXPIRY_REQUIRED), (NOW, Code.EXPIRY_IN_PAST), (NOW + timedelta(days=121), Code.EXPIRY_BEYOND_CAP)],
)
def test_a_capped_person_is_refused_with_the_reason(end: datetime | None, code: Code) -> None:
    with pytest.raises(Refused) as refused:
        capped().require_expiry(end)
    assert refused.value.code == code


def test_a_clamped_end_may_be_kept_by_an_update_although_the_secret_is_old() -> None:
    made, present = NOW - timedelta(days=300), NOW + timedelta(days=50)
    capped().require_extension(present, present=present, secret_made_at=made)
    with pytest.raises(Refused):
        capped().require_extension(present + timedelta(seconds=1), present=present, secret_made_at=made)


def test_a_picked_day_that_holds_the_ceiling_means_the_ceiling() -> None:
    zone = ZoneInfo("America/Chicago")
    decision = capped()
    assert decision.ceiling is not None
    last_day = decision.ceiling.astimezone(zone).date()
    assert decision.end_of(last_day, zone) == decision.ceiling
    assert decision.end_of(last_day + timedelta(days=1), zone) > decision.ceiling
    assert decision.end_of(last_day - timedelta(days=1), zone) < decision.ceiling


def test_a_picked_day_ends_with_its_last_second_where_the_person_is() -> None:
    chicago = capped().end_of(date(2026, 11, 30), ZoneInfo("America/Chicago"))
    assert chicago == datetime(2026, 12, 1, 5, 59, 59, tzinfo=UTC)


def test_the_clock_must_be_utc() -> None:
    with pytest.raises(ValueError, match=r"^now must be in UTC$"):
        decide(Standing(), Rules(), now=NOW.astimezone(ZoneInfo("America/Chicago")))
