"""Raising flags: one for a token and a rule until somebody decides it, with its line and the word to the owner."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from accounts.audit import line, record_many
from tokens import notifications
from tokens.events import FlagEvent
from tokens.models import SILENT_FOR, AccessToken, Flag, FlagState
from tokens.signals.rules import Finding, Rule


@dataclass(frozen=True, slots=True)
class Raised:
    """What a rule found of a token, and whether its owner is to be told."""

    token: AccessToken
    rule: Rule
    finding: Finding
    is_told: bool


def raise_flags(found: Collection[Raised], *, now: datetime) -> tuple[int, int]:
    """Raise what is new, let grow what is undecided, leave what was decided; return how many of the first two.

    Found a second time, nothing changes. A transaction has to be open.
    """
    known = _latest(found)
    new: list[tuple[Raised, Flag]] = []
    grown: list[Flag] = []
    told: list[tuple[Raised, Flag]] = []
    for each in found:
        flag = known.get((each.token.pk, each.rule))
        if flag is None or not flag.is_undecided:
            if flag is not None and not _is_news(flag, each.finding, now):
                continue
            flag = Flag(token=each.token, rule=each.rule, numbers=each.finding.numbers, first_at=now, last_at=now)
            new.append((each, flag))
        elif _grow(flag, each.finding, now):
            grown.append(flag)
        if each.is_told and flag.told_at is None:
            flag.told_at = now
            told.append((each, flag))
    _write(new, [*grown, *(flag for _each, flag in told if flag.pk and flag not in grown)], now)
    _tell(told, now)
    return len(new), len(grown)


def _latest(found: Iterable[Raised]) -> dict[tuple[int, str], Flag]:
    flags = Flag.objects.filter(token__in={each.token.pk for each in found}).order_by("pk")
    return {(flag.token_id, flag.rule): flag for flag in flags.select_for_update()}


def _is_news(decided: Flag, finding: Finding, now: datetime) -> bool:
    """Whether what was decided is to be looked at again.

    Dismissed: after a while, or with twice the count. Confirmed: with what happened on a later day.
    """
    if decided.decided_at is None or decided.state == FlagState.DISMISSED:
        is_over = decided.decided_at is None or now >= decided.decided_at + SILENT_FOR
        return is_over or finding.count >= 2 * decided.count
    return finding.day > decided.decided_at.astimezone(UTC).date()


def _grow(flag: Flag, finding: Finding, now: datetime) -> bool:
    """Take numbers that say as much or more, unless they are the same."""
    if finding.count < flag.count or finding.numbers == flag.numbers:
        return False
    flag.numbers, flag.last_at = finding.numbers, max(now, flag.first_at)
    return True


def _write(new: list[tuple[Raised, Flag]], changed: list[Flag], now: datetime) -> None:
    Flag.objects.bulk_create(flag for _each, flag in new)
    Flag.objects.bulk_update(changed, ["numbers", "last_at", "told_at"])
    record_many(
        line(
            FlagEvent.RAISE,
            actor=None,
            now=now,
            person=each.token.user_id,
            subject_id=flag.pk,
            after={"purpose": each.token.purpose, **flag.facts()},
        )
        for each, flag in new
    )


def _tell(told: list[tuple[Raised, Flag]], now: datetime) -> None:
    """One word to each owner, with all of theirs."""
    said: dict[int, dict[str, list[dict[str, object]]]] = {}
    for each, flag in told:
        facts = {"token": each.token.pk, "purpose": each.token.purpose, "rule": flag.rule, "numbers": flag.numbers}
        said.setdefault(each.token.user_id, {"flags": []})["flags"].append(facts)
    notifications.owe_each(FlagEvent.RAISE, said, now=now)
