"""Many new ends do not come on one day."""

from collections import Counter
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from policies.spreading import Spread
from tests.cast import NOW

CEILING = NOW + timedelta(days=120)


@given(st.integers(1, 2**63 - 1), st.integers(0, 365), st.integers(1, 3650))
def test_an_end_is_never_later_than_the_cap_and_never_before_half_of_it(token_id: int, days: int, cap: int) -> None:
    ceiling = NOW + timedelta(days=cap)
    end = Spread(days).end(token_id, ceiling=ceiling, cap_days=cap)
    assert NOW + timedelta(days=cap) / 2 <= end <= ceiling


def test_a_token_keeps_its_place() -> None:
    spread = Spread(30)
    assert spread.end(5, ceiling=CEILING, cap_days=120) == spread.end(5, ceiling=CEILING, cap_days=120)
    assert spread.end(5, ceiling=CEILING, cap_days=120) != spread.end(6, ceiling=CEILING, cap_days=120)


def test_every_day_of_the_window_has_its_share() -> None:
    spread = Spread(30)
    days = Counter((CEILING - spread.end(n, ceiling=CEILING, cap_days=120)).days for n in range(30_000))
    assert set(days) == set(range(30))
    assert max(days.values()) < 2 * min(days.values())


def test_the_share_that_has_ended_is_the_share_of_the_window() -> None:
    spread = Spread(30)
    ends = [spread.end(n, ceiling=CEILING, cap_days=120) for n in range(20_000)]
    for days in (0, 3, 15, 29, 31):
        moment = CEILING - timedelta(days=days)
        found = sum(end <= moment for end in ends) / len(ends)
        assert abs(found - spread.share_by(moment, ceiling=CEILING, cap_days=120)) < 0.02
    assert Spread(0).share_by(CEILING - timedelta(seconds=1), ceiling=CEILING, cap_days=120) == 0


def test_no_window_means_the_ceiling_itself() -> None:
    assert Spread(0).end(5, ceiling=CEILING, cap_days=120) == CEILING
