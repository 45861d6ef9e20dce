"""Ending several tokens: what would end and how it is used, why, and then the end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import ngettext

from accounts.models import User
from accounts.pages import SignedIn, sent
from policies.refusals import Refused
from tokens.forms import ReasonForm
from tokens.models import AccessToken, AccessTokenQuerySet
from tokens.usage.reading import most_used

Verb = Callable[..., int | list[int]]  # takes reason, actor and now; returns how many or which it ended
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


def end(request: SignedIn, owner: User, tokens: AccessTokenQuerySet, verb: Verb, *, now: datetime) -> HttpResponse:
    """Show which tokens of a person would end, ask why, end them by `verb`; go back to the list."""
    is_own = owner.pk == request.user.pk
    back = reverse("tokens:mine") if is_own else reverse("tokens:person", args=[owner.pk])

    def draw() -> dict[str, Any]:
        return {"ending": ending_of(tokens, now=now), "owner": owner, "is_own": is_own}

    return ask_why(request, verb, draw, template="tokens/revoke_many.html", back=back, now=now, is_own=is_own)


def ask_why(
    request: SignedIn,
    verb: Verb,
    draw: Callable[[], dict[str, Any]],
    *,
    template: str,
    back: str,
    now: datetime,
    more: str = "",
    is_own: bool = False,
) -> HttpResponse:
    """Draw what would end and ask why; end it by `verb` for that reason, say how many, and `more`, and go back."""
    form = ReasonForm(sent(request), is_own=is_own)
    if form.is_valid():
        try:
            ended = verb(actor=request.user, now=now, reason=form.said)
        except Refused as refused:
            form.add_refusals(refused)
        else:
            count = ended if isinstance(ended, int) else len(ended)
            messages.success(request, f"{_say_revoked(count)} {more}".strip())
            return HttpResponseRedirect(back)
    return render(request, template, {"now": now, "form": form, **draw()})


def _say_revoked(count: int) -> str:
    words = ngettext(
        "Revoked %(n)d token. It is refused from now on.", "Revoked %(n)d tokens. They are refused from now on.", count
    )
    return words % {"n": count}
