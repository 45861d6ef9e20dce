"""Each rule at its limit and just below, and what makes no difference to it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from tokens.signals.rules import COMPARED, LONG_ENOUGH, MOST_NIGHTS, RULES, Day, Finding, Rule, Seen
from tokens.signals.wording import sentence

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
TODAY = NOW.date()
LONG_AGO = TODAY - timedelta(days=300)
CHICAGO = ZoneInfo("America/Chicago")


def seen(days: dict[int, Day] | None = None, **facts: Any) -> Seen:
    """A token whose use of so many days ago is known."""
    by_day = {TODAY - timedelta(days=ago): day for ago, day in (days or {}).items()}
    return Seen(**{"now": NOW, "since": LONG_AGO, "zone": ZoneInfo("UTC"), "days": by_day, **facts})


def look(rule: Rule, of: Seen, **limits: int) -> Finding | None:
    return RULES[rule].look(of, {**RULES[rule].usual, **limits})


def numbers(rule: Rule, of: Seen, **limits: int) -> dict[str, Any] | None:
    found = look(rule, of, **limits)
    return None if found is None else found.numbers


def places(hour: int, count: int) -> dict[str, int]:
    return {f"{hour} 198.51.{n}.0/24": 1 for n in range(count)}


def accepted(usual: int, today: int, *, days: int = COMPARED) -> dict[date, int]:
    before = {TODAY - timedelta(days=ago): usual for ago in range(1, days + 1) if usual}
    return {**before, TODAY: today}


def nights(count: int, per_hour: Callable[[int], int], zone: ZoneInfo = CHICAGO) -> dict[int, Day]:
    """Use in the six hours from midnight in `zone`, in so many nights up to the last."""
    hours: dict[int, dict[str, int]] = {}
    for ago in range(count):
        midnight = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=zone) - timedelta(days=ago)
        for n in range(6):
            at = midnight.astimezone(UTC) + timedelta(hours=n)
            hours.setdefault((TODAY - at.date()).days, {})[str(at.hour)] = per_hour(n)
    return {ago: Day(hours=each) for ago, each in hours.items()}


def sharing(students: int) -> Seen:
    origin = "192.0.2.0/24 curl/8.9"
    return seen({0: Day(origins={origin: 4, "198.51.100.0/24 curl/8.9": 1})}, sharing={origin: students})


LACKED = {f"grades:{n}": 2 for n in range(20)}
JUST_ENOUGH: list[tuple[Rule, Seen, dict[str, Any]]] = [
    (
        Rule.NETWORKS,
        seen({0: Day(places=places(14, 3))}),
        {
            "count": 3,
            "from": "2026-11-23T14:00:00+00:00",
            "networks": ["198.51.0.0/24", "198.51.1.0/24", "198.51.2.0/24"],
        },
    ),
    (Rule.JUMP, seen(accepted=accepted(12, 120)), {"count": 120, "usual": 12, "day": "2026-11-23"}),
    (Rule.JUMP, seen(accepted=accepted(0, 100)), {"count": 100, "usual": 0, "day": "2026-11-23"}),
    (
        Rule.POLLING,
        seen(nights(3, lambda _n: 4), zone=CHICAGO),
        {"count": 3, "an_hour": 4, "minutes": 15, "until": "2026-11-23"},
    ),
    (Rule.SHARED, sharing(10), {"count": 10, "network": "192.0.2.0/24", "tool": "curl/8.9"}),
    (Rule.SHARED, sharing(50), {"count": 50, "network": "192.0.2.0/24", "tool": "curl/8.9"}),
    (
        Rule.PROBING,
        seen({1: Day(lacking={"grades:1": 2, "grades:0": 2, "loans:read": 1, "…": 9})}),
        {"count": 3, "refused": 14, "scopes": ["grades:0", "grades:1", "loans:read"], "day": "2026-11-22"},
    ),
    (
        Rule.TRIED,
        seen({0: Day(outcomes={"revoked": 12, "pending": 8, "accepted": 400})}),
        {"count": 20, "state": "revoked", "day": "2026-11-23"},
    ),
]
NOT_ENOUGH: list[tuple[str, Rule, Seen]] = [
    ("two networks", Rule.NETWORKS, seen({0: Day(places=places(14, 2))})),
    ("two networks an hour, and two the next", Rule.NETWORKS, seen({0: Day(places=places(14, 2) | places(15, 2))})),
    ("two networks, and others that nobody counted", Rule.NETWORKS, seen({0: Day(places=places(14, 2) | {"…": 9})})),
    ("three networks long ago", Rule.NETWORKS, seen({2: Day(places=places(14, 3))})),
    ("nine times as much", Rule.JUMP, seen(accepted=accepted(12, 119))),
    ("few, though ten times as much", Rule.JUMP, seen(accepted=accepted(9, 99))),
    (
        "a token too young to have a usual use",
        Rule.JUMP,
        seen(accepted={TODAY: 5000}, since=TODAY - timedelta(days=LONG_ENOUGH - 1)),
    ),
    ("two nights", Rule.POLLING, seen(nights(2, lambda _n: 4), zone=CHICAGO)),
    ("three in an hour", Rule.POLLING, seen(nights(3, lambda _n: 3), zone=CHICAGO)),
    ("one hour with two more", Rule.POLLING, seen(nights(3, lambda n: 6 if n == 3 else 4), zone=CHICAGO)),
    ("a night elsewhere", Rule.POLLING, seen(nights(3, lambda _n: 4), zone=ZoneInfo("Asia/Tokyo"))),
    ("nine students", Rule.SHARED, sharing(9)),
    ("a whole campus", Rule.SHARED, sharing(51)),
    ("somebody who is no student", Rule.SHARED, seen({0: Day(origins={"192.0.2.0/24 curl/8.9": 1})})),
    ("two scopes", Rule.PROBING, seen({0: Day(lacking={"grades:0": 900, "grades:1": 900})})),
    ("nineteen tries", Rule.TRIED, seen({0: Day(outcomes={"revoked": 19, "accepted": 400})})),
    ("tries of two days", Rule.TRIED, seen({0: Day(outcomes={"expired": 12}), 1: Day(outcomes={"expired": 12})})),
    ("refused for its scope", Rule.TRIED, seen({0: Day(outcomes={"insufficient_scope": 400})})),
]


@pytest.mark.parametrize(("rule", "of", "said"), JUST_ENOUGH)
def test_at_its_limit_a_rule_speaks_and_names_its_numbers(rule: Rule, of: Seen, said: dict[str, Any]) -> None:
    assert numbers(rule, of) == said


@pytest.mark.parametrize(("why", "rule", "of"), NOT_ENOUGH)
def test_below_its_limit_a_rule_is_silent(why: str, rule: Rule, of: Seen) -> None:
    assert numbers(rule, of) is None, why


def test_every_rule_is_silent_about_a_token_that_nobody_used() -> None:
    assert not [rule for rule in Rule if numbers(rule, seen()) is not None]


def test_the_most_of_the_last_two_days_is_said() -> None:
    found = look(Rule.NETWORKS, seen({0: Day(places=places(3, 3)), 1: Day(places=places(9, 5) | places(10, 4))}))
    assert found is not None
    assert (found.count, found.numbers["from"], found.day) == (5, "2026-11-22T09:00:00+00:00", date(2026, 11, 22))


def test_nights_are_counted_back_to_the_first_that_was_quiet() -> None:
    counted = nights(5, lambda _n: 12)
    assert (numbers(Rule.POLLING, seen(counted, zone=CHICAGO)) or {})["count"] == 5
    del counted[1]
    assert numbers(Rule.POLLING, seen(counted, zone=CHICAGO)) is None


def test_before_six_in_the_morning_the_night_before_is_the_last() -> None:
    at_three = datetime(2026, 11, 23, 3, tzinfo=CHICAGO)
    counted = nights(4, lambda n: 4 if n < 3 else 0)  # this night is not over
    counted = {**nights(4, lambda _n: 4), 0: counted[0]}
    found = look(Rule.POLLING, seen(counted, zone=CHICAGO, now=at_three))
    assert found is not None
    assert (found.count, found.day) == (3, date(2026, 11, 22))


@given(st.integers(2, 50), st.integers(0, 60))
def test_a_rule_speaks_from_its_limit_on_whatever_that_is(limit: int, count: int) -> None:
    tokens = {
        Rule.NETWORKS: (seen({0: Day(places=places(5, count))}), "networks"),
        Rule.TRIED: (seen({0: Day(outcomes={"expired": count})}), "tries"),
        Rule.JUMP: (seen(accepted=accepted(0, count)), "requests"),
    }
    for rule, (of, name) in tokens.items():
        found = look(rule, of, **{name: limit}, **({"times": 2} if rule == Rule.JUMP else {}))
        assert (found is not None) == (count >= limit), rule


@given(st.integers(1, 200), st.integers(2, 30), st.integers(0, 6000))
def test_a_jump_is_told_by_its_times_alone_where_there_is_much_use(usual: int, times: int, today: int) -> None:
    found = look(Rule.JUMP, seen(accepted=accepted(usual, today)), times=times, requests=1)
    assert (found is not None) == (today >= times * usual)


@given(st.integers(1, 7), st.integers(1, 60), st.integers(0, 5), st.integers(-60, 60))
def test_an_hour_that_is_out_of_step_makes_it_no_fixed_period(n: int, an_hour: int, odd: int, more: int) -> None:
    counted = nights(n, lambda hour: max(0, an_hour + more) if hour == odd else an_hour)
    found = look(Rule.POLLING, seen(counted, zone=CHICAGO), nights=n, an_hour=1)
    out_of_step = abs(more) > max(1, max(an_hour, an_hour + more) // 10)
    assert (found is None) == (out_of_step or an_hour + more < 1)


def test_of_many_nights_a_week_is_told() -> None:
    found = numbers(Rule.POLLING, seen(nights(MOST_NIGHTS + 2, lambda _n: 4), zone=CHICAGO))
    assert found is not None
    assert found["count"] == MOST_NIGHTS == 7


SENTENCES = [
    "Used from 3 networks between 08:00 and 09:00 on 23 November 2026.",
    "120 requests on 23 November 2026; before that it was 12 a day.",
    "100 requests on 23 November 2026; before that it was 0 a day.",
    "Asked all through 3 nights until 23 November 2026: 4 requests an hour, one every 15 minutes.",
    "The tokens of 10 students are used from the network 192.0.2.0/24 with the tool curl/8.9.",
    "The tokens of 50 students are used from the network 192.0.2.0/24 with the tool curl/8.9.",
    "Asked for 3 scopes that it does not hold on 22 November 2026: grades:0, grades:1, loans:read.",
    "Tried 20 times on 23 November 2026, and refused, as it was revoked.",
]


@pytest.mark.parametrize(("found", "said"), list(zip(JUST_ENOUGH, SENTENCES, strict=True)), ids=str)
def test_what_is_found_is_said_in_a_sentence_and_in_the_time_of_who_reads_it(
    found: tuple[Rule, Seen, dict[str, Any]], said: str
) -> None:
    rule, of, _numbers = found
    with translation.override("en"), timezone.override(CHICAGO):
        assert sentence(rule.value, numbers(rule, of) or {}) == said


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("pending", "Tried 1 time on 23 November 2026, and refused, as its owner has not activated it."),
        ("suspended", "Tried 1 time on 23 November 2026, and refused, as it is suspended."),
        ("superseded", "An earlier secret was tried 1 time on 23 November 2026, and refused, as it has been replaced."),
        ("expired", "Tried 1 time on 23 November 2026, and refused, as it has expired."),
    ],
)
def test_it_is_said_why_a_dead_token_was_refused(state: str, said: str) -> None:
    found = numbers(Rule.TRIED, seen({0: Day(outcomes={state: 1})}), tries=1)
    with translation.override("en"):
        assert sentence(Rule.TRIED.value, found or {}) == said


def test_a_rule_of_a_later_version_is_told_by_its_name() -> None:
    assert sentence("of-tomorrow", {"count": 3}) == "of-tomorrow"
