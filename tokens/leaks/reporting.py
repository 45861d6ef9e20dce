"""Taking reports: the secret is judged while it is at hand, and only the verdict is stored."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from accounts.audit import line, record_many
from tokens.events import Event
from tokens.matching import match
from tokens.models import AccessToken, SupersededSecret
from tokens.models.leak import FoundBy, Leak, Outcome
from tokens.texts import quoted
from tokens.verification import parse

MOST_OF_ONE = 100  # reports of one token; whoever holds a secret could send any number
_LONGEST_PLACE, _LONGEST_URL = 64, 500  # characters


class Report(NamedTuple):
    """What somebody says: a string, what kind of place and which address it was found at."""

    text: str
    place: str = ""
    url: str = ""

    def __repr__(self) -> str:
        return "<Report>"


@transaction.atomic
def take(reports: Iterable[Report], *, found_by: FoundBy, now: datetime) -> int:
    """Store what concerns tokens of ours; return how many reports are new. Raises Overloaded.

    Of anybody's reports those with a wrong secret are dropped: they need no more than a lookup id.
    """
    presented = [(found, report) for report in reports if (found := parse(report.text.strip()))]
    rows = _secrets({found.lookup_id for found, _report in presented})
    leaks = []
    for found, report in presented:
        row = rows.get(found.lookup_id)
        is_right = match(found, row).is_right  # type: ignore[arg-type]  # of such columns psycopg makes bytes
        if row is not None and (is_right or found_by == FoundBy.SCANNER):
            token = row.token if isinstance(row, SupersededSecret) else row
            leaks.append(_leak(token, found.lookup_id, report, is_right=is_right, found_by=found_by, now=now))
    return _keep(leaks, now)


def _secrets(lookup_ids: set[str]) -> dict[str, AccessToken | SupersededSecret]:
    """The secrets of these names, earlier ones too, by name.

    Their tokens are locked: of the same report that comes twice at a time the second one sees the first, and none of
    these secrets is put aside meanwhile. What is put aside between the first two reads is found by both.
    """
    present = AccessToken.objects.filter(lookup_id__in=lookup_ids).values_list("pk", flat=True)
    earlier = SupersededSecret.objects.filter(lookup_id__in=lookup_ids)
    ids = {*present, *earlier.values_list("token", flat=True)}
    tokens = AccessToken.objects.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",)).in_bulk()
    kept: list[AccessToken | SupersededSecret] = [*tokens.values()]
    for secret in earlier.all():
        secret.token = tokens[secret.token_id]
        kept.append(secret)
    return {each.lookup_id: each for each in kept}


def _leak(
    token: AccessToken, lookup_id: str, report: Report, *, is_right: bool, found_by: FoundBy, now: datetime
) -> Leak:
    return Leak(
        token=token,
        lookup_id=lookup_id,
        is_right=is_right,
        found_by=found_by,
        place=quoted(report.place, most=_LONGEST_PLACE),
        url=quoted(report.url, most=_LONGEST_URL),
        reported_at=now,
        outcome=Outcome.OPEN if is_right else Outcome.WRONG,
        settled_at=None if is_right else now,
    )


def _keep(leaks: list[Leak], now: datetime) -> int:
    known = list(Leak.objects.filter(token__in={leak.token_id for leak in leaks}))
    of_one, seen = Counter(leak.token_id for leak in known), set(map(_said, known))
    new = []
    for leak in leaks:
        if _said(leak) not in seen and of_one[leak.token_id] < MOST_OF_ONE:
            seen.add(_said(leak))
            of_one[leak.token_id] += 1
            new.append(leak)
    Leak.objects.bulk_create(new, batch_size=1000)
    record_many(
        line(
            Event.LEAK,
            actor=None,
            now=now,
            person=leak.token.user_id,
            subject_id=leak.token_id,
            after={name: getattr(leak, name) for name in ("found_by", "place", "url", "is_right")},
        )
        for leak in new
    )
    return len(new)


def _said(leak: Leak) -> tuple[object, ...]:
    """What makes two reports the same."""
    return leak.token_id, leak.lookup_id, leak.is_right, leak.found_by, leak.place, leak.url
