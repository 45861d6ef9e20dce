"""The words of the rules: what each looks for, and what a flag says with its numbers filled in."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy, ngettext

from tokens.signals.rules import RULES, Rule

Numbers = Mapping[str, Any]

TITLES: dict[Rule, str | Promise] = {
    Rule.NETWORKS: gettext_lazy("Several networks within an hour"),
    Rule.JUMP: gettext_lazy("Use has jumped"),
    Rule.POLLING: gettext_lazy("Asks all night at a fixed period"),
    Rule.SHARED: gettext_lazy("One network and tool for many students"),
    Rule.PROBING: gettext_lazy("Tries what it may not do"),
    Rule.TRIED: gettext_lazy("Tried although it is refused"),
}
MEANINGS: dict[Rule, str | Promise] = {
    Rule.NETWORKS: gettext_lazy("The token may have been passed on, or taken."),
    Rule.JUMP: gettext_lazy("Something new uses it, or a program has run wild."),
    Rule.POLLING: gettext_lazy("A program asks without anybody looking; it may be meant so."),
    Rule.SHARED: gettext_lazy("Somebody may have collected the tokens of others, such as a service for homework."),
    Rule.PROBING: gettext_lazy("Somebody may be looking for what the token opens."),
    Rule.TRIED: gettext_lazy("Something uses it that nobody has told, or somebody tries a token that they found."),
}
LIMITS: dict[str, str | Promise] = {
    "networks": gettext_lazy("Networks within an hour"),
    "times": gettext_lazy("Times as much as usual"),
    "requests": gettext_lazy("Requests in the day, at least"),
    "nights": gettext_lazy("Nights in a row"),
    "an_hour": gettext_lazy("Requests in each hour, at least"),
    "students": gettext_lazy("Students"),
    "at_most": gettext_lazy("Students at most; more are a campus"),
    "scopes": gettext_lazy("Scopes refused in a day"),
    "tries": gettext_lazy("Tries in a day"),
}


def sentence(rule: str, numbers: Numbers) -> str:
    """Say what a rule has found, in the language and zone of whoever reads."""
    return _SENTENCES[Rule(rule)](numbers) if rule in _SENTENCES else rule


def title(rule: str) -> str:
    """What a rule looks for."""
    return str(TITLES[Rule(rule)]) if rule in RULES else rule


def _day(text: str) -> str:
    return date_format(date.fromisoformat(text), "j F Y")


def _networks(numbers: Numbers) -> str:
    began = localtime(datetime.fromisoformat(numbers["from"]))
    words = ngettext(
        "Used from %(n)d network between %(from)s and %(until)s on %(day)s.",
        "Used from %(n)d networks between %(from)s and %(until)s on %(day)s.",
        numbers["count"],
    )
    ended = began + timedelta(hours=1)
    return words % {
        "n": numbers["count"],
        "from": f"{began:%H:%M}",
        "until": f"{ended:%H:%M}",
        "day": date_format(began, "j F Y"),
    }


def _jump(numbers: Numbers) -> str:
    words = ngettext(
        "%(n)d request on %(day)s; before that it was %(usual)d a day.",
        "%(n)d requests on %(day)s; before that it was %(usual)d a day.",
        numbers["count"],
    )
    return words % {"n": numbers["count"], "day": _day(numbers["day"]), "usual": numbers["usual"]}


def _polling(numbers: Numbers) -> str:
    words = ngettext(
        "Asked all through %(n)d night until %(day)s: %(hourly)d requests an hour, one every %(minutes)d minutes.",
        "Asked all through %(n)d nights until %(day)s: %(hourly)d requests an hour, one every %(minutes)d minutes.",
        numbers["count"],
    )
    return words % {
        "n": numbers["count"],
        "day": _day(numbers["until"]),
        "hourly": numbers["an_hour"],
        "minutes": numbers["minutes"],
    }


def _shared(numbers: Numbers) -> str:
    words = ngettext(
        "The tokens of %(n)d student are used from the network %(network)s with the tool %(tool)s.",
        "The tokens of %(n)d students are used from the network %(network)s with the tool %(tool)s.",
        numbers["count"],
    )
    return words % {"n": numbers["count"], "network": numbers["network"], "tool": numbers["tool"]}


def _probing(numbers: Numbers) -> str:
    words = ngettext(
        "Asked for %(n)d scope that it does not hold on %(day)s: %(scopes)s.",
        "Asked for %(n)d scopes that it does not hold on %(day)s: %(scopes)s.",
        numbers["count"],
    )
    return words % {"n": numbers["count"], "day": _day(numbers["day"]), "scopes": ", ".join(numbers["scopes"])}


def _tried(numbers: Numbers) -> str:
    words = _TRIED[numbers["state"]](numbers["count"])
    return words % {"n": numbers["count"], "day": _day(numbers["day"])}


_TRIED: dict[str, Callable[[int], str]] = {
    "pending": lambda n: ngettext(
        "Tried %(n)d time on %(day)s, and refused, as its owner has not activated it.",
        "Tried %(n)d times on %(day)s, and refused, as its owner has not activated it.",
        n,
    ),
    "suspended": lambda n: ngettext(
        "Tried %(n)d time on %(day)s, and refused, as it is suspended.",
        "Tried %(n)d times on %(day)s, and refused, as it is suspended.",
        n,
    ),
    "superseded": lambda n: ngettext(
        "An earlier secret was tried %(n)d time on %(day)s, and refused, as it has been replaced.",
        "An earlier secret was tried %(n)d times on %(day)s, and refused, as it has been replaced.",
        n,
    ),
    "revoked": lambda n: ngettext(
        "Tried %(n)d time on %(day)s, and refused, as it was revoked.",
        "Tried %(n)d times on %(day)s, and refused, as it was revoked.",
        n,
    ),
    "expired": lambda n: ngettext(
        "Tried %(n)d time on %(day)s, and refused, as it has expired.",
        "Tried %(n)d times on %(day)s, and refused, as it has expired.",
        n,
    ),
}
_SENTENCES: dict[Rule, Callable[[Numbers], str]] = {
    Rule.NETWORKS: _networks,
    Rule.JUMP: _jump,
    Rule.POLLING: _polling,
    Rule.SHARED: _shared,
    Rule.PROBING: _probing,
    Rule.TRIED: _tried,
}
