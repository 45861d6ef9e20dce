"""Whose token is this? A text is pasted; what of it is a token somebody answers for is told, and what can be done."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.pages import SignedIn, sent, to_fill_in, visitor
from accounts.roles import Permission
from tokens.forms import LookupForm
from tokens.lookup import Answer, Found, Secret, look_up, owners_of
from tokens.views.listing import Row, row_of
from tokens.views.reach import Rights, rights_over

# What was pasted of a secret: how it is shown, and what it means.
SECRETS: dict[Secret, tuple[str, str, str | Promise]] = {
    Secret.NONE: ("", "fingerprint", _("Only the lookup id was pasted, or a part of the token; its secret was not.")),
    Secret.CURRENT: (
        "warn",
        "key-round",
        _("The secret that was pasted is the right one: whoever has it has the key."),
    ),
    Secret.WRONG: ("", "x", _("The secret that was pasted is not that of this token; nobody gets in with it.")),
    Secret.EARLIER: ("", "history", _("What was pasted is from before it was regenerated; nobody gets in with it.")),
    Secret.OVERLAP: (
        "warn",
        "refresh-cw",
        _("What was pasted is from before it was regenerated, and works beside the new secret for a while."),
    ),
}


@dataclass(frozen=True, slots=True)
class Hit:
    """A token that was found, at this moment, with what the visitor may do to it."""

    row: Row
    secret: Secret
    rights: Rights

    @property
    def tone(self) -> str:
        """What was pasted of its secret, as a colour."""
        return SECRETS[self.secret][0]

    @property
    def icon(self) -> str:
        """As a picture."""
        return SECRETS[self.secret][1]

    @property
    def words(self) -> str | Promise:
        """In words."""
        return SECRETS[self.secret][2]


@to_fill_in
def lookup(request: SignedIn) -> HttpResponse:
    """Ask for a text, and answer in place: what was pasted is in no address, and is not drawn again."""
    now = timezone.now()
    known = visitor(request, now=now)
    if Permission.TOKENS_VIEW not in known.standing.permissions:
        raise PermissionDenied
    form = LookupForm(sent(request))
    context = {"now": now, "form": LookupForm()}
    if form.is_valid():
        answer = look_up(form.cleaned_data["text"], request.user, known, now=now)
        context |= {
            "is_asked": True,
            "hits": _hits(request, answer, now),
            "services": [(each.verifier, each.secret) for each in answer.services],
        }
    return render(request, "tokens/lookup.html", context)


def _hits(request: SignedIn, answer: Answer, now: datetime) -> list[Hit]:
    owners = owners_of(answer, now=now)

    def hit(found: Found) -> Hit:
        owner = found.token.user
        rights = rights_over(owner, request=request, known=owners[owner.pk], now=now)
        return Hit(row_of(found.token, now), found.secret, rights)

    return [hit(found) for found in answer.tokens]
