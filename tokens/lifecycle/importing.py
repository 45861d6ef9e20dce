"""Tokens of another system come under our rules: listed, capped, ended and checked here from now on."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from accounts.audit import AuditEvent, record_many
from accounts.locks import lock_people
from accounts.models import User
from policies.governing import governed_many
from tokens import foreign, notifications
from tokens.events import Event
from tokens.lifecycle.trail import change_line
from tokens.models import AccessToken, State

# One import at a time, by an advisory lock: none finds a hash missing that another is writing.
_IMPORTS = 7_221_030


@dataclass(frozen=True, slots=True)
class Foreign:
    """What is known of a token that another system made; its purpose is clean, and its end lies ahead."""

    owner_id: int
    purpose: str
    expires_at: datetime | None
    digest: bytes
    created_at: datetime

    @property
    def lookup_id(self) -> str:
        return foreign.lookup_of(self.digest)


@transaction.atomic
def import_many(
    tokens: Collection[Foreign], *, source: str, actor: User | None, now: datetime
) -> list[tuple[Foreign, AccessToken]]:
    """Bring in those that were never brought before, each at once under its owner's cap of today; return them.

    What was revoked, or has a new secret since, is left as it is: the same file twice changes nothing. The right to
    create is not asked for, nor how many somebody may hold: the tokens exist already. Owners are told.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_IMPORTS])
    owners = {owner.pk: owner for owner in lock_people({each.owner_id for each in tokens})}
    wanted = _new(each for each in tokens if owners[each.owner_id].is_active)
    governed = governed_many({each.owner_id for each in wanted}, now=now)
    made = [
        (each, _row(each, governed[each.owner_id].decision.clamped(each.expires_at), source=source, now=now))
        for each in wanted
    ]
    rows = [row for _each, row in made]
    AccessToken.objects.bulk_create(rows)
    record_many(_line(each, row, source=source, actor=actor, now=now) for each, row in made)
    notifications.owe(Event.IMPORT, rows, actor=actor, now=now, source=source)
    return made


def _new(tokens: Iterable[Foreign]) -> list[Foreign]:
    """Those whose hash was never brought, the first of equals."""
    wanted = {each.lookup_id: each for each in reversed(list(tokens))}
    known = AccessToken.objects.filter(imported_lookup_id__in=wanted).values_list("imported_lookup_id", flat=True)
    for lookup_id in known:
        del wanted[lookup_id]
    return list(reversed(wanted.values()))


def _row(each: Foreign, expires_at: datetime | None, *, source: str, now: datetime) -> AccessToken:
    return AccessToken(
        user_id=each.owner_id,
        purpose=each.purpose,
        state=State.ACTIVE,
        created_at=each.created_at,
        updated_at=now,
        secret_made_at=now,  # when it was made is hearsay; that it is unused, only we can say from here on
        expires_at=expires_at,
        lookup_id=each.lookup_id,
        tag=each.digest,
        tag_key=foreign.KEY,
        imported_lookup_id=each.lookup_id,
        imported_from=source,
    )


def _line(each: Foreign, row: AccessToken, *, source: str, actor: User | None, now: datetime) -> AuditEvent:
    """What the trail keeps: of before the end that it had, where the cap moved it."""
    before = {} if each.expires_at == row.expires_at else {"expires_at": each.expires_at}
    written = change_line(Event.IMPORT, row, before, actor=actor, now=now)
    written.after["source"] = source
    return written
