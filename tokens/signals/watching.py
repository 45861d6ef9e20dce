"""Which rules an account watches for: what the nearest account up the tree says of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.audit import record
from accounts.models import Account, User
from accounts.tree import Path
from policies.refusals import Code, Gathered, refuse
from tokens.models import Watch
from tokens.signals.rules import RULES, Rule


class Watches:
    """What all accounts say, read once."""

    def __init__(self) -> None:
        """Read it: no more rows than accounts times rules, and few accounts say anything."""
        self._said: dict[Rule, dict[int, Watch]] = {rule: {} for rule in Rule}
        for watch in Watch.objects.filter(rule__in=list(Rule)).select_related("account"):
            self._said[Rule(watch.rule)][watch.account_id] = watch

    def all_on(self, rule: Rule) -> list[Watch]:
        """Whatever any account says of a rule that is on there."""
        return [watch for watch in self._said[rule].values() if watch.is_on]

    def find(self, rule: Rule, path: Path) -> Watch | None:
        """What holds at the end of `path`; None where nobody up the tree says anything, which means off."""
        said = self._said[rule]
        return next((said[account_id] for account_id in reversed(path) if account_id in said), None)

    def on(self, path: Path) -> dict[Rule, Watch]:
        """The rules that are looked at there."""
        found = {rule: self.find(rule, path) for rule in Rule}
        return {rule: watch for rule, watch in found.items() if watch is not None and watch.is_on}


@dataclass(frozen=True, slots=True)
class Watched:
    """One rule as an account has it: what it says itself, and what would hold without that."""

    rule: Rule
    own: Watch | None
    inherited: Watch | None

    @property
    def held(self) -> Watch | None:
        """What holds."""
        return self.own or self.inherited

    @property
    def is_on(self) -> bool:
        return self.held is not None and self.held.is_on

    @property
    def limits(self) -> dict[str, int]:
        """The numbers that hold, or would if it were switched on."""
        return {**RULES[self.rule].usual, **(self.held.limits if self.held else {})}


def watched(account: Account) -> list[Watched]:
    """Every rule as an account has it."""
    watches, path = Watches(), tuple(account.path)
    found = []
    for rule in Rule:
        held, above = watches.find(rule, path), watches.find(rule, path[:-1])
        found.append(Watched(rule, held if held and held.account_id == account.pk else None, above))
    return found


@transaction.atomic
def watch(
    account: Account, rule: Rule, *, is_on: bool, limits: Mapping[str, int], actor: User | None, now: datetime
) -> Watch:
    """Switch a rule on or off in an account, with these limits. Raises Refused(number_out_of_range).

    It watches anew, for WATCHES_FOR, if it was off there or went by other numbers.
    """
    account = Account.objects.select_for_update().get(pk=account.pk)
    _require_limits(rule, limits)
    known = next(each for each in watched(account) if each.rule == rule)
    wanted = {**known.limits, **limits}
    is_same = known.is_on and known.limits == wanted
    since = known.held.since if known.held is not None and (is_same or not is_on) else now
    made = Watch(account=account, rule=rule, is_on=is_on, limits=wanted, since=since)
    if known.own is not None:
        if known.own.facts() == made.facts():
            return known.own
        made.pk = known.own.pk
    made.save()
    _record(made, known.own, account, actor=actor, now=now)
    return made


@transaction.atomic
def inherit(account: Account, rule: Rule, *, actor: User | None, now: datetime) -> None:
    """Leave a rule to the account above. A second time changes nothing. Raises Refused(nothing_above) at the root."""
    account = Account.objects.select_for_update().get(pk=account.pk)
    if account.parent_id is None:
        raise refuse(Code.NOTHING_ABOVE, "inherit")
    own = Watch.objects.filter(account=account, rule=rule).first()
    if own is not None:
        _record(None, own, account, actor=actor, now=now)
        own.delete()


def _require_limits(rule: Rule, limits: Mapping[str, int]) -> None:
    with Gathered() as gathered:
        for limit in RULES[rule].limits:
            with gathered:
                if not limit.least <= limits.get(limit.name, limit.usual) <= limit.most:
                    raise refuse(Code.NUMBER_OUT_OF_RANGE, limit.name, least=limit.least, most=limit.most)
    gathered.require()


def _record(made: Watch | None, own: Watch | None, account: Account, *, actor: User | None, now: datetime) -> None:
    before, after = own.facts() if own else {}, made.facts() if made else {}
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    record(
        "signal.change",
        actor=actor,
        now=now,
        account=account,
        subject_id=account.pk,
        before={name: value for name, value in before.items() if name in changed},
        after={
            "rule": {**before, **after}["rule"],
            **{name: value for name, value in after.items() if name in changed},
        },
    )
