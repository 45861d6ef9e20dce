"""Word to owners of a pause, and that it was lifted: in batches, each person once of each.

What a pause covered when it was made comes into its report with the word to the owners. A run that is killed at any
point goes on in the next one, since how far it has come is written with the word itself.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from accounts.models import User
from accounts.people import memberships
from tokens import notifications
from tokens.emergency.covering import tokens_stopped_by
from tokens.events import PauseEvent
from tokens.models import AccessToken, AccessTokenQuerySet, Notice, Pause, PausedToken
from tokens.models.pause import stops_in_force
from tokens.stops import is_stopped
from tokens.verification import Outcome

BATCH = 500  # people
_KEPT = ("pk", "user_id", "last_used_at", "last_used_ip")  # of a token, by its report
_TOLD = ("pk", "user_id", "purpose", "expires_at")  # of a token, to its owner


def to_tell() -> list[int]:
    """The ids of the pauses of which somebody may still have to be told, the oldest first."""
    return list(Pause.objects.filter(told_at=None).order_by("pk").values_list("pk", flat=True))


def to_untell() -> list[int]:
    """The ids of the pauses whose lifting somebody may still have to be told of, the oldest first."""
    found = Pause.objects.filter(lifted_at__isnull=False, told_at__isnull=False, untold_at=None)
    return list(found.order_by("pk").values_list("pk", flat=True))


def tell_in_batches(pause_id: int, *, clock: Callable[[], datetime]) -> Iterator[int]:
    """Tell of a pause, each batch in a transaction of its own where none is open: how many were told.

    Where it is lifted meanwhile its report becomes whole all the same, and nobody else is told.
    """
    while (told := _tell_next(pause_id, clock())) is not None:
        yield told


def untell_in_batches(pause_id: int, *, clock: Callable[[], datetime]) -> Iterator[int]:
    """Tell those who were told of a pause that it is lifted, in the same way."""
    while (told := _untell_next(pause_id, clock())) is not None:
        yield told


@transaction.atomic
def _tell_next(pause_id: int, now: datetime) -> int | None:
    made = _locked(pause_id)
    if made.told_at is not None:
        return None
    owners = _owners(made)
    if not owners:
        made.told_at = now
        made.save(update_fields=["told_at"])
        return None
    tokens = tokens_stopped_by(made).filter(user__in=owners)
    _note(made, tokens)
    facts = () if made.lifted_at else tokens.order_by("user_id", "pk").values_list(*_TOLD, named=True)
    told = told_of(made, facts)
    notifications.owe_each(PauseEvent.ADD, told, now=now)
    made.told_to, made.told = owners[-1], made.told + len(told)
    made.save(update_fields=["told_to", "told"])
    return len(told)


def _owners(made: Pause) -> list[int]:
    """The next of those whose tokens it stopped when it was made, by id."""
    holding = tokens_stopped_by(made).filter(user__gt=made.told_to).values("user_id")
    people = User.objects.filter(pk__gt=made.told_to, pk__in=holding)
    return list(people.order_by("pk").values_list("pk", flat=True)[:BATCH])


def _note(made: Pause, tokens: AccessTokenQuerySet) -> None:
    """Write tokens into the report, where their uses are counted later; what another pause refused that day is not."""
    found, params = tokens.order_by().values(*_KEPT).query.sql_with_params()
    statement = f"""
        INSERT INTO tokens_pausedtoken
            (pause_id, token_id, owner_id, last_used_at, last_used_ip, requests, tried, tried_before)
        SELECT %s, found.*, 0, 0, coalesce((d.outcomes->>%s)::bigint, 0)
        FROM ({found}) AS found (token_id, owner_id, last_used_at, last_used_ip)
        LEFT JOIN tokens_tokenday d ON d.token_id = found.token_id AND d.day = %s
        ORDER BY found.token_id
    """  # noqa: S608  # a statement of Django's own
    with connection.cursor() as cursor:
        cursor.execute(statement, [made.pk, Outcome.PAUSED, *params, made.made_at.astimezone(UTC).date()])


def told_of(made: Pause, tokens: Iterable[notifications.Owned]) -> dict[int, dict[str, Any]]:
    """What is said to each owner of these tokens; nobody is told of what they did themselves."""
    by_owner: dict[int, list[notifications.Owned]] = {}
    for token in tokens:
        if token.user_id != made.made_by_id:
            by_owner.setdefault(token.user_id, []).append(token)
    said = {"pause": made.pk, "since": made.made_at.isoformat(), "words": made.words, "by": _name(made.made_by)}
    return {pk: {**said, "tokens": notifications.facts_of(owned)} for pk, owned in by_owner.items()}


@transaction.atomic
def _untell_next(pause_id: int, now: datetime) -> int | None:
    """Take back what was not mailed yet, and owe whoever may have read it the word that the pause is lifted.

    One that was tried may have gone out although nobody could mark it yet.
    """
    made = _locked(pause_id)
    if made.lifted_at is None or made.told_at is None or made.untold_at is not None:
        return None
    told = Notice.objects.filter(event=PauseEvent.ADD, facts__pause=made.pk, person__gt=made.untold_to)
    notices = list(told.order_by("person").defer("facts").select_for_update(of=("self",))[:BATCH])
    if not notices:
        made.untold_at = now
        made.save(update_fields=["untold_at"])
        return None
    Notice.objects.filter(pk__in=[each.pk for each in notices if each.sent_at is None]).delete()
    known = _untold(made, [each.person_id for each in notices if each.sent_at or each.attempts], now)
    notifications.owe_each(PauseEvent.LIFT, known, now=now)
    made.untold_to, made.untold = notices[-1].person_id, made.untold + len(known)
    made.save(update_fields=["untold_to", "untold"])
    return len(known)


def _untold(made: Pause, owner_ids: list[int], now: datetime) -> Mapping[int, Mapping[str, Any]]:
    """What is said to each: which of the tokens are still in use, and whether another pause stops them too."""
    stops = stops_in_force()
    known = memberships(owner_ids, now=now) if stops else {}
    left: dict[int, list[notifications.Owned]] = {pk: [] for pk in owner_ids}
    stopped = PausedToken.objects.filter(pause=made, token=OuterRef("pk"))
    in_use = AccessToken.objects.filter(Exists(stopped), user__in=owner_ids).in_use(now=now)
    for token in in_use.order_by("pk").values_list(*_TOLD, named=True):
        left[token.user_id].append(token)
    said = {"pause": made.pk, "since": made.made_at.isoformat(), "by": _name(made.lifted_by)}
    return {
        pk: {
            **said,
            "is_stopped": pk in known and is_stopped(stops, known[pk].standing, known[pk].home),
            "tokens": notifications.facts_of(left[pk]),
        }
        for pk in owner_ids
    }


def _name(person: User | None) -> str:
    return person.name if person else ""


def _locked(pause_id: int) -> Pause:
    """A pause that nobody lifts meanwhile."""
    rows = Pause.objects.select_for_update(of=("self",)).select_related("account", "course", "made_by", "lifted_by")
    return rows.get(pk=pause_id)
