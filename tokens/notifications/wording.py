"""What a mail says: in text and, from the same words, in HTML, in the language and the time of whom it goes to.

The words live in `templates/mail/<event>/subject.txt` and `body.txt`; the HTML of all in `templates/mail/page.html`.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import escape, linebreaks
from django.utils.safestring import SafeString, mark_safe

from accounts.mails import Mail
from accounts.models import User
from tokens.models import Notice
from tokens.notifications.kinds import mail_of


def letter(notice: Notice) -> EmailMultiAlternatives:
    """The mail of a notice, the same each time it is tried: by its Message-ID a mailbox drops what it has had."""
    subject, body = written(notice.person, notice.event, notice.facts)
    headers = {"Message-ID": message_id(notice), "Auto-Submitted": "auto-generated"}
    mail = EmailMultiAlternatives(subject, body, None, [notice.person.email], headers=headers)
    with _as_read_by(notice.person):
        page = render_to_string("mail/page.html", {"subject": subject, "body": _paragraphs(body)})
    mail.attach_alternative(page, "text/html")
    return mail


def message_id(notice: Notice) -> str:
    """One name for a notice; with its moment, since a portal that was set up anew counts from one again."""
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    return f"<notice.{notice.pk}.{notice.created_at.timestamp():.6f}@{host}>"


def written(person: User, event: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and body of a mail; one that may be switched off says where."""
    places = {"url": "tokens:mine", "requests_url": "tokens:requests", "preferences_url": "preferences"}
    urls = {name: f"{settings.PUBLIC_URL}{reverse(place)}" for name, place in places.items()}
    context = {"person": person, "site": settings.PUBLIC_URL, **urls, **facts}
    with _as_read_by(person):
        subject = _subject(event, context)
        body = render_to_string(f"{_folder(event)}/body.txt", context)
        return subject, body + (
            render_to_string("mail/_switch_off.txt", context) if mail_of(event) != Mail.SECURITY else ""
        )


def title(notice: Notice) -> str:
    """The subject of its mail in the language of whoever looks."""
    return _subject(notice.event, {"person": notice.person, **notice.facts})


def _subject(event: str, context: Mapping[str, Any]) -> str:
    return " ".join(render_to_string(f"{_folder(event)}/subject.txt", dict(context)).split())


def _folder(event: str) -> str:
    return f"mail/{event.replace('.', '_')}"


@contextmanager
def _as_read_by(person: User) -> Iterator[None]:
    with translation.override(person.locale or settings.LANGUAGE_CODE), timezone.override(person.zone):
        yield


def _paragraphs(body: str) -> SafeString:
    """The text as HTML. Links lead to the portal alone, whatever addresses people write into a purpose."""
    ours = re.compile(re.escape(str(escape(settings.PUBLIC_URL))) + r"/[\w/#?=.-]*[\w/](?:&amp;[\w=.-]*\w)*")
    linked = ours.sub(r'<a href="\g<0>">\g<0></a>', str(escape("".join(body.splitlines(keepends=True)))))
    return mark_safe(linebreaks(linked))  # noqa: S308  # escaped above
