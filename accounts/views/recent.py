"""Asks again who is there before what weighs much, in the place of the page that was wanted; keeps what was typed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate, logout
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from accounts import browsers
from accounts.audit import record
from accounts.factors.keeping import held_by, take_code
from accounts.factors.passkeys.challenges import Purpose
from accounts.pages import SignedIn, View, to_do, to_fill_in
from accounts.passwords import may_use_password
from accounts.recent import GRACE, is_recent, note_proof
from accounts.views import passkeys
from accounts.views.codes import taken
from accounts.views.targets import target_of

# What the form that asks again sends beside what was kept: the method that was wanted, and one of the proofs.
WANTED, PASSWORD, CODE, PASSKEY = "proof_wanted", "proof_password", "proof_code", "proof_passkey"
OWN = frozenset({WANTED, PASSWORD, CODE, PASSKEY, "csrfmiddlewaretoken"})
NONE = timedelta(0)


def asks_again(*methods: str) -> Callable[[View], Any]:
    """Let a view be reached by these methods only by somebody who signed in lately, or who shows again that it is them.

    Without methods, by any. It stands below `to_fill_in` and the like: somebody is signed in.
    """

    def wrap(view: View) -> Any:
        @wraps(view)
        @sensitive_post_parameters(PASSWORD, CODE, PASSKEY)
        def asked(request: SignedIn, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if methods and request.method not in methods:
                return view(request, *args, **kwargs)
            answer = _ask(request)
            return view(request, *args, **kwargs) if answer is None else answer

        asked.asks_again = methods or True  # type: ignore[attr-defined]  # a test looks for it at every address
        return asked

    return wrap


def _ask(request: SignedIn) -> HttpResponse | None:
    """The page that asks, or the way back to the form that was wanted; None where the view may go on."""
    now = timezone.now()
    is_answer = WANTED in request.POST
    grace = GRACE if request.method == "POST" and not is_answer else NONE
    if not is_recent(request.session, now=now, grace=grace):
        form = ProofForm(request, is_answer=is_answer)
        if not form.is_valid():
            return _page(request, form)
        _take(request, form.way, now)
    if not is_answer:
        return None
    if request.POST[WANTED] != "POST":
        return redirect(request.get_full_path())
    request.POST = _kept(request)  # type: ignore[assignment]  # it is copied to be changed, and then left alone
    return None


def _take(request: SignedIn, way: str, now: datetime) -> None:
    """The session is as a new one, and has a new name."""
    before = request.session.session_key
    request.session.cycle_key()
    browsers.rename(before, request.session.session_key)
    note_proof(request.session, now=now)
    record("session.confirm", actor=request.user, now=now, person=request.user, after={"ways": [way]})


def _kept(request: SignedIn) -> QueryDict:
    """What was typed into the form that was wanted."""
    kept = request.POST.copy()
    for name in OWN:
        kept.pop(name, None)
    return kept


def _page(request: SignedIn, form: "ProofForm") -> HttpResponse:
    """Ask in the place of the form. What was typed into that is in the page, and nowhere else."""
    kept = [(name, text) for name, texts in request.POST.lists() if name not in OWN for text in texts]
    context = {
        "form": form,
        "kept": kept,
        "wanted": request.POST.get(WANTED, request.method),
        "minutes": settings.RECENT_SIGN_IN_MINUTES,
        "again": f"{reverse('sign_in_again')}?{urlencode({'next': request.get_full_path()})}",
    }
    return render(request, "accounts/recent.html", context)


class ProofForm(forms.Form):
    """One of what this person can show that it is them by. `way` is by what they did."""

    proof_password = forms.CharField(
        label=gettext_lazy("Password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "current-password"}),
    )
    proof_code = forms.CharField(
        label=gettext_lazy("Code"),
        required=False,
        max_length=32,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    proof_passkey = passkeys.CredentialField()

    def __init__(self, request: SignedIn, *, is_answer: bool) -> None:
        """Offer what they have."""
        super().__init__(request.POST if is_answer else None)
        self._request, self._person, self.way = request, request.user, ""
        now = timezone.now()
        if not (self._person.has_usable_password() and may_use_password(self._person, now=now)):
            del self.fields[PASSWORD]
        held = held_by(self._person)
        if not held.passkeys:
            del self.fields[PASSKEY]
        if not held.is_on:
            del self.fields[CODE]
        elif PASSWORD in self.fields:
            self.fields[CODE].help_text = _("Instead of the password: of your app, or one of your recovery codes.")
        for name in list(self.fields)[:1]:
            self.fields[name].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        """Take a code before a password: whoever sends both has the code for this."""
        said: dict[str, Any] = super().clean() or {}
        tries = {PASSKEY: self._try_passkey, CODE: self._try_code, PASSWORD: self._try_password}
        for name, try_it in tries.items():
            if said.get(name):
                try_it(said[name])
                return said
        self.add_error(next(iter(self.fields), None), _("Show in one of these ways that it is you."))
        return said

    def _try_passkey(self, answer: str) -> None:
        if passkeys.show(self._request, answer, Purpose.AGAIN, self._person) is None:
            self.add_error(None, passkeys.refusal())
        self.way = "passkey"

    def _try_code(self, code: str) -> None:
        taken(self, CODE, lambda: take_code(self._person, code, now=timezone.now()))
        self.way = "mfa"

    def _try_password(self, password: str) -> None:
        """Wrong ones are counted with those at the door."""
        found = authenticate(self._request, username=self._person.login_id, password=password)
        if found is None or found.pk != self._person.pk:
            self.add_error(PASSWORD, _("That is not your password."))
        self.way = "password"


@to_do
def challenge(request: SignedIn) -> HttpResponse:
    """Say what a browser is to ask of its passkeys."""
    return passkeys.asked(request, Purpose.AGAIN, request.user)


@to_fill_in
def sign_in_again(request: SignedIn) -> HttpResponse:
    """End the session, and come back to the same page by the way through the door."""
    if request.method != "POST":
        return render(request, "accounts/sign_in_again.html", {"form": None, "target": target_of(request)})
    target = target_of(request)
    logout(request)
    return redirect(f"{reverse('login')}?{urlencode({'next': target})}")
