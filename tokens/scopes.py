"""What the scopes on a token mean: those of our own API, the portal's own, and those that the school has defined."""

import re
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.audit import record
from accounts.models import User
from accounts.roles import Permission, Standing
from policies.decision import Decision
from policies.refusals import Code, refuse
from tokens.models import Scope
from tokens.texts import clean_name

# Lets a bearer create, regenerate and end tokens, as far as its owner may (rule R7), and read what concerns them.
MANAGE = "tokens:manage"

# Canvas' form: `url:METHOD|path`. By the name of the address; what is not reading needs MANAGE besides.
PATHS = {
    "api_user": "/api/v1/users/:id",
    "api_profile": "/api/v1/users/:user_id/profile",
    "api_standing": "/api/v1/users/:user_id/standing",
    "api_tokens": "/api/v1/users/:user_id/user_generated_tokens",
    "api_token": "/api/v1/users/:user_id/tokens/:id",
}
OWN = {
    f"url:GET|{PATHS['api_user']}": _("Read who you are"),
    f"url:GET|{PATHS['api_profile']}": _("Read your profile"),
    f"url:GET|{PATHS['api_standing']}": _("Read your roles and what they allow"),
    f"url:GET|{PATHS['api_tokens']}": _("List your tokens"),
    f"url:GET|{PATHS['api_token']}": _("Read one of your tokens"),
}
# The token that carries the call may always look at itself and end itself.
FREE = frozenset({"api_token_self"})
_NAME = re.compile(r"[a-z][a-z0-9_.-]*:[a-z0-9_.:-]+", re.ASCII)
_RESERVED = ("url:", "tokens:")


def allows(held: Collection[str], wanted: Iterable[str]) -> bool:
    """Whether a token may do all that is `wanted`; one without scopes may do what its owner may."""
    return not held or set(wanted) <= set(held)


def lacking_for(held: Collection[str], method: str, url_name: str) -> str | None:
    """The scope that a token lacks to read at an endpoint of our own API; None where it may.

    What changes something demands MANAGE of every token, with scopes or without; its endpoint asks for that itself.
    """
    if not held or MANAGE in held or method not in ("GET", "HEAD") or url_name in FREE:
        return None
    scope = f"url:GET|{PATHS[url_name]}"
    return None if scope in held else scope


def clean_scopes(scopes: Iterable[str], actor: Standing, decision: Decision) -> list[str]:
    """Check the scopes that `actor` puts on a token under its owner's `decision`.

    Raises Refused(scope_unknown, scope_not_allowed, scopes_required or scope_not_for_students).
    """
    wanted = sorted(set(scopes))
    _require_known([scope for scope in wanted if scope not in OWN and scope != MANAGE])
    if MANAGE in wanted and Permission.TOKENS_CREATE not in actor.permissions:
        raise refuse(Code.SCOPE_NOT_ALLOWED, "scopes", scope=MANAGE)
    decision.require_scopes(wanted)
    return wanted


def _require_known(names: list[str]) -> None:
    if not names:
        return
    known = set(
        Scope.objects.filter(name__in=[name for name in names if _NAME.fullmatch(name)], retired_at=None).values_list(
            "name", flat=True
        )
    )
    for name in names:
        if name not in known:
            raise refuse(Code.SCOPE_UNKNOWN, "scopes", scope=name)


@transaction.atomic
def define(name: str, words: str, *, actor: User | None, now: datetime) -> Scope:
    """Define a scope of the school's, such as `grades:read`. Raises Refused(scope_invalid, scope_taken, name_*)."""
    name = name.strip()
    if len(name) > 100 or not _NAME.fullmatch(name) or name.startswith(_RESERVED):
        raise refuse(Code.SCOPE_INVALID, "name")
    scope = Scope(name=name, words=clean_name(words), created_at=now)
    try:
        with transaction.atomic():
            scope.save(force_insert=True)
    except IntegrityError as error:
        raise refuse(Code.SCOPE_TAKEN, "name", scope=name) from error
    record("scope.define", actor=actor, now=now, subject_id=scope.pk, after={"name": name, "words": scope.words})
    return scope


@transaction.atomic
def retire(scope: Scope, *, actor: User | None, now: datetime) -> Scope:
    """Give a scope out no more; tokens that hold it keep it. A second time changes nothing."""
    scope = Scope.objects.select_for_update().get(pk=scope.pk)
    if scope.retired_at is None:
        scope.retired_at = now
        scope.save(update_fields=["retired_at"])
        record("scope.retire", actor=actor, now=now, subject_id=scope.pk, before={"name": scope.name})
    return scope
