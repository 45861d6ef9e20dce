"""Signing in by the school's SAML provider: there, its answer, and in.

The answer comes by a form of another site, with which the browser sends no session of ours. A good one is kept for a
moment, and the browser is led to where its session says what it has asked; to any other browser it is worth nothing.
"""

from importlib import import_module

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import complete_social_login
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from requests import RequestException

from accounts.saml import toolkit
from accounts.saml.provider import SchoolSamlProvider
from accounts.saml.toolkit import BadAnswer
from accounts.views.leading_there import lead, to_the_button
from accounts.views.targets import target_of
from accounts.views.turning_away import AWAY, or_trouble, trouble

KEPT = 300  # seconds between an answer and the step after it
_RESPONSE = "saml_response"


@never_cache
@require_http_methods(["GET", "POST"])
def there(request: HttpRequest) -> HttpResponse:
    """Lead to the provider, and afterwards on to where the person wanted to go."""
    provider = _provider(request)
    target = target_of(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(target)
    if request.method == "GET":
        return to_the_button(request)
    try:
        asking = toolkit.asking()
        led = asking.login(return_to="")
    except (RequestException, OSError, BadAnswer) as error:
        return trouble(request, provider.called, AWAY, error)
    provider.stash_redirect_state(request, AuthProcess.LOGIN, target, state_id=asking.get_last_request_id())
    return lead(request, provider.called, led)


@csrf_exempt  # another site's form; what is in it is signed, and is worth nothing to a browser that has not asked
@never_cache
@require_POST
def acs(request: HttpRequest) -> HttpResponse:
    """Take the provider's answer (assertion consumer service), and keep a good one for the next step."""
    provider = _provider(request)
    response = request.POST.get("SAMLResponse", "")

    def keep() -> HttpResponse:
        toolkit.answer_in(response)
        kept = _store()
        kept[_RESPONSE] = response
        kept.set_expiry(KEPT)
        kept.create()
        return redirect(f"{reverse('saml_finish')}?answer={kept.session_key}")

    return or_trouble(request, provider.called, keep, wrong=(BadAnswer,))


@never_cache
@require_GET
def finish(request: HttpRequest) -> HttpResponse:
    """Let in whom the answer names, if this browser has asked for it."""
    provider = _provider(request)
    kept = _store(request.GET.get("answer", ""))
    response = str(kept.get(_RESPONSE, ""))
    kept.flush()

    def let_in() -> HttpResponse:
        answer = toolkit.answer_in(response)
        asked = answer.get_last_response_in_response_to() or ""
        state = statekit.unstash_state(request, state_id=asked, provider_id=provider.sub_id)
        if state is None:
            raise BadAnswer("nobody has asked for this")
        login = provider.sociallogin_from_response(request, claims := toolkit.claims_of(answer))
        login.claims, login.state = claims, state
        done: HttpResponse = complete_social_login(request, login)
        return done

    return or_trouble(request, provider.called, let_in, wrong=(BadAnswer,))


@require_GET
def metadata(request: HttpRequest) -> HttpResponse:
    """Describe this portal to the provider."""
    _provider(request)
    return HttpResponse(toolkit.own_metadata(), content_type="application/samlmetadata+xml")


def _provider(request: HttpRequest) -> SchoolSamlProvider:
    if not settings.SAML_METADATA:
        raise Http404
    found: SchoolSamlProvider = get_adapter(request).get_provider(request, "saml")
    return found


def _store(key: str = "") -> SessionBase:
    store: SessionBase = import_module(settings.SESSION_ENGINE).SessionStore(key or None)
    return store
