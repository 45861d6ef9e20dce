"""What other rules would mean for a person: the decision as it is beside the decision as it would be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from accounts.census import Census, Shape
from accounts.models import Account
from accounts.people import Membership
from accounts.roles import Base
from accounts.tree import is_within
from policies.decision import Decision, decide
from policies.exempted import Register, exempting_of
from policies.exempting import exempt_until
from policies.supposing import RuleBook


@dataclass(frozen=True, slots=True)
class Verdict:
    """One person, or all of one shape, under both rules."""

    membership: Membership
    before: Decision
    after: Decision
    run_out_days: int  # the student limit after

    @property
    def loses(self) -> bool:
        """Whether the right to create would go."""
        return self.before.may_create and not self.after.may_create

    @property
    def gains(self) -> bool:
        """Whether the right to create would come."""
        return not self.before.may_create and self.after.may_create

    @property
    def keeps_as_more_than_student(self) -> bool:
        """Whether a student could create before, and could still."""
        return Base.STUDENT in self.membership.standing.bases and self.before.may_create and self.after.may_create

    @property
    def differs_in_scopes(self) -> bool:
        """Whether a token would have to name other scopes, or could."""
        before, after = self.before, self.after
        return (before.scopes_required, before.allowed_scopes) != (after.scopes_required, after.allowed_scopes)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two books of rules for the people whose home lies in the subtree of one account."""

    before: RuleBook
    after: RuleBook
    exempted: Register
    now: datetime
    _known: dict[Shape, Verdict] = field(default_factory=dict)

    @classmethod
    def of(cls, account: Account, values: Mapping[str, object], *, now: datetime) -> "Comparison":
        """The rules of today beside those that would hold if `account` set `values`, in two queries."""
        book = RuleBook.of(account)
        return cls(book, book.supposing(values), Register.of(now=now), now)

    def turned(self) -> "Comparison":
        """The other way round: the rules of today are those after."""
        return Comparison(self.after, self.before, self.exempted, self.now)

    @property
    def changed(self) -> list[str]:
        """The names of the settings that the account would set otherwise."""
        own, other = self.before.own, self.after.own
        return [name for name in own if own[name] != other[name]]

    def of_person(self, person: Membership, *, exempt_until: datetime | None) -> Verdict:
        """What the change means for one person, who may be exempted from the cap."""
        before, after = (
            decide(person.standing, book.at(person.home), now=self.now, exempt_until=exempt_until)
            for book in (self.before, self.after)
        )
        return Verdict(person, before, after, self.after.at(person.home).student_cap_days)

    def of_people(self, people: Mapping[int, Membership]) -> dict[int, Verdict]:
        """What it means for each of those of these people whose home lies in the subtree, in one query."""
        exempting = exempting_of(people, now=self.now)
        return {
            person_id: self.of_person(person, exempt_until=exempt_until(exempting.get(person_id, ()), now=self.now))
            for person_id, person in people.items()
            if is_within(person.home, [self.before.account.pk])
        }

    def of_shape(self, shape: Shape, census: Census) -> Verdict:
        """What it means for all people of a shape."""
        if shape not in self._known:
            until = self.exempted.of_shape(shape)
            self._known[shape] = self.of_person(shape.membership(census.root), exempt_until=until)
        return self._known[shape]
