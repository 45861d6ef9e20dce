"""For a browser's session at the API: what weighs much takes somebody who signed in lately, as on the pages."""

from django.utils import timezone
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.recent import GRACE, is_recent


class RecentSignInRequired(PermissionDenied):
    """The session is good, but its person signed in too long ago for this."""


class RecentSignIn(BasePermission):
    """Asks it of the methods that a view names in `asks_again`; a bearer token stands for itself.

    Raises RecentSignInRequired.
    """

    def has_permission(self, request: Request, view: object) -> bool:
        """Look at the session, if that is what lets the caller in."""
        is_asked = request.auth is None and request.method in getattr(view, "asks_again", ())
        if is_asked and not is_recent(request.session, now=timezone.now(), grace=GRACE):
            raise RecentSignInRequired
        return True
