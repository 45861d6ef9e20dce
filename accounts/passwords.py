"""Who may sign in with a password where the school has a sign-in of its own."""

from datetime import datetime

from django.conf import settings

from accounts.models import User
from accounts.people import membership, root_path
from accounts.roles import Permission


def may_use_password(person: User, *, now: datetime) -> bool:
    """Everybody, unless PASSWORD_SIGN_IN is off: then only who edits the policy of the whole school."""
    if settings.PASSWORD_SIGN_IN:
        return True
    return Permission.POLICY_EDIT in membership(person, now=now).standing.permissions_over(root_path())
