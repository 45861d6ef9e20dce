"""What the lines of the trail about unusual use mean."""

from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.telling import Fact, Kind, as_it_is, choices, explain, flags, names_of
from tokens.models import Flag, FlagState
from tokens.signals.wording import LIMITS, TITLES

_RULES = {rule.value: title for rule, title in TITLES.items()}


def _limits(value: dict[str, int]) -> str:
    return ", ".join(f"{LIMITS.get(name, name)}: {number}" for name, number in value.items())


FLAG = Kind(
    _("Unusual use"),
    {
        "purpose": Fact(_("Purpose"), as_it_is),
        "rule": Fact(_("Rule"), choices(_RULES)),
        "state": Fact(_("State"), choices(dict(FlagState.choices))),
        "words": Fact(_("Words of the owner"), as_it_is),
    },
    names_of(Flag.objects, "token__purpose"),
)
SIGNAL = Kind(
    _("Rules for unusual use"),
    {
        "rule": Fact(_("Rule"), choices(_RULES)),
        "is_on": Fact(_("Switched on"), flags),
        "limits": Fact(_("Limits"), lambda _values: _limits),
    },
    names_of(Account.objects, "name"),
)


def explain_all() -> None:
    """Tell `accounts.telling` what these lines mean."""
    explain("flag", FLAG)
    explain("signal", SIGNAL)
