"""Whose token is this? What stands in a pasted text, as far as somebody may see it; the look-up is in the trail.

Of the text nothing is kept. What is out of reach is not found, exactly like what is not there.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import Q

from accounts.audit import AuditEvent, record
from accounts.models import Account, User
from accounts.people import Membership, memberships
from accounts.roles import Permission
from tokens import fragments
from tokens.events import Event
from tokens.fragments import Fragment
from tokens.matching import match
from tokens.models import AccessToken, AccessTokenQuerySet, SupersededSecret, Verifier

MOST_TEXT = 16 * 1024  # characters
MOST_FOUND = 25  # tokens
LOOKUP = "token.lookup"


class Secret(StrEnum):
    """What of a token's secret was pasted with it."""

    NONE = "none"
    CURRENT = "current"
    WRONG = "wrong"
    EARLIER = "earlier"
    OVERLAP = "overlap"


@dataclass(frozen=True, slots=True)
class Found:
    """A token that stands in the text, by what of its secret did."""

    token: AccessToken
    secret: Secret


@dataclass(frozen=True, slots=True)
class FoundService:
    """A service whose credentials stand in the text."""

    verifier: Verifier
    secret: Secret


@dataclass(frozen=True, slots=True)
class Answer:
    """All that was found for somebody."""

    tokens: list[Found]
    services: list[FoundService]

    def __bool__(self) -> bool:
        """Whether that is anything."""
        return bool(self.tokens or self.services)


@transaction.atomic
def look_up(text: str, viewer: User, known: Membership, *, now: datetime) -> Answer:
    """Say what of our tokens stands in `text`; `known` is what the viewer's roles amount to. Raises Overloaded.

    Services are told to who edits the policy of the whole school, whose they are.
    """
    all_found = fragments.fragments_of(text[:MOST_TEXT])
    of_tokens = [each for each in all_found if not each.is_of_service]
    reached = AccessToken.objects.reachable_by(viewer, Permission.TOKENS_VIEW, now=now)
    services = _services([each for each in all_found if each.is_of_service]) if _is_over_services(known) else []
    answer = Answer(_tokens(of_tokens, reached, now), services)
    _record(answer, viewer, known, now)
    return answer


def owners_of(answer: Answer, *, now: datetime) -> dict[int, Membership]:
    """What the owners' roles amount to."""
    return memberships({found.token.user_id for found in answer.tokens}, now=now)


def _is_over_services(known: Membership) -> bool:
    return known.home[0] in known.standing.accounts_with(Permission.POLICY_EDIT)


def _tokens(sought: list[Fragment], reached: AccessTokenQuerySet, now: datetime) -> list[Found]:
    """The tokens in reach, in the order of the text."""
    if not sought:
        return []
    rows = list(reached.filter(_named(sought)).select_related("user", "creator", "revoked_by")[:MOST_FOUND])
    earlier = _regenerated([each.lookup for each in sought if each.is_whole], {row.lookup_id for row in rows}, reached)
    working = _working(earlier, now)
    found: dict[int, Found] = {}
    for each in sought:
        for row in rows:
            if row.lookup_id.startswith(each.lookup):
                _keep(found, Found(row, _judged(each, row)))
        if each.lookup in earlier:
            _keep(found, Found(earlier[each.lookup], Secret.OVERLAP if each.lookup in working else Secret.EARLIER))
    return list(found.values())


def _keep(found: dict[int, Found], one: Found) -> None:
    """A token is told once, by the most that was shown of it."""
    before = found.get(one.token.pk)
    if before is None or (before.secret != Secret.CURRENT and one.secret != Secret.NONE):
        found[one.token.pk] = one


def _named(sought: Iterable[Fragment]) -> Q:
    condition = Q(lookup_id__in=[each.lookup for each in sought if each.is_whole])
    for each in sought:
        if not each.is_whole:
            condition |= Q(lookup_id__startswith=each.lookup)
    return condition


def _judged(fragment: Fragment, row: AccessToken | Verifier) -> Secret:
    if fragment.presented is None:
        return Secret.NONE
    matched = match(fragment.presented, row)  # type: ignore[arg-type]  # of such columns psycopg makes bytes
    return Secret.CURRENT if matched.is_right else Secret.WRONG


def _regenerated(lookups: list[str], known: set[str], reached: AccessTokenQuerySet) -> Mapping[str, AccessToken]:
    """The tokens that had these lookup ids until they got a new secret, by them; the trail remembers."""
    unknown = [lookup for lookup in lookups if lookup not in known]
    if not unknown:
        return {}
    lines = AuditEvent.objects.filter(action=Event.REGENERATE, before__lookup_id__in=unknown)
    had = dict(lines.values_list("before__lookup_id", "subject_id"))
    tokens = reached.filter(pk__in=had.values()).select_related("user", "creator", "revoked_by").in_bulk()
    return {lookup: tokens[pk] for lookup, pk in had.items() if pk in tokens}


def _working(lookups: Collection[str], now: datetime) -> set[str]:
    """Which of these earlier secrets work still, beside new ones."""
    works = SupersededSecret.objects.filter(lookup_id__in=lookups, works_until__gt=now)
    return set(works.values_list("lookup_id", flat=True)) if lookups else set()


def _services(sought: list[Fragment]) -> list[FoundService]:
    rows = Verifier.objects.filter(lookup_id__in=[each.lookup for each in sought if each.is_whole])
    by_lookup = {row.lookup_id: row for row in rows.select_related("owner")}
    found = {each.lookup: each for each in sought if each.lookup in by_lookup}
    return [FoundService(by_lookup[lookup], _judged(each, by_lookup[lookup])) for lookup, each in found.items()]


def _record(answer: Answer, viewer: User, known: Membership, now: datetime) -> None:
    """One line, also where nothing was found; it names what was found, of the text it says nothing."""
    owners = {found.token.user_id for found in answer.tokens}
    lookups = [found.token.lookup_id for found in answer.tokens] + [each.verifier.lookup_id for each in answer.services]
    held = known.standing.accounts_with(Permission.TOKENS_VIEW)
    only = answer.tokens[0].token if len(answer.tokens) == 1 and not answer.services else None
    record(
        LOOKUP,
        actor=viewer,
        now=now,
        person=owners.pop() if len(owners) == 1 else None,
        account=None if len(owners) == 1 else Account.objects.filter(pk__in=held).order_by("pk").first(),
        subject_id=only.pk if only else None,
        after={"count": len(lookups), "lookup_ids": lookups},
    )
