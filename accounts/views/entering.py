"""How every sign-in ends, whichever way somebody came: their second step if they have one, a session, a line."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records, perform_login, record_authentication
from allauth.account.models import Login
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.audit import record
from accounts.factors.events import Kind
from accounts.models import User

# Under which Django keeps the session, however its person came: who they are is looked up the same way.
BACKEND = "django.contrib.auth.backends.ModelBackend"
PASSWORD, PASSKEY = "password", "passkey"


def let_in(request: HttpRequest, person: User, *, way: str, target: str, **facts: Any) -> HttpResponse:
    """Let in somebody who has shown by `way` who they are; the answer leads on to `target`, or to their second step.

    `facts` are those by which django-allauth knows of a factor, and whether it was both steps at once.
    """
    record_authentication(request, person, way, **facts)
    answer: HttpResponse = perform_login(request, Login(user=person, redirect_url=target))
    return answer


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types of its own
    """What django-allauth does with a person, our way."""

    def login(self, request: HttpRequest, user: User) -> None:
        """Begin the session. It comes here once every step is done."""
        ways = [
            PASSKEY if each.get("type") == Kind.PASSKEY else each["method"]
            for each in get_authentication_records(request, user)
        ]
        login(request, user, backend=BACKEND)
        now = timezone.now()
        record("session.begin", actor=user, now=now, person=user, subject_id=user.pk, after={"ways": ways})

    def respond_user_inactive(self, _request: HttpRequest, _user: User) -> HttpResponse:
        """Lead whoever was switched off while they signed in back to the door."""
        return redirect("login")

    def is_safe_url(self, url: str) -> bool:
        """Whether somebody may be led there; django-allauth fails at what is no address."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Nobody adds themselves."""
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: our pages speak for themselves."""
