"""The page on which owners answer: all their tokens under review, one button."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.pages import SignedIn, to_fill_in
from policies.refusals import Refused
from policies.wording import sentence
from tokens import reviews
from tokens.models import ReviewItem
from tokens.reviews import Said


@to_fill_in
def own(request: SignedIn) -> HttpResponse:
    """List what the visitor is asked, and note what they answer: some of it, all of it, or another way than before."""
    now = timezone.now()
    wrong: list[str] = []
    if request.method == "POST":
        said = _said(request, reviews.asked_now(request.user))
        try:
            done = reviews.answer(request.user, said, now=now)
        except Refused as refused:
            wrong = [sentence(each) for each in refused.refusals]
        else:
            messages.success(request, _("Saved. Thank you.") if done else _("Nothing has changed."))
            return redirect("tokens:own_review")
    return render(
        request, "tokens/review_own.html", {"now": now, "items": reviews.asked_now(request.user), "wrong": wrong}
    )


def _said(request: SignedIn, items: list[ReviewItem]) -> dict[int, Said]:
    """What was chosen; a token of which nothing was chosen is left out."""
    chosen = {item.pk: request.POST.get(f"answer-{item.pk}", "") for item in items}
    return {
        pk: Said(needed=answer == "needed", purpose=request.POST.get(f"purpose-{pk}"))
        for pk, answer in chosen.items()
        if answer in {"needed", "not_needed"}
    }
