"""What all pages that ask for a passkey have in common: what the browser is asked, and what it answers."""

from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.factors.passkeys import challenges, holding
from accounts.factors.passkeys.challenges import Purpose
from accounts.models import User

LONGEST = 16_384  # characters; the longest that devices send are some 3,000


class CredentialField(forms.CharField):
    """What a browser says of a passkey, as JSON: our script fills it in, and a page never shows it again."""

    def __init__(self) -> None:
        super().__init__(required=False, max_length=LONGEST, widget=forms.HiddenInput)


def asked(request: HttpRequest, purpose: Purpose, person: User | None) -> HttpResponse:
    """Answer with what the browser is to ask of its passkeys."""
    return options(holding.ask_for_one(request.session, purpose, person=person, now=timezone.now()))


def options(found: dict[str, Any]) -> HttpResponse:
    """Send them to our script; for this once."""
    return JsonResponse(found, headers={"Cache-Control": "no-store"})


def show(request: HttpRequest, text: str, purpose: Purpose, person: User) -> Authenticator | None:
    """Take what the browser answers for a passkey of this person; None where it is refused."""
    now = timezone.now()
    state = challenges.take(request.session, purpose, person_id=person.pk, now=now)
    return holding.show(text, state, person=person, now=now)


def refusal() -> str:
    """One sentence for all that may be wrong: which of it helps only who tries."""
    return _("That passkey was not accepted. Try again, or use something else.")
