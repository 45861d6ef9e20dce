"""Signing in by what the school has for that: there, back, and what is said where it does not work."""

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError
from allauth.socialaccount.providers.base.provider import ProviderException
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from requests import RequestException, Session

from accounts.claims.arriving import arrive
from accounts.claims.turned import Turned
from accounts.factors.demanding import note_provider
from accounts.oidc import SchoolAdapter, refuse_redirect
from accounts.views.leading_there import lead, to_the_button
from accounts.views.targets import target_of
from accounts.views.turning_away import AWAY, BROKEN, or_trouble, trouble, turned_away

# What a provider does that answers wrongly, or not at all: what it sends is taken apart by code that trusts its shape.
_WRONG_ANSWERS = (OAuth2Error, ProviderException, KeyError, TypeError, ValueError)


@never_cache
@require_http_methods(["GET", "POST"])
def there(request: HttpRequest) -> HttpResponse:
    """Lead to the school's sign-in, and afterwards on to where the person wanted to go."""
    adapter = _adapter(request)
    target = target_of(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(target)
    if request.method == "GET":
        return to_the_button(request)

    def press() -> HttpResponse:
        led = adapter.get_provider().lead_there(request, target=target, again="again" in request.POST)
        return lead(request, settings.OIDC_NAME, led.headers["Location"])

    return or_trouble(request, settings.OIDC_NAME, press, wrong=_WRONG_ANSWERS)


@never_cache
@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """Take what the school's sign-in says of whom it sends back."""
    view = OAuth2CallbackView.adapter_view(_adapter(request))
    return or_trouble(request, settings.OIDC_NAME, lambda: view(request), wrong=_WRONG_ANSWERS)


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types of its own
    """What django-allauth does with whom a provider has let in, our way."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find or make the person; turn away who may not come in."""
        provider = sociallogin.provider
        if not provider.is_answer(sociallogin):
            raise ImmediateHttpResponse(trouble(request, provider.called, BROKEN, "the nonce is another"))
        try:
            identity = arrive(
                sociallogin.claims,
                provider=sociallogin.account.provider,
                uid=sociallogin.account.uid,
                arrivals=provider.arrivals,
                now=timezone.now(),
            )
        except Turned as turned:
            again = reverse("oidc_login") if provider.can_ask_again else ""
            raise ImmediateHttpResponse(turned_away(request, provider.called, turned, again=again)) from turned
        sociallogin.account, sociallogin.user = identity, identity.user
        note_provider(request.session, sociallogin.claims)

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, **_more: Any
    ) -> None:
        """Say what is to be done, on a page of ours; whoever has turned back themselves is at the door again."""
        if error == AuthError.CANCELLED:
            raise ImmediateHttpResponse(redirect("login"))
        why = AWAY if isinstance(exception, RequestException) else BROKEN
        raise ImmediateHttpResponse(trouble(request, provider.called, why, exception))

    def get_requests_session(self) -> Session:
        """What asks the provider: at the addresses that it has named itself, and at no other."""
        session: Session = super().get_requests_session()
        session.hooks["response"].append(refuse_redirect)
        return session


def _adapter(request: HttpRequest) -> SchoolAdapter:
    if not settings.OIDC_ISSUER:
        raise Http404
    return SchoolAdapter(request, settings.OIDC_ISSUER)
