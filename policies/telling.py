"""What a preview says, and what came of saving, sentence by sentence: the same words at every door."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from policies.ending import Existing
from policies.models import PlannedChange, Stage
from policies.planning import Plan, Saved
from policies.preview import Preview
from policies.settings import Change
from policies.spreading import SPREAD_FROM

_HOLDS = gettext_lazy("Settings saved. They hold from now on.")


class Kind(StrEnum):
    """How a sentence is meant."""

    WARN = "warn"
    OK = "ok"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence with the number that it is about, if there is one, and what there is to add in small print."""

    kind: Kind
    icon: str
    sentence: str
    number: str = ""
    more: str = ""

    @property
    def whole(self) -> str:
        """All of it as plain text."""
        return f"{self.sentence}. {self.more}" if self.more else self.sentence

    @property
    def parts(self) -> tuple[str, str, str]:
        """The sentence before its number, the number, and the rest: a language may say one or two as a word."""
        return self.sentence.partition(self.number) if self.number else (self.sentence, "", "")


def told(seen: Preview, plan: Plan) -> list[Told]:
    """What carrying out `plan` would do, in the active language; `seen` is its preview."""
    if not seen.changed:
        return [Told(Kind.OK, "circle-check", _("Nothing differs from what is set already."))]
    return list(_sentences(seen, plan))


def _sentences(seen: Preview, plan: Plan) -> Iterator[Told]:
    if not seen.has_effect:
        yield Told(Kind.OK, "circle-check", _("Nothing would change for anybody today."))
    if seen.people.lose:
        yield from _of_losers(seen, plan)
    yield from _of_other_people(seen)
    yield from _of_ends(seen, plan)
    yield _when(seen, plan)
    yield _who_is_told(seen)


def _of_losers(seen: Preview, plan: Plan) -> Iterator[Told]:
    people = seen.people
    yield _losing(people.lose)
    yield from _of_their_tokens(seen, plan)
    if people.keep:
        words = ngettext(
            "%(n)s student keeps it by another role", "%(n)s students keep it by another role", people.keep
        )
        yield _counted(Kind.OK, "circle-check", people.keep, words)


def _of_their_tokens(seen: Preview, plan: Plan) -> Iterator[Told]:
    """What becomes of the tokens of those who lose the right to create."""
    tokens = seen.tokens
    if not tokens.left:
        yield Told(Kind.PLAIN, "key-round", _("They hold no token that is in use"))
        return
    if tokens.revoked:
        yield _revoking(tokens.revoked)
    if staying := tokens.left - tokens.revoked:
        why = _("Their owners hold rights that you lack, so you cannot revoke them.") if tokens.revoked else ""
        others = {"end": tokens.last_end and day(tokens.last_end), "endless": _shown(tokens.endless)}
        yield _counted(Kind.WARN, "key-round", staying, _staying(seen, plan, staying), more=why, **others)


def _staying(seen: Preview, plan: Plan, number: int) -> str:
    """What is said of tokens that are not revoked."""
    if plan.existing in (Existing.RUN_OUT, Existing.END_ON):
        return ngettext(
            "%(n)s token of theirs runs out, on %(end)s",
            "%(n)s of their tokens run out, the last on %(end)s",
            number,
        )
    if seen.tokens.endless:
        return ngettext(
            "%(n)s token of theirs stays valid, without an end",
            "%(n)s of their tokens stay valid, %(endless)s of them without an end",
            number,
        )
    return ngettext(
        "%(n)s token of theirs stays valid, until %(end)s",
        "%(n)s of their tokens stay valid, the last until %(end)s",
        number,
    )


def _of_other_people(seen: Preview) -> Iterator[Told]:
    people = seen.people
    if people.gain:
        words = ngettext("%(n)s person more may generate tokens", "%(n)s people more may generate tokens", people.gain)
        yield _counted(Kind.OK, "circle-check", people.gain, words)
    if people.limit:
        words = ngettext(
            "For %(n)s person the limit for new tokens changes",
            "For %(n)s people the limit for new tokens changes",
            people.limit,
        )
        yield _counted(Kind.PLAIN, "timer", people.limit, words)
    if people.scopes:
        words = ngettext(
            "For %(n)s person the scopes for new tokens change; tokens that exist keep theirs until they are "
            "regenerated",
            "For %(n)s people the scopes for new tokens change; tokens that exist keep theirs until they are "
            "regenerated",
            people.scopes,
        )
        yield _counted(Kind.PLAIN, "list-checks", people.scopes, words)


def _of_ends(seen: Preview, plan: Plan) -> Iterator[Told]:
    tokens = seen.tokens
    if tokens.shortened:
        near = _("%(week)s of them within 7 days after the change takes effect, %(month)s within 30.") % {
            "week": _shown(tokens.in_week),
            "month": _shown(tokens.in_month),
        }
        yield _shortening(tokens.shortened, near)
    if tokens.used:
        yield _using(tokens.used)
    elif tokens.hit:
        yield Told(Kind.OK, "activity", _("None of these tokens was used in the last 30 days"))
    if tokens.shortened and tokens.hit > SPREAD_FROM and plan.spread_days:
        words = ngettext(
            "The new ends are spread over up to %(n)s day, never later than the limit",
            "The new ends are spread over up to %(n)s days, never later than the limit",
            plan.spread_days,
        )
        yield _counted(Kind.PLAIN, "calendar-clock", plan.spread_days, words)


def _when(seen: Preview, plan: Plan) -> Told:
    if not seen.waits:
        return Told(Kind.PLAIN, "clock", _("It holds as soon as it is saved"))
    if not plan.grace_days:
        return Told(Kind.WARN, "clock", _("It takes effect at once, and cannot be undone"))
    words = _("It takes effect on %(date)s; until then it can be undone")
    return Told(Kind.PLAIN, "clock", words % {"date": day(seen.takes_effect_at)})


def _who_is_told(seen: Preview) -> Told:
    words = _("The owners of these tokens are told by e-mail") if seen.tokens.hit else _("Nobody is e-mailed")
    return Told(Kind.PLAIN, "mail", words)


def told_of_planned(planned: PlannedChange) -> list[Told]:
    """What a change that was saved does, by the figures that it was saved with."""
    figures = planned.figures
    each = {"lose": _losing, "revoked": _revoking, "shortened": _shortening, "used": _using}
    return [say(figures[name]) for name, say in each.items() if figures.get(name)]


def told_after(saved: Saved) -> list[str]:
    """What came of saving, a sentence each."""
    if saved.planned is not None:
        return _of_planned(saved.planned)
    return _of_change(saved.change) if saved.change else [_("Nothing had changed.")]


def _of_planned(planned: PlannedChange) -> list[str]:
    if planned.stage == Stage.WAITING:
        words = _waiting(planned.hit)
        return [words % {"date": day(planned.takes_effect_at), "n": _shown(planned.hit)}]
    if planned.stage == Stage.APPLYING:
        return [
            str(_HOLDS),
            _("A job is reaching the tokens now; the settings say how far it has come."),
        ]
    return [str(_HOLDS), *_ended(planned.shortened, planned.revoked)]


def _waiting(hit: int) -> str:
    if not hit:
        return _("Saved. It takes effect on %(date)s and touches no token by then; until then it can be undone.")
    return ngettext(
        "Saved. It takes effect on %(date)s and touches %(n)s token; until then it can be undone.",
        "Saved. It takes effect on %(date)s and touches %(n)s tokens; until then it can be undone.",
        hit,
    )


def _of_change(change: Change) -> list[str]:
    if change.shortened is None:
        return [str(_HOLDS), _("A job is giving many tokens an earlier end now.")]
    return [str(_HOLDS), *_ended(change.shortened, 0)]


def _ended(shortened: int, revoked: int) -> Iterator[str]:
    if shortened:
        words = ngettext("%(n)d token has an earlier end.", "%(n)d tokens have an earlier end.", shortened)
        yield words % {"n": shortened}
    if revoked:
        words = ngettext("%(n)d token was revoked.", "%(n)d tokens were revoked.", revoked)
        yield words % {"n": revoked}


def day(moment: datetime) -> str:
    """A day in the zone and the language of who reads it."""
    return date_format(localtime(moment), "j F Y")


def _losing(number: int) -> Told:
    words = ngettext("%(n)s person loses “Generate token”", "%(n)s people lose “Generate token”", number)
    return _counted(Kind.WARN, "graduation-cap", number, words)


def _revoking(number: int) -> Told:
    words = ngettext("%(n)s token of theirs is revoked", "%(n)s of their tokens are revoked", number)
    return _counted(Kind.WARN, "ban", number, words)


def _shortening(number: int, more: str = "") -> Told:
    words = ngettext("%(n)s token gets an earlier end", "%(n)s tokens get an earlier end", number)
    return _counted(Kind.WARN, "scissors", number, words, more=more)


def _using(number: int) -> Told:
    words = ngettext(
        "%(n)s of these tokens was used in the last 30 days",
        "%(n)s of these tokens were used in the last 30 days",
        number,
    )
    return _counted(Kind.WARN, "activity", number, words)


def _counted(kind: Kind, icon: str, number: int, words: str, *, more: str = "", **others: object) -> Told:
    shown = _shown(number)
    return Told(kind, icon, words % {"n": shown, **others}, shown, more)


def _shown(number: int) -> str:
    return number_format(number, force_grouping=True)
