"""What the lines of the trail about tokens, services, scopes, requests and pauses mean. No fact holds a secret."""

from collections.abc import Callable, Collection
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.labels import BASES
from accounts.models import Account, Course
from accounts.telling import Fact, Kind, Say, Text, as_it_is, choices, explain, flags, moments, named, names_of
from tokens.models import (
    TOLD,
    WHOM,
    AccessToken,
    Answer,
    BulkKind,
    ClassIssue,
    OffBecause,
    RequestState,
    Review,
    Scope,
    State,
    TokenRequest,
    Verifier,
    Webhook,
)
from tokens.models.leak import FoundBy
from tokens.reasons import ReasonCode
from tokens.scopes import words_of


def _scopes(nothing: Text) -> Callable[[Collection[list[str]]], Say]:
    """Scopes in words; `nothing` is what an empty list means."""

    def words(values: Collection[list[str]]) -> Say:
        meanings = words_of(name for value in values for name in value)
        return lambda value: ", ".join(meanings[name] for name in value) or str(nothing)

    return words


def _recognised(_values: Collection[Any]) -> Say:
    return lambda lookup_id: f"{settings.TOKEN_PREFIX}_{lookup_id[:5]}…"


def _all_recognised(values: Collection[Any]) -> Say:
    say = _recognised(values)
    return lambda lookup_ids: ", ".join(map(say, lookup_ids)) or str(_("nothing found"))


def _events(_values: Collection[Any]) -> Say:
    return lambda value: ", ".join(str(TOLD.get(event, event)) for event in value)


TOKEN = Kind(
    _("Tokens"),
    {
        "purpose": Fact(_("Purpose"), as_it_is),
        "state": Fact(_("State"), choices(dict(State.choices))),
        "expires_at": Fact(_("Ends"), moments, _("Never")),
        "scopes": Fact(_("What it may do"), _scopes(_("whatever its owner may"))),
        "lookup_id": Fact(_("Begins with"), _recognised),
        "overlap_until": Fact(_("Earlier secret works until"), moments),
        "reason_code": Fact(_("Kind of reason"), choices(dict(ReasonCode.choices))),
        "is_confidential": Fact(_("Kept from the owner"), flags),
        "lookup_ids": Fact(_("Begins with"), _all_recognised),
        "source": Fact(_("Imported from"), as_it_is),
        "found_by": Fact(_("Reported by"), choices(dict(FoundBy.choices))),
        "place": Fact(_("Kind of place"), as_it_is),
        "url": Fact(_("Found at"), as_it_is),
        "is_right": Fact(_("Secret was right"), flags),
        "class": Fact(_("Tokens for a class"), named(names_of(ClassIssue.objects, "purpose"))),
    },
    names_of(AccessToken.objects, "purpose"),
)
VERIFIER = Kind(
    _("Services"),
    {
        "name": Fact(_("Name"), as_it_is),
        "client_id": Fact(_("Client id"), as_it_is),
        "allowed_scopes": Fact(_("May be told of"), _scopes(_("all scopes"))),
    },
    names_of(Verifier.objects, "name"),
)
SCOPE = Kind(
    _("Scopes"),
    {"name": Fact(_("Scope"), as_it_is), "words": Fact(_("What it allows"), as_it_is)},
    names_of(Scope.objects, "name"),
)
REQUEST = Kind(
    _("Requests"),
    {
        "purpose": Fact(_("Purpose"), as_it_is),
        "why": Fact(_("Why"), as_it_is),
        "state": Fact(_("State"), choices(dict(RequestState.choices))),
        "expires_at": Fact(_("End asked for"), moments, _("Never")),
        "approved_end": Fact(_("End approved"), moments, _("Never")),
        "scopes": Fact(_("What it may do"), _scopes(_("whatever its owner may"))),
    },
    names_of(TokenRequest.objects, "purpose"),
)
BULK = Kind(
    _("Acts on many tokens"),
    {
        "kind": Fact(_("Kind of act"), choices(dict(BulkKind.choices))),
        "count": Fact(_("Tokens"), as_it_is),
        "subject": Fact(_("Subject"), as_it_is),
        "words": Fact(_("Text"), as_it_is),
        "expires_at": Fact(_("Ends"), moments),
        "reason_code": Fact(_("Kind of reason"), choices(dict(ReasonCode.choices))),
        "is_confidential": Fact(_("Kept from the owner"), flags),
    },
)
DEVICE = Kind(
    _("Programs that ask for a token"),
    {
        "purpose": Fact(_("Purpose"), as_it_is),
        "expires_at": Fact(_("Ends"), moments, _("Never")),
        "scopes": Fact(_("What it may do"), _scopes(_("whatever its owner may"))),
        "host": Fact(_("Calls itself"), as_it_is),
        "address": Fact(_("Asks from"), as_it_is),
    },
)
REVIEW = Kind(
    _("Access reviews"),
    {
        "name": Fact(_("Name"), as_it_is),
        "review": Fact(_("Review"), as_it_is),
        "due_at": Fact(_("Answers due"), moments),
        "tokens": Fact(_("Tokens"), as_it_is),
        "people": Fact(_("People"), as_it_is),
        "answer": Fact(_("Answer"), choices(dict(Answer.choices))),
        "purpose": Fact(_("Purpose"), as_it_is),
    },
    names_of(Review.objects, "name"),
)
CALENDAR = Kind(_("Calendars of token ends"), {})
CLASS = Kind(
    _("Tokens for classes"),
    {
        "course": Fact(_("Course"), as_it_is),
        "purpose": Fact(_("Purpose"), as_it_is),
        "expires_at": Fact(_("Ends"), moments),
        "scopes": Fact(_("What it may do"), _scopes(_("whatever its owner may"))),
        "students": Fact(_("Students"), as_it_is),
    },
    names_of(ClassIssue.objects, "purpose"),
)
WEBHOOK = Kind(
    _("Webhooks"),
    {
        "url": Fact(_("Address"), as_it_is),
        "description": Fact(_("What it is for"), as_it_is),
        "events": Fact(_("Is told of"), _events),
        "off_because": Fact(_("Why it is off"), choices(dict(OffBecause.choices))),
        "count": Fact(_("Messages"), as_it_is),
    },
    names_of(Webhook.objects, "url"),
)
PAUSE = Kind(
    _("Emergency stops"),
    {
        "whom": Fact(_("Whose tokens"), choices({whom.value: label for whom, label in WHOM.items()})),
        "account": Fact(_("Account"), named(names_of(Account.objects, "name"))),
        "base": Fact(_("Role"), choices(BASES)),
        "course": Fact(_("Course"), named(names_of(Course.objects, "code"))),
        "words": Fact(_("Said to the owners"), as_it_is),
        "reason_code": Fact(_("Kind of reason"), choices(dict(ReasonCode.choices))),
        "tokens": Fact(_("Tokens"), as_it_is),
        "people": Fact(_("People"), as_it_is),
        "used": Fact(_("Used in the 24 hours before"), as_it_is),
    },
)
JOURNAL = Kind(
    _("Restored backups"),
    {
        "lines": Fact(_("Lines read"), as_it_is),
        "revoked": Fact(_("Tokens revoked"), as_it_is),
        "suspended": Fact(_("Tokens suspended"), as_it_is),
        "secrets": Fact(_("Earlier secrets ended"), as_it_is),
        "shortened": Fact(_("Tokens shortened"), as_it_is),
        "clamped": Fact(_("Tokens shortened by a limit"), as_it_is),
        "services": Fact(_("Services ended"), as_it_is),
        "calendars": Fact(_("Calendar addresses ended"), as_it_is),
        "people": Fact(_("People deactivated"), as_it_is),
        "pauses": Fact(_("Emergency stops made again"), as_it_is),
    },
)
NOTICE = Kind(_("Mails"), {"count": Fact(_("Mails tried again"), as_it_is)})


def explain_all() -> None:
    """Tell `accounts.telling` what these lines mean."""
    known = {"token": TOKEN, "verifier": VERIFIER, "scope": SCOPE, "request": REQUEST, "pause": PAUSE, "bulk": BULK}
    more = {"device": DEVICE, "review": REVIEW, "class": CLASS, "calendar": CALENDAR}
    for name, kind in {**known, **more, "webhook": WEBHOOK, "notice": NOTICE, "journal": JOURNAL}.items():
        explain(name, kind)
