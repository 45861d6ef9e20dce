"""What happens here when Django signs somebody in or out, by whichever way they came."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from accounts import browsers
from accounts.factors import demanding
from accounts.models import User
from accounts.recent import note_proof


def note_browser(request: HttpRequest, user: User, **_more: Any) -> None:
    """Begin the time of the session, in which they have just shown who they are."""
    now = timezone.now()
    browsers.begin(request.session, user, now=now)
    note_proof(request.session, now=now)
    demanding.begin(request.session, user, now=now)


def forget_browser(request: HttpRequest, **_more: Any) -> None:
    """Its browser has ended it."""
    browsers.forget(request.session.session_key)
