"""What the changes of the rules that wait will do to people's tokens, by the functions that will carry them out.

From today's data, as of the moment at which each takes effect; `policies.applying` judges one that has begun.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.people import Membership, membership
from policies.comparing import Comparison, Verdict
from policies.models import PlannedChange, Stage
from policies.preview import may_end


@dataclass(frozen=True, slots=True)
class Coming:
    """The earlier end that a token will come to, and from when on; `revokes` says that it is revoked then."""

    takes_effect_at: datetime
    end: datetime
    revokes: bool = False


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A change that waits, for one person; `revokes` says whether it ends what they hold for good."""

    planned: PlannedChange
    verdict: Verdict
    revokes: bool

    @property
    def latest_end(self) -> datetime | None:
        """The latest end that it leaves what the person holds; None for any."""
        return self.planned.takes_effect_at if self.revokes else self.planned.ending.limit(self.verdict)

    def of(self, token_id: int, expires_at: datetime | None) -> Coming | None:
        """What a token that is in use comes to; None where it keeps its end, or is over by then."""
        at = self.planned.takes_effect_at
        if expires_at is not None and expires_at <= at:
            return None
        if self.revokes:
            return Coming(at, at, revokes=True)
        end = self.planned.ending.new_end(self.verdict, token_id, expires_at)
        return None if end is None or end == expires_at else Coming(at, end)


@dataclass(frozen=True, slots=True)
class Prospect:
    """All that waits for one person, the soonest first."""

    foreseen: tuple[Foreseen, ...] = ()

    def of(self, token_id: int, expires_at: datetime | None) -> Coming | None:
        """What a token that is in use comes to by whichever change leaves it the earliest end."""
        found = [coming for each in self.foreseen if (coming := each.of(token_id, expires_at))]
        return min(found, key=lambda coming: coming.end, default=None)

    def limit_below(self, end: datetime | None) -> Coming | None:
        """The earliest of the latest ends that the changes leave, if that is before `end` (None: no end)."""
        limits = [
            Coming(each.planned.takes_effect_at, latest, revokes=each.revokes)
            for each in self.foreseen
            if (latest := each.latest_end) is not None and (end is None or latest < end)
        ]
        return min(limits, key=lambda coming: coming.end, default=None)

    @property
    def losing(self) -> PlannedChange | None:
        """The change by which the person loses the right to create."""
        return next((each.planned for each in self.foreseen if each.verdict.loses), None)


NOTHING_WAITS = Prospect()


def foresee(people: Mapping[int, Membership], *, now: datetime) -> dict[int, Prospect]:
    """What waits for these people; in one query where nothing does."""
    found: dict[int, tuple[Foreseen, ...]] = dict.fromkeys(people, ())
    for planned in _waiting_for(people).order_by("takes_effect_at", "pk"):
        for person_id, foreseen in foresee_change(planned, people, now=now).items():
            found[person_id] += (foreseen,)
    return {person_id: Prospect(foreseen) for person_id, foreseen in found.items()}


def foresee_one(user_id: int, person: Membership, *, now: datetime) -> Prospect:
    return foresee({user_id: person}, now=now)[user_id]


def foresee_change(planned: PlannedChange, people: Mapping[int, Membership], *, now: datetime) -> dict[int, Foreseen]:
    """One change that waits, for those of these people whom it is for."""
    comparison = Comparison.of(planned.account, planned.values, now=planned.takes_effect_at)
    ending, actor = planned.ending, planned.made_by
    viewer = membership(actor, now=now) if actor else None
    return {
        person_id: Foreseen(planned, verdict, ending.revokes(verdict) and may_end(viewer, verdict.membership))
        for person_id, verdict in comparison.of_people(people).items()
    }


def _waiting_for(people: Mapping[int, Membership]) -> QuerySet[PlannedChange]:
    around = {account_id for person in people.values() for account_id in person.home}
    waiting = PlannedChange.objects.filter(stage=Stage.WAITING, account__in=around)
    return waiting.select_related("account", "made_by")
