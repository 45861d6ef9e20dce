"""How a run of loading a roster went, in words for people."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, gettext_lazy, ngettext_lazy

from accounts.rosters import Outcome, RosterRun
from accounts.telling import Text

_WHY: dict[str, Text] = {
    "token": gettext_lazy(
        "Canvas does not accept the token: it is wrong, has expired, or was revoked. Make a new one in Canvas and set "
        "CANVAS_TOKEN."
    ),
    "forbidden": gettext_lazy(
        "Canvas does not let the owner of the token read %(what)s. Give them a role in Canvas that may."
    ),
    "unknown": gettext_lazy("Canvas knows no %(what)s. Look at CANVAS_URL and CANVAS_ACCOUNT."),
    "busy": gettext_lazy("Canvas said several times that it is asked too much. The next run tries again."),
    "slow": gettext_lazy("Canvas at %(host)s did not answer in time. The next run tries again."),
    "away": gettext_lazy("Canvas at %(host)s could not be reached. The next run tries again."),
    "certificate": gettext_lazy("The certificate of Canvas at %(host)s is not one that this machine trusts."),
    "torn": gettext_lazy("Canvas at %(host)s broke off in the middle of an answer. The next run tries again."),
    "failed": gettext_lazy("Canvas at %(host)s answered with an error of its own. The next run tries again."),
    "redirected": gettext_lazy(
        "Canvas wants to be asked at another address, %(where)s. The token is not sent there; if the address is right, "
        "set CANVAS_URL to it."
    ),
    "nonsense": gettext_lazy("What Canvas answered is not what its API documents (%(what)s). Look at CANVAS_URL."),
    "no_sis_ids": gettext_lazy(
        "Canvas shows no SIS id of anybody. The owner of the token needs the permission to read SIS data in Canvas."
    ),
    "no_logins": gettext_lazy(
        "Canvas shows no login id of anybody. The owner of the token needs the permission to see login ids in Canvas."
    ),
    "nobody": gettext_lazy("Canvas shows nobody at all in this account. Look at CANVAS_ACCOUNT."),
    "people_gone": gettext_lazy(
        "%(gone)s of the %(known)s people known from Canvas are missing there, more than %(percent)s %%. If that is "
        "right, run it with --yes: manage.py sync_canvas --yes"
    ),
    "roles_gone": gettext_lazy(
        "%(gone)s of the %(known)s roles known from Canvas are missing there, more than %(percent)s %%. If that is "
        "right, run it with --yes: manage.py sync_canvas --yes"
    ),
    "shortens": gettext_lazy(
        "It would shorten %(shortened)s of the %(tokens)s tokens in use, more than %(percent)s %%. If that is right, "
        "run it with --yes."
    ),
    "refused": gettext_lazy("It could not be loaded: %(why)s"),
    "running": gettext_lazy("A sync is running already."),
    "cut_off": gettext_lazy("The run was cut off. The next one begins anew."),
    "broken": gettext_lazy("The portal made a mistake; its log says which."),
    "not_set": gettext_lazy("CANVAS_URL and CANVAS_TOKEN are not set."),
}
_LEFT_OUT = {
    "no_sis_id": ngettext_lazy("%(n)d person without a SIS id", "%(n)d people without a SIS id", "n"),
    "roles_no_sis_id": ngettext_lazy(
        "%(n)d role of somebody without a SIS id", "%(n)d roles of people without a SIS id", "n"
    ),
    "elsewhere": ngettext_lazy(
        "%(n)d course that belongs to another account", "%(n)d courses that belong to another account", "n"
    ),
    "gone_meanwhile": ngettext_lazy(
        "%(n)d course or account that was gone when it was looked into",
        "%(n)d courses or accounts that were gone when they were looked into",
        "n",
    ),
}  # a test student is nobody, and not worth a word


def why(code: str, facts: Mapping[str, Any]) -> str:
    """Say why a run changed nothing, in one sentence or two."""
    return str(_WHY[code]) % facts if code in _WHY else code


def left_out(counts: Mapping[str, int]) -> list[str]:
    """Say what could not be taken of what Canvas has."""
    return [str(_LEFT_OUT[reason] % {"n": number}) for reason, number in counts.items() if reason in _LEFT_OUT]


def outcome(run: RosterRun) -> str:
    """Say of a run what its state does not: why it changed nothing."""
    if run.outcome == Outcome.RUNNING:
        return ""
    if run.outcome == Outcome.FAILED:
        return gettext("Nothing was changed.") + " " + why(run.code, run.facts)
    return "" if run.changed else gettext("Nothing had changed.")
