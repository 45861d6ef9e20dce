"""Ending several tokens of one person: what would end and how it is used, why, and then the end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext

from accounts.models import User
from accounts.pages import SignedIn, sent
from policies.refusals import Refused
from tokens.forms import ReasonForm
from tokens.models import AccessToken, AccessTokenQuerySet
from tokens.usage.reading import most_used

MOST_NAMED = 25  # tokens; the most used of them say best what an end would break


@dataclass(frozen=True, slots=True)
class Ending:
    """The tokens that would end: how many, and the most used of them with their requests of thirty days."""

    count: int
    named: list[tuple[AccessToken, int]]

    @property
    def others(self) -> int:
        """How many are not named."""
        return self.count - len(self.named)


def ending_of(tokens: AccessTokenQuerySet, *, now: datetime) -> Ending:
    """Look at what would end, in two queries."""
    return Ending(tokens.count(), most_used(tokens, most=MOST_NAMED, now=now))


def end(
    request: SignedIn, owner: User, tokens: AccessTokenQuerySet, verb: Callable[..., int], *, now: datetime
) -> HttpResponse:
    """Show what would end, ask why, end it by `verb`, which takes reason, actor and now; go back to the list."""
    form, is_own = ReasonForm(sent(request)), owner.pk == request.user.pk
    if form.is_valid():
        try:
            ended = verb(actor=request.user, now=now, reason=form.cleaned_data["reason"])
        except Refused as refused:
            form.add_refusals(refused)
        else:
            messages.success(request, _say_revoked(ended))
            return redirect("tokens:mine") if is_own else redirect("tokens:person", owner.pk)
    context = {"now": now, "form": form, "ending": ending_of(tokens, now=now), "owner": owner, "is_own": is_own}
    return render(request, "tokens/revoke_many.html", context)


def _say_revoked(count: int) -> str:
    words = ngettext(
        "Revoked %(n)d token. It is refused from now on.", "Revoked %(n)d tokens. They are refused from now on.", count
    )
    return words % {"n": count}
