"""Access reviews, for who edits the policy of an account: opened, watched, reminded of, closed, and the report."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.models import Account
from accounts.pages import SignedIn, chosen_accounts, sent, to_do, to_fill_in, to_read, visitor
from accounts.parameters import number_in
from accounts.roles import Permission
from policies.refusals import Refused
from policies.wording import sentence
from tokens import reviews, tasks
from tokens.forms import ReviewForm
from tokens.models import Review

A_PAGE, MOST_ACCOUNTS = 50, 500


@to_read
def listing(request: SignedIn) -> HttpResponse:
    """List the reviews of the accounts whose policy the visitor edits, and those accounts."""
    now = timezone.now()
    accounts = chosen_accounts(request, Permission.POLICY_EDIT, now=now)
    found = Review.objects.filter(account__path__overlap=list(accounts)).select_related("account", "opened_by")
    rows = [(review, reviews.answered_of(review)) for review in found.order_by("-pk")[:A_PAGE]]
    places = Account.objects.filter(path__overlap=list(accounts)).order_by("path")[:MOST_ACCOUNTS]
    return render(request, "tokens/reviews.html", {"now": now, "rows": rows, "accounts": places})


@to_fill_in
def begin(request: SignedIn, account_id: int) -> HttpResponse:
    """Show what a review of an account would ask, and open it."""
    now = timezone.now()
    account = Account.objects.filter(pk=account_id, path__overlap=list(_held(request))).first()
    if account is None:
        raise Http404
    form = ReviewForm(sent(request), initial={"days": reviews.DEFAULT_DAYS})
    if form.is_valid():
        try:
            review = reviews.open_review(
                account, name=form.cleaned_data["name"], days=form.number_of_days, actor=request.user, now=now
            )
        except Refused as refused:
            form.add_refusals(refused)
        else:
            tasks.start_reviews()
            messages.success(request, _("Opened. The owners are told by e-mail."))
            return redirect("tokens:review", review.pk)
    context = {"now": now, "account": account, "form": form, "seen": reviews.look(account, now=now)}
    return render(request, "tokens/review_begin.html", context)


@to_read
def show(request: SignedIn, review_id: int) -> HttpResponse:
    """Show how far a review is, and who has not answered."""
    now = timezone.now()
    review = _get(request, review_id)
    people = reviews.silent_in(review, after=number_in(request.GET.get("after", "")) or 0, most=A_PAGE + 1)
    context = {
        "now": now,
        "review": review,
        "answered": reviews.answered_of(review),
        "came": reviews.came_of(review),
        "parts": reviews.progress_of(review),
        "people": people[:A_PAGE],
        "next": people[A_PAGE - 1].pk if len(people) > A_PAGE else "",
    }
    return render(request, "tokens/review.html", context)


@to_read
def export(request: SignedIn, review_id: int) -> HttpResponseBase:
    """Send the report; the audit trail says who took it."""
    now = timezone.now()
    review = _get(request, review_id)
    after = {"name": review.name, "tokens": review.size}
    record("review.export", actor=request.user, now=now, account=review.account, subject_id=review.pk, after=after)
    return StreamingHttpResponse(
        reviews.lines(review),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="review-{review.pk}.csv"'},
    )


@to_do
def remind(request: SignedIn, review_id: int) -> HttpResponse:
    """Tell those again who have not answered."""
    return _do(request, review_id, reviews.remind, _("They are told again by e-mail."))


@to_fill_in
def close(request: SignedIn, review_id: int) -> HttpResponse:
    """Close a review before it is due, after a look at what that suspends."""
    if request.method != "POST":
        review = _get(request, review_id)
        return _sure(request, review, _("Close now"), closes=True, open=review.size - reviews.answered_of(review))
    return _do(request, review_id, reviews.close_early, _("What was not answered is being suspended."))


@to_fill_in
def cancel(request: SignedIn, review_id: int) -> HttpResponse:
    """Ask no more, after a look at what that means."""
    if request.method != "POST":
        return _sure(request, _get(request, review_id), _("Cancel the review"))
    return _do(request, review_id, reviews.cancel, _("Cancelled. What was not answered stays as it is."))


def _do(request: SignedIn, review_id: int, act: Callable[..., object], words: str) -> HttpResponse:
    review = _get(request, review_id)
    try:
        act(review, actor=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, " ".join(sentence(each) for each in refused.refusals))
    else:
        tasks.start_reviews()
        messages.success(request, words)
    return redirect("tokens:review", review.pk)


def _sure(request: SignedIn, review: Review, heading: str, **context: object) -> HttpResponse:
    """Ask whether somebody means it."""
    return render(request, "tokens/review_sure.html", {"review": review, "heading": heading, **context})


def _held(request: SignedIn) -> frozenset[int]:
    """The accounts whose policy the visitor edits. Raises PermissionDenied where there is none."""
    held = visitor(request, now=timezone.now()).standing.accounts_with(Permission.POLICY_EDIT)
    if not held:
        raise PermissionDenied
    return held


def _get(request: SignedIn, review_id: int) -> Review:
    """A review of such an account. Raises Http404."""
    found: QuerySet[Review] = Review.objects.select_related("account", "opened_by")
    review = found.filter(pk=review_id, account__path__overlap=list(_held(request))).first()
    if review is None:
        raise Http404
    return review
