"""The ladder of words before a token's end: which step is due, whenever one looks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.rules import Rules
from tokens.reminding.ladder import AFTER, AT_END, OLD_NEWS, Life

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY, USUAL = timedelta(days=1), Rules().notice_days
# A machine that is busy is no fault of the ladder.
patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("UTC", "Asia/Riyadh", "Pacific/Kiritimati", "America/Los_Angeles")]
)
LADDERS = st.lists(st.integers(1, 365), max_size=6, unique=True).map(lambda days: sorted(days, reverse=True))
LIVES = st.builds(
    lambda begins, minutes, zone: Life(begins, begins + timedelta(minutes=minutes), zone),
    st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
    st.integers(1, 400 * 24 * 60),
    ZONES,
)


def life(days: float) -> Life:
    return Life(NOON, NOON + days * DAY, ZoneInfo("UTC"))


def due(one: Life, after: float, *, is_tried: bool = False) -> int | None:
    """What is due so many days after it began."""
    return one.due(USUAL, is_tried=is_tried, now=NOON + after * DAY)


@pytest.mark.parametrize(
    ("days", "steps"),
    [
        (120, [30, 14, 7, 1]),
        (60, [14, 7, 1]),
        (28, [7, 1]),
        (14, [1]),
        (10, [1]),
        (3, [1]),
        (2, []),
        (1, []),
        (0.1, []),
    ],
)
def test_a_short_life_has_fewer_steps(days: float, steps: list[int]) -> None:
    assert life(days).steps(USUAL) == steps


def test_each_step_begins_with_its_day() -> None:
    told = [due(life(120), after) for after in (0, 89, 90, 105, 106, 112, 113, 118, 119, 119.99, 120)]
    assert told == [None, None, 30, 30, 14, 14, 7, 7, 1, 1, AT_END]


def test_a_day_is_one_of_the_owners() -> None:
    """The end is on the 24th in Kiritimati and on the 23rd in Los Angeles."""
    ends = datetime(2026, 12, 24, 5, 0, tzinfo=UTC)
    lives = [Life(ends - 120 * DAY, ends, ZoneInfo(name)) for name in ("Pacific/Kiritimati", "America/Los_Angeles")]
    hours = [datetime(2026, 12, 22, hour, 30, tzinfo=UTC) for hour in (7, 8, 9, 10)]
    steps = [[one.due(USUAL, is_tried=False, now=now) for now in hours] for one in lives]
    assert steps == [[7, 7, 7, 1], [7, 1, 1, 1]]


def test_what_is_tried_a_week_after_its_end_is_told_of_once_more() -> None:
    assert [due(life(60), 60 + over, is_tried=True) for over in (0, 6, 7, 20)] == [AT_END, AT_END, AFTER, AFTER]
    assert [due(life(60), 60 + over) for over in (0, 7, 30, 31)] == [AT_END, AT_END, AT_END, None]
    assert due(life(60), 60 + OLD_NEWS + 1, is_tried=True) is None


@patiently
@given(LIVES, LADDERS, st.integers(-40, 500), st.booleans())
def test_a_step_is_one_of_the_ladder_and_on_its_side_of_the_end(
    one: Life, ladder: list[int], after: int, is_tried: bool
) -> None:
    now = one.begins + after * DAY
    step = one.due(ladder, is_tried=is_tried, now=now)
    if now < one.ends:
        assert step is None or step in ladder
    else:
        assert step in {None, AT_END, AFTER}


@patiently
@given(LIVES, LADDERS, st.integers(0, 400 * 24))
def test_nothing_is_due_in_the_first_half_of_a_life(one: Life, ladder: list[int], hours: int) -> None:
    now = one.begins + timedelta(hours=hours)
    if now < one.ends and (now.astimezone(one.zone).date() - one.first) * 2 <= one.last - one.first:
        assert one.due(ladder, is_tried=True, now=now) is None


@patiently
@given(LIVES, LADDERS, st.lists(st.integers(0, 460 * 24), min_size=2, max_size=9))
def test_the_steps_only_go_down(one: Life, ladder: list[int], hours: list[int]) -> None:
    steps = [one.due(ladder, is_tried=True, now=one.begins + timedelta(hours=at)) for at in sorted(hours)]
    told = [step for step in steps if step is not None]
    assert told == sorted(told, reverse=True)


@patiently
@given(LIVES, LADDERS)
def test_whoever_looks_twice_a_day_is_told_of_every_step(one: Life, ladder: list[int]) -> None:
    looks = 2 * ((one.last - one.first).days + OLD_NEWS)
    told = {one.due(ladder, is_tried=True, now=one.begins + n * DAY / 2) for n in range(looks)}
    assert told - {None} == {*one.steps(ladder), AT_END, AFTER}
