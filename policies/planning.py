"""How a change of settings is made by a person: shown, saved, waiting where it shortens tokens, begun or undone.

What touches no token holds at once. What shortens or ends tokens, or would if it held at once, waits for its grace
time: until then the rules are as they were, so that undoing it needs nothing put back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.audit import record
from accounts.models import Account, User
from accounts.people import Membership, membership
from policies import settings
from policies.ending import Ending, Existing
from policies.models import OPEN_STAGES, PlannedChange, Stage
from policies.models.policy import as_stored
from policies.preview import Preview, preview
from policies.quoting import Asked, figures_of, quote, require_quote
from policies.refusals import Code, Gathered, refuse
from policies.settings import Change
from policies.signals import change_begun, change_planned, change_undone
from policies.spreading import SPREAD_FROM, Spread

GRACE_DAYS, SPREAD_DAYS, MOST_DAYS = 14, 30, 365


@dataclass(frozen=True, slots=True)
class Plan:
    """What an account shall set, and how: `values` as `policies.settings.change` takes them."""

    account: Account
    values: Mapping[str, Any]
    existing: Existing = Existing.KEEP
    existing_end: datetime | None = None  # with Existing.END_ON
    grace_days: int = GRACE_DAYS
    spread_days: int = SPREAD_DAYS

    @property
    def stored(self) -> dict[str, Any]:
        """The settings as their columns have them, once they are known to be valid."""
        return {name: as_stored(value) for name, value in self.values.items()}

    def asked(self, seen: Preview) -> Asked:
        """It as a quote has it: of the settings those that differ, for one door names more of them than another."""
        end = self.existing_end and self.existing_end.astimezone(UTC).isoformat()
        terms = {"existing": str(self.existing), "end": end, "grace": self.grace_days, "spread": self.spread_days}
        return Asked(self.account.pk, {name: self.stored[name] for name in seen.changed}, terms)

    def takes_effect_at(self, now: datetime) -> datetime:
        return now + timedelta(days=self.grace_days)

    def require_valid(self, now: datetime) -> None:
        """Check when and how; the settings themselves the preview checks. Raises Refused."""
        with Gathered() as gathered:
            for name in ("grace_days", "spread_days"):
                with gathered:
                    if type(days := getattr(self, name)) is not int or not 0 <= days <= MOST_DAYS:
                        raise refuse(Code.NUMBER_OUT_OF_RANGE, name, least=0, most=MOST_DAYS)
            with gathered:
                self._require_end(now)
        gathered.require()

    def _require_end(self, now: datetime) -> None:
        if (self.existing == Existing.END_ON) != (self.existing_end is not None):
            raise refuse(Code.EXISTING_END_REQUIRED, "existing_end")
        if self.existing_end is not None and self.existing_end <= max(now, self.takes_effect_at(now)):
            raise refuse(Code.EXISTING_END_TOO_EARLY, "existing_end")

    @property
    def ending(self) -> Ending:
        """How it treats tokens that exist."""
        return Ending(self.existing, self.existing_end, Spread(self.spread_days) if self.spread_days else None)


@dataclass(frozen=True, slots=True)
class Shown:
    """A preview with the text that quotes it."""

    preview: Preview
    quote: str


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of it: it waits or is being carried out (`planned`), or holds already (`change`); nothing differed."""

    planned: PlannedChange | None = None
    change: Change | None = None


def show(plan: Plan, *, actor: User | None, now: datetime) -> Shown:
    """What it would do, from today's data. Raises Refused for what cannot be."""
    seen = _look(plan, _viewer(actor, now), now)
    return Shown(seen, quote(plan.asked(seen), seen))


def _look(plan: Plan, viewer: Membership | None, now: datetime) -> Preview:
    plan.require_valid(now)
    grace = timedelta(days=plan.grace_days)
    seen = preview(plan.account, plan.values, viewer=viewer, now=now, ending=plan.ending, grace=grace)
    if seen.tokens.hit or not seen.changed or not grace:
        return seen
    at_once = preview(plan.account, plan.values, viewer=viewer, now=now, ending=plan.ending)
    return replace(seen, spared=at_once.tokens.hit)


def _viewer(actor: User | None, now: datetime) -> Membership | None:
    return membership(actor, now=now) if actor else None


def save(plan: Plan, *, quoted: str | None, typed: int | None = None, actor: User | None, now: datetime) -> Saved:
    """Save a change whose preview was shown: at once where it touches no token, else after its grace time.

    `actor` None is the operator. Without any grace time, `typed` has to be the number of tokens that it touches. Raises
    Refused(preview_needed, preview_outdated, count_not_typed, change_waiting), and what `settings.change` raises.
    """
    seen = _look(plan, _viewer(actor, now), now)
    if not seen.changed:
        return Saved()
    if seen.has_effect:
        require_quote(quoted, plan.asked(seen), seen)
    if not seen.waits:
        return _save_at_once(plan, actor=actor, now=now)
    if plan.grace_days == 0 and typed != seen.tokens.hit:
        raise refuse(Code.COUNT_NOT_TYPED, "typed", number=seen.tokens.hit)
    return Saved(planned=_plan(plan, seen, actor=actor, now=now))


@transaction.atomic
def _save_at_once(plan: Plan, *, actor: User | None, now: datetime) -> Saved:
    settings.hold()
    waiting = open_change(plan.account)
    if waiting is not None and not waiting.values.keys().isdisjoint(plan.values):
        differing = set(settings.differing(plan.account, plan.stored))
        if not differing.isdisjoint(waiting.values):
            raise _is_waiting(waiting)
    return Saved(change=settings.change(plan.account, plan.stored, actor=actor, now=now))


@transaction.atomic
def _plan(plan: Plan, seen: Preview, *, actor: User | None, now: datetime) -> PlannedChange:
    """Write it down, with its line in the trail; begin where there is no grace time."""
    settings.hold()
    waiting = open_change(plan.account)
    if waiting is not None:
        raise _is_waiting(waiting)
    before = settings.differing(plan.account, plan.stored)
    planned = PlannedChange(
        account=plan.account,
        values={name: plan.stored[name] for name in before},
        before=before,
        existing=plan.existing,
        existing_end=plan.existing_end,
        spread_days=plan.spread_days if seen.tokens.hit > SPREAD_FROM else 0,
        figures=figures_of(seen),
        made_by=actor,
        made_at=now,
        takes_effect_at=plan.takes_effect_at(now),
    )
    planned.save(force_insert=True)
    _record("policy.plan", planned, actor=actor, now=now)
    change_planned.send(sender=PlannedChange, planned=planned, now=now)
    if plan.grace_days == 0:
        begin(planned.pk, now=now)
        planned.refresh_from_db()
    return planned


@transaction.atomic
def undo(planned_id: int, *, actor: User | None, now: datetime) -> PlannedChange:
    """Take back a change that waits: nothing has happened to any token. Raises Refused(change_not_waiting)."""
    settings.hold()
    planned = _locked(planned_id)
    if planned.stage != Stage.WAITING:
        raise refuse(Code.CHANGE_NOT_WAITING)
    planned.stage, planned.undone_at, planned.undone_by = Stage.UNDONE, now, actor
    planned.save(update_fields=["stage", "undone_at", "undone_by"])
    _record("policy.undo", planned, actor=actor, now=now)
    change_undone.send(sender=PlannedChange, planned=planned, now=now)
    return planned


@transaction.atomic
def begin(planned_id: int, *, now: datetime) -> None:
    """Let the settings hold, and tell those who carry out what follows for tokens. Does nothing a second time."""
    settings.hold()
    planned = (
        PlannedChange.objects.select_for_update(of=("self",)).select_related("account", "made_by").get(pk=planned_id)
    )
    if planned.stage != Stage.WAITING:
        return
    planned.stage, planned.applied_at = Stage.APPLYING, now
    planned.save(update_fields=["stage", "applied_at"])
    settings.write(planned.account, planned.values, actor=planned.made_by, now=now)
    change_begun.send(sender=PlannedChange, planned=planned, now=now)


def due(*, now: datetime) -> list[int]:
    """The ids of changes whose grace time is over, the oldest first."""
    waiting = PlannedChange.objects.filter(stage=Stage.WAITING, takes_effect_at__lte=now)
    return list(waiting.order_by("takes_effect_at", "pk").values_list("pk", flat=True))


def _locked(planned_id: int) -> PlannedChange:
    changes = PlannedChange.objects.select_for_update(of=("self",)).select_related("account", "made_by")
    return changes.get(pk=planned_id)


def open_change(account: Account) -> PlannedChange | None:
    """The change of an account that waits or is being carried out: there is one at most."""
    return PlannedChange.objects.filter(account=account, stage__in=OPEN_STAGES).first()


def _is_waiting(planned: PlannedChange) -> Exception:
    if planned.stage == Stage.APPLYING:
        return refuse(Code.CHANGE_APPLYING)
    return refuse(Code.CHANGE_WAITING, date=planned.takes_effect_at)


def _record(action: str, planned: PlannedChange, *, actor: User | None, now: datetime) -> None:
    record(
        action,
        actor=actor,
        now=now,
        account=planned.account,
        subject_id=planned.account_id,
        before=planned.before,
        after={**planned.values, "takes_effect_at": planned.takes_effect_at, "existing": str(planned.existing)},
    )
