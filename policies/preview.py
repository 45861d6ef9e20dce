"""What other settings of an account would do, from today's data, by the function that will enforce them.

People are counted whose sign-in works. Tokens are counted whoever holds them, as the clamp reaches them all.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.census import Census
from accounts.models import Account
from accounts.people import Membership
from accounts.roles import Permission
from policies.comparing import Comparison, Verdict
from policies.decision import decide
from policies.holdings import Held, held_by
from policies.locking import require_within_locks
from policies.rules import Audience
from policies.validity import require_valid

A_WEEK, A_MONTH = timedelta(days=7), timedelta(days=30)


@dataclass(slots=True)
class People:
    """How many people the change touches."""

    lose: int = 0
    gain: int = 0
    keep: int = 0  # students who keep by another role what others lose
    limit: int = 0  # their limit for new tokens differs
    scopes: int = 0  # what they must name, or may, differs


@dataclass(slots=True)
class Tokens:
    """How many tokens the change touches."""

    left: int = 0  # in use, of people who lose the right to create
    endless: int = 0  # of those
    last_end: datetime | None = None  # of those
    endable: int = 0  # of those, how many the viewer may revoke
    shortened: int = 0
    in_week: int = 0  # of the shortened ones, how many end within 7 days then
    in_month: int = 0  # within 30 days
    used: int = 0  # of the shortened ones, how many were used of late


@dataclass(frozen=True, slots=True)
class Preview:
    """The audience by number, and what would differ; `changed` names the settings that do."""

    audience: dict[Audience, int]
    changed: list[str]
    people: People
    tokens: Tokens

    @property
    def has_effect(self) -> bool:
        """Whether anybody or any token would notice today."""
        people, tokens = self.people, self.tokens
        return any((people.lose, people.gain, people.limit, people.scopes, tokens.shortened))


def preview(account: Account, values: Mapping[str, object], *, viewer: Membership, now: datetime) -> Preview:
    """What it would do if `account` set `values`. Raises Refused for what no setting can hold."""
    require_valid(values)
    require_within_locks(account, values)
    comparison = Comparison.of(account, values, now=now)
    census = census_for(comparison, viewer)
    shapes = {shape: (comparison.of_shape(shape, census), number) for shape, number in census.count().items()}
    people = [counted for shape, counted in shapes.items() if shape.is_active]
    touched = {
        shape: verdict.after.ceiling
        for shape, (verdict, _number) in shapes.items()
        if comparison.changed and (verdict.loses or verdict.after.capped)
    }
    held = [(shapes[each.shape][0], each) for each in held_by(census, touched)] if touched else []
    return Preview(_audience(comparison, people), comparison.changed, _people(people), _tokens(held, viewer, now))


def census_for(comparison: Comparison, viewer: Membership) -> Census:
    """A census that tells apart whatever accounts the rules or the rights of `viewer` tell apart."""
    rights: Collection[int] = {step for grant in viewer.standing.grants for step in grant.path}
    return Census.of(comparison.after.account, keeping={*comparison.after.policies, *rights}, now=comparison.now)


def _audience(comparison: Comparison, verdicts: Iterable[tuple[Verdict, int]]) -> dict[Audience, int]:
    """How many could create under each choice, of those for whom this account makes it."""
    book, counts = comparison.after, dict.fromkeys(Audience, 0)
    books = {audience: book.supposing({"audience": audience}) for audience in Audience}
    for verdict, number in verdicts:
        person = verdict.membership
        if book.decides("audience", person.home):
            for audience, supposed in books.items():
                counts[audience] += (
                    number * decide(person.standing, supposed.at(person.home), now=comparison.now).may_create
                )
    return counts


def _people(verdicts: Iterable[tuple[Verdict, int]]) -> People:
    counts = People()
    for verdict, number in verdicts:
        counts.lose += number * verdict.loses
        counts.gain += number * verdict.gains
        counts.keep += number * verdict.keeps_as_more_than_student
        counts.limit += number * (verdict.before.cap_days != verdict.after.cap_days)
        counts.scopes += number * verdict.differs_in_scopes
    return counts


def _tokens(held: Iterable[tuple[Verdict, Held]], viewer: Membership, now: datetime) -> Tokens:
    counts = Tokens()
    for verdict, each in held:
        if verdict.loses:
            end = verdict.after.clamped(each.last)
            counts.left += each.number
            counts.endable += each.number * viewer.may(Permission.TOKENS_DELETE, verdict.membership)
            counts.endless += each.number * (end is None)
            counts.last_end = max(filter(None, (counts.last_end, end)), default=None)
        new_end = verdict.after.clamped(each.first)
        if new_end is not None and new_end != each.first:  # then all of them come to the ceiling
            counts.shortened += each.number
            counts.in_week += each.number * (new_end <= now + A_WEEK)
            counts.in_month += each.number * (new_end <= now + A_MONTH)
            counts.used += each.number * each.is_used
    return counts
