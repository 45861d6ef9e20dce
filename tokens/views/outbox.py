"""The outbox: what the portal has written to whom, whether it went out, and how it reads."""

import logging

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _

from accounts.mails import Mail
from accounts.models import Account
from accounts.pages import SignedIn, to_do, to_read, visitor
from accounts.parameters import number_in, words_in
from accounts.roles import Permission
from tokens import notifications, outbox
from tokens.models import Notice
from tokens.outbox import Stage

logger = logging.getLogger(__name__)
A_PAGE = 50  # mails
# Where mails go that nobody gets: into files, onto the terminal, nowhere.
_KEPT_HERE = ("filebased", "console", "locmem", "dummy")
TONES = {Stage.SENT: "ok", Stage.GIVEN_UP: "bad", Stage.WAITING: "info", Stage.WITHHELD: ""}


class Row:
    """A mail, as the list and its own page show it."""

    def __init__(self, notice: Notice, stage: Stage) -> None:
        self.notice, self.stage, self.tone = notice, stage, TONES[stage]
        self.kind = notifications.mail_of(notice.event).label

    @property
    def title(self) -> str:
        """What it is about, in the language of who looks; one that cannot be written has the name of its event."""
        try:
            return notifications.title(self.notice)
        except Exception:  # just the mails that cannot be written are looked for here
            logger.warning("Notice %s cannot be written", self.notice.pk, exc_info=True)
            return self.notice.event

    @property
    def can_be_retried(self) -> bool:
        return self.stage == Stage.GIVEN_UP


@to_read
def listing(request: SignedIn) -> HttpResponse:
    """List the mails of the school, the newest first."""
    now = timezone.now()
    _require_root_audit(request)
    asked = {name: request.GET.get(name, "") for name in ("state", "kind")}
    stage = Stage(asked["state"]) if asked["state"] in Stage.values else None
    kind = Mail(asked["kind"]) if asked["kind"] in set(Mail) else None
    words = words_in(request.GET.get("q", ""))
    found = outbox.mails(stage=stage, kind=kind, words=words, now=now)
    last = number_in(request.GET.get("before", ""))
    rows = list((found.filter(pk__lt=last) if last else found)[: A_PAGE + 1])
    context = {
        "now": now,
        "rows": [Row(notice, outbox.stage_of(notice, now=now)) for notice in rows[:A_PAGE]],
        "next": rows[A_PAGE - 1].pk if len(rows) > A_PAGE else None,
        "stages": Stage.choices,
        "stage": stage,
        "kinds": list(Mail),
        "kind": kind,
        "words": words,
        "given_up": outbox.mails(stage=Stage.GIVEN_UP, now=now).order_by().count(),
        "is_kept_here": settings.EMAIL_BACKEND.split(".")[-2] in _KEPT_HERE,
    }
    return render(request, "tokens/outbox.html", context)


@to_read
def show(request: SignedIn, notice_id: int) -> HttpResponse:
    """Show a mail as it reads, in the language of whom it goes to."""
    now = timezone.now()
    _require_root_audit(request)
    notice = get_object_or_404(Notice.objects.select_related("person"), pk=notice_id)
    subject = body = ""
    try:
        subject, body = notifications.written(notice.person, notice.event, notice.facts)
    except Exception:  # as in the list
        logger.warning("Notice %s cannot be written", notice.pk, exc_info=True)
    context = {
        "now": now,
        "row": Row(notice, outbox.stage_of(notice, now=now)),
        "subject": subject,
        "body": body,
        "language": get_language_info(notice.person.locale or settings.LANGUAGE_CODE),
    }
    return render(request, "tokens/outbox_mail.html", context)


@to_do
def retry(request: SignedIn, notice_id: int) -> HttpResponse:
    """Let one mail that was given up be tried again."""
    _require_root_audit(request)
    get_object_or_404(Notice, pk=notice_id)
    _retry(request, Notice.objects.filter(pk=notice_id))
    return redirect("tokens:outbox_mail", notice_id)


@to_do
def retry_all(request: SignedIn) -> HttpResponse:
    """Let all mails that were given up be tried again."""
    _require_root_audit(request)
    _retry(request, Notice.objects.all())
    return redirect("tokens:outbox")


def _retry(request: SignedIn, notices: QuerySet[Notice]) -> None:
    count = outbox.retry(notices, actor=request.user, now=timezone.now())
    if count:
        said = ngettext("%(n)d mail is tried again.", "%(n)d mails are tried again.", count)
        messages.success(request, said % {"n": count})
    else:
        messages.info(request, _("There is nothing to try again."))


def _require_root_audit(request: SignedIn) -> None:
    """Let in who reads the audit log of the whole school, since mails are about everybody. Raises PermissionDenied."""
    held = visitor(request, now=timezone.now()).standing.accounts_with(Permission.AUDIT_VIEW)
    if Account.objects.root().pk not in held:
        raise PermissionDenied
