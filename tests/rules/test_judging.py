"""The judgement over a token whose secret was right: the whole of rule R8, as a function of values."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from tokens.verification import INVALID, Checked, Outcome, Owner, TokenRow, judge

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


def row(state: str = "active", expires_at: datetime | None = None, works_until: datetime | None = None) -> TokenRow:
    return TokenRow(7, "AbCdEfGh12345678", b"tag", "key", "hash", works_until, state, NOW, expires_at, [], "Sync")


def judged(token: TokenRow, *, owner_is_active: bool = True, is_paused: bool = False) -> Outcome:
    return judge(token, owner_is_active=owner_is_active, is_paused=is_paused, now=NOW)


@pytest.mark.parametrize("state", ["active", "pending", "suspended", "revoked", "expired"])
def test_a_token_is_what_its_state_says(state: str) -> None:
    assert judged(row(state)) == ("live" if state == "active" else state)


@pytest.mark.parametrize("state", ["active", "pending", "suspended"])
def test_a_token_has_expired_from_its_end_on_whatever_its_state(state: str) -> None:
    assert judged(row(state, expires_at=NOW)) == Outcome.EXPIRED
    assert judged(row(state, expires_at=NOW + INSTANT)) == judged(row(state))


def test_what_was_revoked_is_never_called_expired() -> None:
    assert judged(row("revoked", expires_at=NOW)) == Outcome.REVOKED


@pytest.mark.parametrize("state", ["active", "pending", "suspended"])
def test_of_somebody_who_is_switched_off_nothing_works_and_nothing_is_told(state: str) -> None:
    assert judged(row(state), owner_is_active=False) == Outcome.INVALID


@pytest.mark.parametrize(("state", "expires_at"), [("revoked", None), ("expired", None), ("active", NOW)])
def test_what_has_ended_says_so_also_when_its_owner_is_switched_off(state: str, expires_at: datetime | None) -> None:
    assert judged(row(state, expires_at), owner_is_active=False) == judged(row(state, expires_at))


def test_an_earlier_secret_works_until_just_before_its_moment() -> None:
    assert judged(row(works_until=NOW + INSTANT)) == Outcome.LIVE
    assert judged(row(works_until=NOW)) == Outcome.SUPERSEDED


def test_a_pause_stops_what_would_work_and_is_not_told_of_the_rest() -> None:
    assert judged(row(), is_paused=True) == Outcome.PAUSED
    assert judged(row("suspended"), is_paused=True) == Outcome.SUSPENDED
    assert judged(row(works_until=NOW), is_paused=True) == Outcome.SUPERSEDED


@dataclass
class End:
    expires_at: datetime | None
    works_until: datetime | None
    ends_at: datetime | None


LATER = NOW + timedelta(days=1)


@pytest.mark.parametrize(
    "end",
    [End(None, None, None), End(NOW, None, NOW), End(None, NOW, NOW), End(NOW, LATER, NOW), End(LATER, NOW, NOW)],
)
def test_what_was_presented_stops_with_its_token_or_with_the_overlap_if_that_is_over_before(end: End) -> None:
    token = row(expires_at=end.expires_at, works_until=end.works_until)
    assert (token.ends_at, token.is_superseded) == (end.ends_at, end.works_until is not None)


def test_only_the_lookup_id_of_a_row_gets_into_a_log() -> None:
    assert repr(row()) == "<TokenRow AbCdEfGh12345678>"


def test_only_a_live_token_is_live_and_nobody_is_behind_an_invalid_one() -> None:
    assert Checked(Outcome.LIVE, row(), Owner(1, "student", is_active=True)).is_live
    assert not Checked(Outcome.PAUSED, row(), Owner(1, "student", is_active=True)).is_live
    assert (INVALID.is_live, INVALID.token, INVALID.owner, INVALID.user) == (False, None, None, None)
