"""The calendar as a text: RFC 5545, an event at the moment at which each token ends. It tells nothing of a secret."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from tokens.models import AccessToken, State

_OCTETS = 75  # a line, without its end
_BREAKS = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


def text_for(person: User, *, now: datetime) -> str:
    """The calendar of a person in the active language: the same text until one of their tokens changes or ends."""
    tokens = AccessToken.objects.filter(user=person, state__in=(State.ACTIVE, State.SUSPENDED)).in_use(now=now)
    ending = tokens.exclude(expires_at=None).defer("tag", "verifier").order_by("expires_at", "pk")
    return "".join(f"{each}\r\n" for line in _lines(ending) for each in _folded(line))


def _lines(tokens: Iterable[AccessToken]) -> Iterator[str]:
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//TokenPortal//Token ends//EN", "METHOD:PUBLISH")
    yield f"X-WR-CALNAME:{_escaped(_('Ends of my access tokens'))}"
    yield "REFRESH-INTERVAL;VALUE=DURATION:PT12H"
    for token in tokens:
        yield from _event(token)
    yield "END:VCALENDAR"


def _event(token: AccessToken) -> Iterator[str]:
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    is_held = token.state == State.SUSPENDED
    words = _("Token “%(purpose)s” ends (suspended)") if is_held else _("Token “%(purpose)s” ends")
    yield "BEGIN:VEVENT"
    yield f"UID:token-{token.pk}-end@{host}"
    yield f"DTSTAMP:{_moment(token.updated_at)}"
    yield f"DTSTART:{_moment(token.expires_at)}"
    yield f"SUMMARY:{_escaped(words % {'purpose': token.purpose})}"
    yield f"URL:{settings.PUBLIC_URL}{reverse('tokens:show', args=[token.pk])}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _moment(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    return text.translate(_BREAKS)


def _folded(line: str) -> Iterator[str]:
    """Break a long line after 75 octets at most, never within a letter; what goes on begins with a space."""
    part, length = "", 0
    for letter in line:
        size = len(letter.encode())
        if length + size > _OCTETS:
            yield part
            part, length = " ", 1
        part, length = part + letter, length + size
    yield part
