"""What other settings of an account would do, from today's data, by the function that will enforce them.

People are counted whose sign-in works. Tokens are counted whoever holds them, as the clamp reaches them all; their new
ends by the moment at which the change takes effect.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from accounts.census import Census, Shape
from accounts.models import Account
from accounts.people import Membership
from accounts.roles import Permission
from policies.comparing import Comparison, Verdict
from policies.decision import decide
from policies.ending import Ending
from policies.holdings import Held, held_by
from policies.locking import require_within_locks
from policies.rules import Audience
from policies.spreading import SPREAD_FROM
from policies.validity import require_valid

A_WEEK, A_MONTH = timedelta(days=7), timedelta(days=30)
KEPT = Ending()  # no more than what the rules themselves shorten


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

    left: int = 0  # in use when it takes effect, of people who lose the right to create
    endless: int = 0  # of those, how many keep living without an end
    last_end: datetime | None = None  # of those
    endable: int = 0  # of those, how many the viewer may revoke
    revoked: int = 0  # of those, how many the change revokes
    shortened: int = 0
    in_week: int = 0  # of the shortened ones, how many end within 7 days after the change takes effect
    in_month: int = 0  # within 30 days
    used: int = 0  # of the shortened and revoked ones, how many were used in the last 30 days

    @property
    def hit(self) -> int:
        """How many it shortens or ends."""
        return self.shortened + self.revoked


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a change is for that may hold tokens which it shortens or ends, by shape, and how it treats those."""

    census: Census
    verdicts: Mapping[Shape, Verdict]
    ending: Ending
    viewer: Membership | None

    def revokes(self, verdict: Verdict) -> bool:
        """Whether it ends what a person holds for good: as far as the viewer may."""
        return self.ending.revokes(verdict) and may_end(self.viewer, verdict.membership)


@dataclass(frozen=True, slots=True)
class Preview:
    """The audience by number, and what would differ; `changed` names the settings that do."""

    audience: dict[Audience, int]
    changed: list[str]
    people: People
    tokens: Tokens
    takes_effect_at: datetime
    reach: Reach
    spared: int = 0  # tokens that it would touch if it held at once, and none of which it touches after its grace time

    @property
    def waits(self) -> bool:
        """Whether its grace time keeps anything from a token."""
        return bool(self.tokens.hit or self.spared)

    @property
    def has_effect(self) -> bool:
        """Whether anybody or any token would notice today."""
        people = self.people
        return any((people.lose, people.gain, people.limit, people.scopes, self.tokens.hit))


def preview(
    account: Account,
    values: Mapping[str, object],
    *,
    viewer: Membership | None,
    now: datetime,
    ending: Ending = KEPT,
    grace: timedelta = timedelta(0),
) -> Preview:
    """What it would do if `account` set `values`, to take effect after `grace`. Raises Refused for what no setting is.

    `viewer` is who would revoke tokens; None is the operator, who may revoke any. New ends are spread as `ending` says
    where they are more than SPREAD_FROM.
    """
    require_valid(values)
    require_within_locks(account, values)
    comparison = Comparison.of(account, values, now=now + grace)
    census = census_for(comparison, viewer, now=now)
    shapes = {shape: (comparison.of_shape(shape, census), number) for shape, number in census.count().items()}
    people = [counted for shape, counted in shapes.items() if shape.is_active]
    touched = {
        shape: ending.limit(verdict)
        for shape, (verdict, _number) in shapes.items()
        if comparison.changed and (verdict.loses or verdict.after.capped)
    }
    held = [(shapes[each.shape][0], each) for each in held_by(census, touched, at=comparison.now)] if touched else []
    at_once = replace(ending, spread=None)
    if _tokens(held, viewer, at_once).hit <= SPREAD_FROM:
        ending = at_once
    tokens = _tokens(held, viewer, ending)
    reach = Reach(census, {shape: shapes[shape][0] for shape in touched}, ending, viewer)
    return Preview(_audience(comparison, people), comparison.changed, _people(people), tokens, comparison.now, reach)


def census_for(comparison: Comparison, viewer: Membership | None, *, now: datetime) -> Census:
    """A census of today that tells apart whatever the rules, the exemptions or the rights of `viewer` tell apart."""
    grants = viewer.standing.grants if viewer else ()
    rights: Collection[int] = {step for grant in grants for step in grant.path}
    book, exempted = comparison.after, comparison.exempted
    keeping = {*book.policies, *exempted.accounts, *rights}
    return Census.of(book.account, keeping=keeping, people=exempted.people, roles=exempted.roles, now=now)


def may_end(viewer: Membership | None, owner: Membership) -> bool:
    """Whether `viewer` may revoke what a person holds."""
    return viewer is None or viewer.may(Permission.TOKENS_DELETE, owner)


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


def _tokens(held: Iterable[tuple[Verdict, Held]], viewer: Membership | None, ending: Ending) -> Tokens:
    counts = Tokens()
    for verdict, each in held:
        is_endable = verdict.loses and may_end(viewer, verdict.membership)
        if verdict.loses:
            _count_left(counts, each, ending.limit(verdict), is_endable=is_endable)
        if is_endable and ending.revokes(verdict):
            counts.revoked += each.number
            counts.used += each.number * each.is_used
        elif _is_longer(each, ending.limit(verdict)):
            _count_shortened(counts, verdict, each, ending)
    return counts


def _count_left(counts: Tokens, held: Held, limit: datetime | None, *, is_endable: bool) -> None:
    """Count what those hold who lose the right to create."""
    end = min((end for end in (held.last, limit) if end is not None), default=None)
    counts.left += held.number
    counts.endable += held.number * is_endable
    counts.endless += held.number * (end is None)
    counts.last_end = max(filter(None, (counts.last_end, end)), default=None)


def _is_longer(held: Held, limit: datetime | None) -> bool:
    """Whether they live past `limit`: all of them do or none, as they are counted apart by it."""
    return limit is not None and (held.first is None or held.first > limit)


def _count_shortened(counts: Tokens, verdict: Verdict, held: Held, ending: Ending) -> None:
    start = verdict.after.now
    counts.shortened += held.number
    counts.in_week += round(held.number * ending.share_by(start + A_WEEK, verdict))
    counts.in_month += round(held.number * ending.share_by(start + A_MONTH, verdict))
    counts.used += held.number * held.is_used
