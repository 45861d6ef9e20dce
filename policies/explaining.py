"""The words for what somebody may: why their tokens must end, or need not, and why they may make none (rule R9)."""

from collections.abc import Sequence
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext_lazy

from accounts.labels import role_name
from policies.decision import CappedBecause, Decision
from policies.outlook import Outlook
from policies.wording import CREATION, day

_CAPPED = {
    CappedBecause.ONLY_STUDENT: ngettext_lazy(
        "All your roles are student roles, so a token ends after %(days)d day at most.",
        "All your roles are student roles, so a token ends after %(days)d days at most.",
        "days",
    ),
    CappedBecause.NO_ROLE: ngettext_lazy(
        "You hold no role here yet, so a token ends after %(days)d day at most, as for students.",
        "You hold no role here yet, so a token ends after %(days)d days at most, as for students.",
        "days",
    ),
    CappedBecause.TEACHING: ngettext_lazy(
        "For your roles your school lets a token live for %(days)d day at most.",
        "For your roles your school lets a token live for %(days)d days at most.",
        "days",
    ),
    CappedBecause.ADMINISTRATING: ngettext_lazy(
        "For administrators your school lets a token live for %(days)d day at most.",
        "For administrators your school lets a token live for %(days)d days at most.",
        "days",
    ),
}
_CAPPED_THEM = {
    CappedBecause.ONLY_STUDENT: ngettext_lazy(
        "Every role is a student role: tokens need an end, at most %(days)d day away.",
        "Every role is a student role: tokens need an end, at most %(days)d days away.",
        "days",
    ),
    CappedBecause.NO_ROLE: ngettext_lazy(
        "No role counts now: tokens need an end, at most %(days)d day away, as for students.",
        "No role counts now: tokens need an end, at most %(days)d days away, as for students.",
        "days",
    ),
    CappedBecause.TEACHING: ngettext_lazy(
        "For teaching roles tokens need an end, at most %(days)d day away.",
        "For teaching roles tokens need an end, at most %(days)d days away.",
        "days",
    ),
    CappedBecause.ADMINISTRATING: ngettext_lazy(
        "For administrators tokens need an end, at most %(days)d day away.",
        "For administrators tokens need an end, at most %(days)d days away.",
        "days",
    ),
}

_EXEMPTED = ngettext_lazy(
    "An exemption until %(until)s lets your tokens live until %(latest)s. Without it a token ends after %(days)d day "
    "at most.",
    "An exemption until %(until)s lets your tokens live until %(latest)s. Without it a token ends after %(days)d days "
    "at most.",
    "days",
)
_EXEMPTED_THEM = ngettext_lazy(
    "An exemption until %(until)s lets tokens live until %(latest)s. Without it they end after %(days)d day at most.",
    "An exemption until %(until)s lets tokens live until %(latest)s. Without it they end after %(days)d days at most.",
    "days",
)

_FREE_THEM = ngettext_lazy(
    "Tokens may live without an end, because of the role %(roles)s.",
    "Tokens may live without an end, because of the roles %(roles)s.",
    "count",
)
_WITHOUT_ROLE = ngettext_lazy(
    "If %(roles)s ends, tokens need an end, at most %(days)d day away, as for students.",
    "If %(roles)s ends, tokens need an end, at most %(days)d days away, as for students.",
    "days",
)
_WITHOUT_ROLES = ngettext_lazy(
    "If %(roles)s all end, tokens need an end, at most %(days)d day away, as for students.",
    "If %(roles)s all end, tokens need an end, at most %(days)d days away, as for students.",
    "days",
)


def why_capped(decision: Decision) -> str:
    """Why this person's tokens must end, or until when an exemption lets them live; empty where they need not end."""
    if decision.capped_because is None:
        return ""
    if decision.exempt_until is not None:
        return _exempted(_EXEMPTED, decision)
    return str(_CAPPED[decision.capped_because] % {"days": decision.cap_days})


def why_capped_for_others(decision: Decision) -> str:
    """The same, said to an administrator."""
    if decision.capped_because is None:
        return ""
    if decision.exempt_until is not None:
        return _exempted(_EXEMPTED_THEM, decision)
    return str(_CAPPED_THEM[decision.capped_because] % {"days": decision.cap_days})


def why_refused(decision: Decision) -> str:
    """Why this person may not create tokens; empty where they may."""
    return "" if decision.refused_because is None else str(CREATION[decision.refused_because])


def why_free_for_others(outlook: Outlook) -> str:
    """Because of which roles this person's tokens need no end, said to an administrator; empty where they do."""
    if outlook.decision.capped:
        return ""
    return str(_FREE_THEM % {"roles": _listed(outlook.lifted_by), "count": len(outlook.lifted_by)})


def what_if_for_others(outlook: Outlook) -> str:
    """What follows if those roles end, said to an administrator; empty where nothing does."""
    if outlook.without is None:
        return ""
    words = _WITHOUT_ROLE if len(outlook.lifted_by) == 1 else _WITHOUT_ROLES
    return str(words % {"roles": _listed(outlook.lifted_by), "days": outlook.without.days_to_ceiling})


def _exempted(words: Any, decision: Decision) -> str:
    days = {"until": day(decision.exempt_until), "latest": day(decision.ceiling), "days": decision.cap_days}
    return str(words % days)


def _listed(roles: Sequence[str]) -> str:
    return get_text_list(list(map(role_name, roles)), gettext("and"))
