"""The trail as a file, CSV or JSON Lines: read and written a chunk at a time, in memory that stays flat."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet

from accounts.audit import AuditEvent
from accounts.moments import iso_exact
from accounts.spreadsheets import BOM, written

CHUNK = 1000  # lines
CSV, JSON_LINES = "csv", "jsonl"
FORMATS = {CSV: "text/csv; charset=utf-8", JSON_LINES: "application/x-ndjson; charset=utf-8"}
COLUMNS = (
    "id",
    "at",
    "action",
    "actor_id",
    "actor",
    "carried_by",
    "person_id",
    "person",
    "account_id",
    "account",
    "subject_id",
    "before",
    "after",
    "reason",
    "request_id",
    "address",
    "agent",
)


def lines(events: QuerySet[AuditEvent], form: str) -> Iterator[str]:
    """The file in one of FORMATS, a chunk at a time."""
    rows = map(facts_of, events.iterator(CHUNK))
    if form == CSV:
        yield BOM + written([COLUMNS])
    while chunk := list(islice(rows, CHUNK)):
        yield written(map(_cells, chunk)) if form == CSV else _json_lines(chunk)


def facts_of(event: AuditEvent) -> dict[str, Any]:
    """A line by the names of COLUMNS. Whoever is named goes by the sign-in name, which is one person's."""
    actor, person = event.actor, event.person
    return {
        "id": event.pk,
        "at": iso_exact(event.at),
        "action": event.action,
        "actor_id": event.actor_id,
        "actor": actor.login_id if actor else None,
        "carried_by": event.carried_by or None,
        "person_id": event.person_id,
        "person": person.login_id if person else None,
        "account_id": event.account_id,
        "account": event.account.name if event.account else None,
        "subject_id": event.subject_id,
        "before": event.before,
        "after": event.after,
        "reason": event.reason,
        "request_id": event.request_id,
        "address": event.address,
        "agent": event.agent,
    }


def _cells(facts: Mapping[str, Any]) -> Iterator[object]:
    return (_json(value) if isinstance(value, dict) else value for value in facts.values())


def _json_lines(chunk: Iterable[Mapping[str, Any]]) -> str:
    return "".join(f"{_json(facts)}\n" for facts in chunk)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder)
