"""Tokens for a class, for who teaches it: made after a look at whom for, watched, reminded of, revoked."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.audit import record
from accounts.models import User
from accounts.pages import SignedIn, sent, to_do, to_fill_in, to_read, visitor
from accounts.views.recent import asks_again
from policies.decision import Decision
from policies.refusals import Refused
from policies.wording import sentence
from tokens import classes, lifecycle, tasks
from tokens.classes import Teaching
from tokens.forms import Ends, NewTokenForm, ReasonForm
from tokens.lifecycle import Wish
from tokens.scopes import words_of
from tokens.views.reach import offered_scopes

A_PAGE = 50


@to_read
def listing(request: SignedIn) -> HttpResponse:
    """List what was made for the classes that the visitor teaches, and those courses."""
    now = timezone.now()
    teaching = _teaching(request)
    found = list(teaching.issues.order_by("-pk")[:A_PAGE])
    progress = classes.progress_of_many([issue.pk for issue in found], now=now)
    rows = [(issue, progress.get(issue.pk, classes.Progress())) for issue in found]
    context = {"now": now, "rows": rows, "courses": teaching.courses}
    return render(request, "tokens/classes.html", context)


@to_fill_in
@asks_again()
def new(request: SignedIn, course_id: int) -> HttpResponse:
    """Show for whom tokens would be made, and make them."""
    now = timezone.now()
    course = _teaching(request).get_course(course_id)
    decision = classes.student_decision(course, now=now)
    ends = Ends.of_new(decision, request.user.zone)
    form = NewTokenForm(
        sent(request), ends=ends, offered=offered_scopes(request, decision, now=now), initial=ends.prefill("")
    )
    if "look" not in request.POST and form.is_valid():
        asked = form.cleaned_data
        try:
            issue = classes.make(
                course,
                purpose=asked["purpose"],
                expires_at=asked["expires_at"],
                scopes=asked["scopes"],
                actor=request.user,
                now=now,
                key=f"form:{asked['key']}" if asked["key"] else "",
            )
        except Refused as refused:
            form.add_refusals(refused)
        else:
            transaction.on_commit(tasks.start_classes, robust=True)  # else beat starts it within a minute
            return redirect("tokens:class", issue.pk)
    wish = _wish(form, decision, actor=request.user)
    context = {
        "now": now,
        "course": course,
        "form": form,
        "decision": decision,
        "seen": classes.look(course, wish, actor=request.user, now=now),
    }
    return render(request, "tokens/class_new.html", context)


def _wish(form: NewTokenForm, decision: Decision, *, actor: User) -> Wish | None:
    """What is filled in, as far as it can be read: the figures follow it. A purpose changes none of them."""
    days, until, scopes = (form[name].value() for name in ("days", "until", "scopes"))
    try:
        end = form.ends.read(days or "", until or "")
        end = None if isinstance(end, lifecycle.Unchanged) else end
        return classes.wish_for(decision, purpose="x", expires_at=end, scopes=scopes or (), actor=actor)
    except Refused:
        return None


@to_read
def show(request: SignedIn, issue_id: int) -> HttpResponse:
    """Show who has picked theirs up, who has not, and who has none."""
    now = timezone.now()
    teaching = _teaching(request)
    issue = teaching.get_issue(issue_id)
    page = Paginator(classes.items_of(issue), A_PAGE).get_page(request.GET.get("page"))
    may_make = issue.course_id in teaching.making and issue.revoked_at is None and issue.expires_at > now
    context = {
        "now": now,
        "issue": issue,
        "progress": classes.progress_of(issue, now=now),
        "page": page,
        "rows": [classes.row_of(item, now) for item in page],
        "numbers": page.paginator.get_elided_page_range(page.number),
        "may": list(words_of(issue.scopes).values()),
        "new": classes.count_new(issue, actor=request.user, now=now) if may_make else 0,
        "may_make": may_make,
        "remind_from": classes.remind_from(issue),
    }
    return render(request, "tokens/class.html", context)


@to_read
def export(request: SignedIn, issue_id: int) -> HttpResponseBase:
    """Send names and states as a file; the audit trail says who took it."""
    now = timezone.now()
    issue = _teaching(request).get_issue(issue_id)
    after = {"course": issue.course.code, "purpose": issue.purpose}
    record("class.export", actor=request.user, now=now, account=issue.course.account, subject_id=issue.pk, after=after)
    return StreamingHttpResponse(
        classes.lines(issue, now=now),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="class-{issue.pk}.csv"'},
    )


@to_do
@asks_again()
def add(request: SignedIn, issue_id: int) -> HttpResponse:
    """Make the same for those of the course who have none of these."""
    teaching = _teaching(request)
    issue = teaching.get_issue(issue_id)
    teaching.get_course(issue.course_id)
    try:
        count = classes.add_new(issue, actor=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, " ".join(map(sentence, refused.refusals)))
    else:
        transaction.on_commit(tasks.start_classes, robust=True)
        words = ngettext("Looked at %(n)d more student.", "Looked at %(n)d more students.", count)
        messages.success(request, words % {"n": count})
    return redirect("tokens:class", issue.pk)


@to_do
def remind(request: SignedIn, issue_id: int) -> HttpResponse:
    """Tell those again who have not picked theirs up."""
    issue = _teaching(request).get_issue(issue_id)
    try:
        count = classes.remind(issue, actor=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, " ".join(map(sentence, refused.refusals)))
    else:
        words = ngettext("%(n)d student is told again by e-mail.", "%(n)d students are told again by e-mail.", count)
        messages.success(request, words % {"n": count})
    return redirect("tokens:class", issue.pk)


@to_fill_in
def revoke(request: SignedIn, issue_id: int) -> HttpResponse:
    """End all tokens of this class, after a look at how many those are."""
    now = timezone.now()
    issue = _teaching(request).get_issue(issue_id)
    form = ReasonForm(sent(request), is_own=True)
    if form.is_valid():
        try:
            count = classes.revoke(issue, actor=request.user, now=now, reason=form.said)
        except Refused as refused:
            form.add_refusals(refused)
        else:
            words = ngettext(
                "Revoked %(n)d token. It is refused from now on.",
                "Revoked %(n)d tokens. They are refused from now on.",
                count,
            )
            messages.success(request, words % {"n": count})
            return redirect("tokens:class", issue.pk)
    context = {"now": now, "issue": issue, "form": form, "progress": classes.progress_of(issue, now=now)}
    return render(request, "tokens/class_revoke.html", context)


def _teaching(request: SignedIn) -> Teaching:
    return Teaching.of(visitor(request, now=timezone.now()))
