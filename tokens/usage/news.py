"""What is new about the uses that are written: a token's first, and those from networks that nobody knew of it.

Found while the buffers are written, in the same transaction, so that no check of a token waits for it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from django.db import connection

from tokens import notifications
from tokens.events import Event
from tokens.models import AccessToken
from tokens.usage.counting import ACCEPTED, OTHER, DayUse, Key, network_of

_SEE = """
    INSERT INTO tokens_tokennetwork AS known (token_id, network, last_on)
    SELECT token_id, network, last_on
    FROM unnest(%s::bigint[], %s::text[], %s::date[]) AS used (token_id, network, last_on)
    WHERE EXISTS (SELECT FROM tokens_accesstoken t WHERE t.id = token_id) ORDER BY token_id, network
    ON CONFLICT (token_id, network) DO UPDATE SET last_on = EXCLUDED.last_on WHERE known.last_on < EXCLUDED.last_on
    RETURNING token_id, network, xmax = 0
"""
_TELL = """
    INSERT INTO tokens_usetold (token_id, event, day)
    SELECT *, %s::date FROM unnest(%s::bigint[], %s::text[]) ON CONFLICT DO NOTHING RETURNING token_id
"""


class _News(NamedTuple):
    """A use that its owner is to hear of."""

    token: AccessToken
    event: Event
    facts: dict[str, Any]


def tell_news(days: Mapping[Key, DayUse], *, now: datetime) -> int:
    """Owe owners word of what is new; return of how many tokens. To be called before the uses are written."""
    new = _see(_networks(days))
    tokens = AccessToken.objects.filter(pk__in=new).order_by("pk")
    known = tokens.only("user_id", "purpose", "expires_at", "last_used_at")
    uses = _uses(new, days)
    found = {token.pk: _news(token, new[token.pk], uses[token.pk]) for token in known if token.pk in uses}
    told = _note(found.values(), now)
    for event in (Event.FIRST_USE, Event.NEW_NETWORK):
        said: dict[int, dict[str, Any]] = {}
        for pk, each in found.items():
            if pk in told and each.event == event:
                said.setdefault(each.token.user_id, {"tokens": []})["tokens"].append(each.facts)
        notifications.owe_each(event, said, now=now)
    return len(told)


def _networks(days: Mapping[Key, DayUse]) -> dict[tuple[int, str], date]:
    """From where tokens were used, and when last; accepted uses alone."""
    found: dict[tuple[int, str], date] = {}
    for (token_id, text), uses in days.items():
        if uses.accepted:
            day = date.fromisoformat(text)
            for network in {place.partition(" ")[2] for place in uses.places if place != OTHER} or {""}:
                found[token_id, network] = max(day, found.get((token_id, network), day))
    return found


def _see(seen: Mapping[tuple[int, str], date]) -> dict[int, list[str]]:
    """Write it down; return the networks that are new, by token."""
    rows = sorted((token_id, network, day) for (token_id, network), day in seen.items())
    new: dict[int, list[str]] = {}
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_SEE, [list(column) for column in zip(*rows, strict=True)])
            for token_id, network, is_new in cursor.fetchall():
                if is_new:
                    new.setdefault(token_id, []).append(network)
    return new


def _uses(token_ids: Collection[int], days: Mapping[Key, DayUse]) -> dict[int, list[list[Any]]]:
    """The accepted ones among the latest uses of these tokens, in their order."""
    found: dict[int, list[list[Any]]] = {}
    for (token_id, _day), uses in sorted(days.items(), key=lambda each: each[0]):
        accepted = [use for use in uses.recent if use[1] == ACCEPTED]
        if token_id in token_ids and accepted:
            found.setdefault(token_id, []).extend(accepted)
    return found


def _news(token: AccessToken, networks: Collection[str], uses: Sequence[list[Any]]) -> _News:
    """What there is to say of the first use that came from one of the networks."""
    event = Event.FIRST_USE if token.last_used_at is None else Event.NEW_NETWORK
    at, _outcome, _path, address, agent = next((use for use in uses if _network(use[3]) in networks), uses[-1])
    [facts] = notifications.facts_of([token])
    used = {"used_at": datetime.fromtimestamp(at, UTC).isoformat(), "network": _network(address), "agent": agent}
    return _News(token, event, {**facts, **used})


def _network(address: str | None) -> str:
    return network_of(address) if address else ""


def _note(found: Iterable[_News], now: datetime) -> set[int]:
    """Note of which tokens the owners are told; return those of which they had not been."""
    rows = [(each.token.pk, each.event.value) for each in found]
    if not rows:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_TELL, [now.astimezone(UTC).date(), *(list(column) for column in zip(*rows, strict=True))])
        return {pk for (pk,) in cursor.fetchall()}
