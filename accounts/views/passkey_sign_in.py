"""Signing in by a passkey alone: somebody has it, and the device knows who uses it, so it is both steps."""

from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.contrib.auth.signals import user_login_failed
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.factors.passkeys import challenges, holding, party
from accounts.factors.passkeys.challenges import Purpose
from accounts.models import User
from accounts.passwords import may_come_by_passkey
from accounts.views import passkeys
from accounts.views.entering import let_in
from accounts.views.sign_in import door, too_many_attempts
from accounts.views.targets import target_of


class EnterForm(forms.Form):
    """What a browser says of a passkey."""

    credential = passkeys.CredentialField()


@csrf_protect
@never_cache
@require_POST
def challenge(request: HttpRequest) -> HttpResponse:
    """Say what a browser is to ask of its passkeys, whoever that is."""
    if not party.is_possible():
        raise Http404
    return passkeys.asked(request, Purpose.ENTER, None)


@sensitive_post_parameters("credential")
@csrf_protect
@never_cache
@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """Let in whose passkey it is, if a password would let them in too; refused ones count with wrong passwords."""
    target = target_of(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(target)
    now = timezone.now()
    state = challenges.take(request.session, Purpose.ENTER, person_id=None, now=now)
    form = EnterForm(request.POST)
    text = form.cleaned_data["credential"] if form.is_valid() else ""
    person = holding.whose(text)
    if person is None:
        return door(request, said=passkeys.refusal())
    if not AxesProxyHandler.is_allowed(request, _name_of(person)):
        return too_many_attempts(request)
    factor = holding.show(text, state, person=person, is_alone=True, now=now)
    if factor is None or not may_come_by_passkey(person, now=now):
        user_login_failed.send(__name__, credentials=_name_of(person), request=request)
        return door(request, said=passkeys.refusal())
    return let_in(request, person, way="mfa", target=target, id=factor.pk, type=factor.type, passwordless=True)


def _name_of(person: User) -> dict[str, str]:
    """By which django-axes counts, as at the form for passwords."""
    return {"username": person.login_id}
