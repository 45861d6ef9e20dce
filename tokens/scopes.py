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
from policies.refusals import Code, Gathered, refuse
from tokens.models import Scope
from tokens.texts import clean_words

# Lets a bearer create, regenerate and end tokens, as far as its owner may (rule R7), read what concerns them, and
# change the settings that end many.
MANAGE = "tokens:manage"
# Lets a bearer do one thing alone: give itself a new secret, and live as long again as policy allows by then.
ROTATE = "tokens:rotate"

# Canvas' form: `url:METHOD|path`. By the name of the address; what is not reading needs MANAGE besides.
PATHS = {
    "api_user": "/api/v1/users/:id",
    "api_profile": "/api/v1/users/:user_id/profile",
    "api_standing": "/api/v1/users/:user_id/standing",
    "api_tokens": "/api/v1/users/:user_id/user_generated_tokens",
    "api_token": "/api/v1/users/:user_id/tokens/:id",
    "api_notices": "/api/v1/notices",
    "api_mail_preferences": "/api/v1/users/self/mail_preferences",
    "api_token_requests": "/api/v1/users/self/token_requests",
    "api_account_token_requests": "/api/v1/accounts/:account_id/token_requests",
    "api_flags": "/api/v1/accounts/:account_id/flags",
    "api_pauses": "/api/v1/accounts/:account_id/pauses",
    "api_pause": "/api/v1/accounts/:account_id/pauses/:id",
    "api_paused_tokens": "/api/v1/accounts/:account_id/pauses/:id/tokens",
    "api_flag_rules": "/api/v1/accounts/:account_id/flag_rules",
    "api_webhooks": "/api/v1/accounts/:account_id/webhooks",
    "api_webhook": "/api/v1/accounts/:account_id/webhooks/:id",
    "api_webhook_messages": "/api/v1/accounts/:account_id/webhooks/:id/messages",
    "api_reviews": "/api/v1/accounts/:account_id/reviews",
    "api_review": "/api/v1/reviews/:id",
    "api_review_items": "/api/v1/reviews/:id/items",
    "api_own_review_items": "/api/v1/users/self/review_items",
    "api_class_issues": "/api/v1/courses/:course_id/class_issues",
    "api_class_issue": "/api/v1/class_issues/:id",
    "api_class_items": "/api/v1/class_issues/:id/items",
    "api_account_tokens": "/api/v1/accounts/:account_id/tokens",
    "api_accounts": "/api/v1/accounts",
    "api_account": "/api/v1/accounts/:id",
    "api_sub_accounts": "/api/v1/accounts/:account_id/sub_accounts",
    "api_account_users": "/api/v1/accounts/:account_id/users",
    "api_account_audit_events": "/api/v1/accounts/:account_id/audit_events",
    "api_token_policy": "/api/v1/accounts/:account_id/token_policy",
}
OWN = {
    f"url:GET|{PATHS['api_user']}": _("Read who you are"),
    f"url:GET|{PATHS['api_profile']}": _("Read your profile"),
    f"url:GET|{PATHS['api_standing']}": _("Read your roles and what they allow"),
    f"url:GET|{PATHS['api_tokens']}": _("List your tokens"),
    f"url:GET|{PATHS['api_token']}": _("Read one of your tokens"),
    f"url:GET|{PATHS['api_notices']}": _("List the mails of the school"),
    f"url:GET|{PATHS['api_mail_preferences']}": _("Read which mails you want"),
    f"url:GET|{PATHS['api_token_requests']}": _("List what you have asked for"),
    f"url:GET|{PATHS['api_account_token_requests']}": _("List what people of an account ask for"),
    f"url:GET|{PATHS['api_flags']}": _("List unusual use of the tokens of an account"),
    f"url:GET|{PATHS['api_pauses']}": _("List the emergency stops of an account"),
    f"url:GET|{PATHS['api_pause']}": _("Read one of these emergency stops"),
    f"url:GET|{PATHS['api_paused_tokens']}": _("List the tokens that an emergency stop holds"),
    f"url:GET|{PATHS['api_flag_rules']}": _("List the rules for unusual use of an account"),
    f"url:GET|{PATHS['api_webhooks']}": _("List the webhooks of an account"),
    f"url:GET|{PATHS['api_webhook']}": _("Read how a webhook is"),
    f"url:GET|{PATHS['api_webhook_messages']}": _("List what a webhook was told"),
    f"url:GET|{PATHS['api_reviews']}": _("List the access reviews of an account"),
    f"url:GET|{PATHS['api_review']}": _("Read how far an access review is"),
    f"url:GET|{PATHS['api_review_items']}": _("Read the report of an access review"),
    f"url:GET|{PATHS['api_own_review_items']}": _("List which of your tokens are under review"),
    f"url:GET|{PATHS['api_class_issues']}": _("List the tokens that were made for a class"),
    f"url:GET|{PATHS['api_class_issue']}": _("Read how many of a class have picked up their token"),
    f"url:GET|{PATHS['api_class_items']}": _("Read who of a class has picked up their token"),
    f"url:GET|{PATHS['api_account_tokens']}": _("List the tokens of the people of an account"),
    f"url:GET|{PATHS['api_accounts']}": _("List the accounts in which you hold a right"),
    f"url:GET|{PATHS['api_account']}": _("Read one of these accounts"),
    f"url:GET|{PATHS['api_sub_accounts']}": _("List the accounts below one of these"),
    f"url:GET|{PATHS['api_account_users']}": _("List the people of these accounts"),
    f"url:GET|{PATHS['api_account_audit_events']}": _("Read what was done in these accounts"),
    f"url:GET|{PATHS['api_token_policy']}": _("Read settings of these accounts, and which tokens others would touch"),
}
WORDS = {
    **OWN,
    ROTATE: _("Renew itself: take a new secret and a new end, as far as its owner may"),
    MANAGE: _("Make and end tokens, and change settings, as far as its owner may"),
}
# The token that carries the call may always look at itself and end itself.
FREE = frozenset({"api_token_self"})
# Calls that change nothing though they send a body, by the address whose reading they come with.
LOOKING = {"api_token_policy_preview": "api_token_policy", "api_token_lookup": "api_tokens"}
# What changes settings, in a room that knows no scopes.
CHANGING = frozenset({"api_token_policy", "api_token_policy_change"})
_NAME = re.compile(r"[a-z][a-z0-9_.-]*:[a-z0-9_.:-]+", re.ASCII)
_RESERVED = ("url:", "tokens:")


def allows(held: Collection[str], wanted: Iterable[str]) -> bool:
    """Whether a token may do all that is `wanted`; one without scopes may do what its owner may."""
    return not held or set(wanted) <= set(held)


def lacking_for(held: Collection[str], method: str, url_name: str) -> str | None:
    """The scope that a token lacks for a call of our own API; None where it may.

    What changes something demands MANAGE of every token, with scopes or without: endpoints of tokens ask for that
    themselves, since some let a token end itself.
    """
    if MANAGE in held or method == "OPTIONS" or url_name in FREE:
        return None
    if method not in ("GET", "HEAD") and url_name not in LOOKING:
        return MANAGE if url_name in CHANGING else None
    if not held:
        return None
    scope = f"url:GET|{PATHS[LOOKING.get(url_name, url_name)]}"
    return None if scope in held else scope


def clean_scopes(scopes: Iterable[str], actor: Standing, decision: Decision) -> list[str]:
    """Check the scopes that `actor` puts on a token under its owner's `decision`.

    Raises Refused(scope_unknown, scope_not_allowed, scopes_required or scope_not_for_students).
    """
    wanted = sorted(set(scopes))
    require_known(wanted)
    if MANAGE in wanted and Permission.TOKENS_CREATE not in actor.permissions:
        raise refuse(Code.SCOPE_NOT_ALLOWED, "scopes", scope=MANAGE)
    decision.require_scopes(wanted)
    return wanted


def require_known(names: Collection[str]) -> None:
    """Check that every scope is one of ours, or one that the school gives out. Raises Refused(scope_unknown)."""
    asked = [name for name in names if name not in WORDS]
    if not asked:
        return
    shaped = [name for name in asked if _NAME.fullmatch(name)]
    known = set(Scope.objects.filter(name__in=shaped, retired_at=None).values_list("name", flat=True))
    for name in asked:
        if name not in known:
            raise refuse(Code.SCOPE_UNKNOWN, "scopes", scope=name)


def catalogue() -> list[tuple[str, str]]:
    """Every scope that people may be offered, with its words: those of our API, then the school's. One query."""
    school = Scope.objects.filter(retired_at=None).values_list("name", "words")
    return [*((name, str(words)) for name, words in OWN.items()), (ROTATE, str(WORDS[ROTATE])), *school]


def offered(decision: Decision, chooser: Standing) -> list[tuple[str, str]]:
    """The scopes that `chooser` may put on a token under its owner's `decision`, with their words. One query."""
    known = catalogue()
    if Permission.TOKENS_CREATE in chooser.permissions:
        known.append((MANAGE, str(WORDS[MANAGE])))
    allowed = decision.allowed_scopes
    return [(name, words) for name, words in known if allowed is None or name in allowed]


def words_of(names: Iterable[str]) -> dict[str, str]:
    """What scopes mean, retired ones too; one that nobody knows any more means its name. At most one query."""
    wanted = set(names)
    words = {name: str(WORDS[name]) for name in wanted if name in WORDS}
    others = wanted - words.keys()
    if others:
        words.update(Scope.objects.filter(name__in=others).values_list("name", "words"))
    return {name: words.get(name, name) for name in wanted}


@transaction.atomic
def define(name: str, words: str, *, actor: User | None, now: datetime) -> Scope:
    """Define a scope of the school's, such as `grades:read`. Raises Refused(scope_*, words_missing, name_*)."""
    scope = Scope(name=name.strip(), created_at=now)
    with Gathered() as gathered:
        with gathered:
            _require_name(scope.name)
        with gathered:
            scope.words = clean_words(words)
    gathered.require()
    try:
        with transaction.atomic():
            scope.save(force_insert=True)
    except IntegrityError as error:
        raise refuse(Code.SCOPE_TAKEN, "name", scope=scope.name) from error
    record("scope.define", actor=actor, now=now, subject_id=scope.pk, after={"name": scope.name, "words": scope.words})
    return scope


def _require_name(name: str) -> None:
    if len(name) > 100 or not _NAME.fullmatch(name) or name.startswith(_RESERVED):
        raise refuse(Code.SCOPE_INVALID, "name")


@transaction.atomic
def retire(scope: Scope, *, actor: User | None, now: datetime) -> Scope:
    """Give a scope out no more; tokens that hold it keep it. A second time changes nothing."""
    scope = Scope.objects.select_for_update().get(pk=scope.pk)
    if scope.retired_at is None:
        scope.retired_at = now
        scope.save(update_fields=["retired_at"])
        record("scope.retire", actor=actor, now=now, subject_id=scope.pk, before={"name": scope.name})
    return scope
