"""A notice is written in the transaction of its cause; whether it is mailed is asked afterwards."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from django.db import connection

from accounts.models import User
from tokens.events import Event, ExemptionEvent, RequestEvent
from tokens.models import Notice

_OWE = """
    INSERT INTO tokens_notice (person_id, event, facts, created_at, attempts)
    SELECT person_id, %(event)s, facts, %(now)s, 0
    FROM jsonb_to_recordset(%(owed)s) AS owed (person_id bigint, facts jsonb)
"""


class Owned(Protocol):
    """What a notice tells of a token."""

    @property
    def pk(self) -> int: ...
    @property
    def user_id(self) -> int: ...
    @property
    def purpose(self) -> str: ...
    @property
    def expires_at(self) -> datetime | None: ...


@runtime_checkable
class Moved(Owned, Protocol):
    """A token that was given another end; `before` is the one that it had."""

    @property
    def before(self) -> datetime | None: ...


def owe(event: Event, tokens: Iterable[Owned], *, actor: User | None, now: datetime, **facts: Any) -> None:
    """Owe each owner one notice of `event` that lists their tokens; nobody is told of what they did themselves."""
    by_owner: dict[int, list[Owned]] = {}
    for token in tokens:
        if actor is None or token.user_id != actor.pk:
            by_owner.setdefault(token.user_id, []).append(token)
    owe_each(event, {pk: {**facts, **_facts(actor, owned)} for pk, owned in by_owner.items()}, now=now)


def owe_each(event: StrEnum, facts: Mapping[int, Mapping[str, Any]], *, now: datetime) -> None:
    """Owe people, by their ids, a word with what it says to each; one statement, however many."""
    owed = [{"person_id": person_id, "facts": said} for person_id, said in facts.items()]
    if owed:
        with connection.cursor() as cursor:
            cursor.execute(_OWE, {"event": event, "now": now, "owed": json.dumps(owed)})


def owe_answer(event: RequestEvent, person_id: int, *, actor: User | None, now: datetime, **facts: Any) -> None:
    """Owe whoever has asked for a token a word about it."""
    facts["by"] = actor.name if actor else ""
    Notice.objects.create(person_id=person_id, event=event, created_at=now, facts=facts)


def owe_warning(event: ExemptionEvent, person_ids: Iterable[int], *, now: datetime, **facts: Any) -> None:
    """Owe people a word about an exemption that ends soon."""
    Notice.objects.bulk_create(
        Notice(person_id=person_id, event=event, created_at=now, facts=facts) for person_id in person_ids
    )


def _facts(actor: User | None, tokens: Iterable[Owned]) -> dict[str, Any]:
    return {"by": actor.name if actor else "", "tokens": facts_of(tokens)}


def facts_of(tokens: Iterable[Owned]) -> list[dict[str, Any]]:
    """Tokens as the mails list them."""
    return [
        {
            "id": token.pk,
            "purpose": token.purpose,
            "expires_at": _iso(token.expires_at),
            **({"before": _iso(token.before)} if isinstance(token, Moved) else {}),
        }
        for token in tokens
    ]


def _iso(end: datetime | None) -> str | None:
    return end.isoformat() if end else None
