"""Signing in by what the school has for that: there, back, and what is said where it does not work."""

import logging
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
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from requests import RequestException

from accounts.claims.arriving import arrive
from accounts.claims.turned import Turned
from accounts.oidc import SchoolAdapter, is_answer_to
from accounts.views.targets import target_of

logger = logging.getLogger(__name__)
# What a provider does that answers wrongly, or not at all: what it sends is taken apart by code that trusts its shape.
_WRONG_ANSWERS = (OAuth2Error, ProviderException, KeyError, TypeError, ValueError)
AWAY, BROKEN = "away", "broken"
_STATUS = {AWAY: 424, BROKEN: 400}


@never_cache
@require_GET  # a link, no form: `form-action` of our pages would end at the first redirect, and it changes nothing
def there(request: HttpRequest) -> HttpResponse:
    """Lead to the school's sign-in, and afterwards on to where the person wanted to go."""
    adapter = _adapter(request)
    target = target_of(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(target)
    try:
        provider = adapter.get_provider()
        answer: HttpResponse = provider.lead_there(request, target=target, again="again" in request.GET)
    except RequestException as error:
        return _trouble(request, AWAY, error)
    except _WRONG_ANSWERS as error:
        return _trouble(request, BROKEN, error)
    return answer


@never_cache
@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """Take what the school's sign-in says of whom it sends back."""
    adapter = _adapter(request)
    try:
        answer: HttpResponse = OAuth2CallbackView.adapter_view(adapter)(request)
    except RequestException as error:
        return _trouble(request, AWAY, error)
    except _WRONG_ANSWERS as error:
        return _trouble(request, BROKEN, error)
    return answer


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types of its own
    """What django-allauth does with whom a provider has let in, our way."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find or make the person; turn away who may not come in."""
        if not is_answer_to(sociallogin):
            raise ImmediateHttpResponse(_trouble(request, BROKEN, OAuth2Error("The nonce is another")))
        try:
            identity = arrive(
                sociallogin.claims,
                provider=sociallogin.account.provider,
                uid=sociallogin.account.uid,
                arrivals=settings.OIDC_ARRIVALS,
                now=timezone.now(),
            )
        except Turned as turned:
            raise ImmediateHttpResponse(_turned_away(request, turned)) from turned
        sociallogin.account, sociallogin.user = identity, identity.user

    def on_authentication_error(
        self, request: HttpRequest, _provider: object, error: Any = None, exception: Any = None, **_more: Any
    ) -> None:
        """Say what is to be done, on a page of ours; whoever has turned back themselves is at the door again."""
        if error == AuthError.CANCELLED:
            raise ImmediateHttpResponse(redirect("login"))
        why = AWAY if isinstance(exception, RequestException) else BROKEN
        raise ImmediateHttpResponse(_trouble(request, why, exception))

    def is_open_for_signup(self, _request: HttpRequest, _sociallogin: SocialLogin) -> bool:
        """Nobody adds themselves."""
        return False


def _adapter(request: HttpRequest) -> SchoolAdapter:
    if not settings.OIDC_ISSUER:
        raise Http404
    return SchoolAdapter(request, settings.OIDC_ISSUER)


def _turned_away(request: HttpRequest, turned: Turned) -> HttpResponse:
    said = {"why": str(turned.why), "said": turned.said, "name": settings.OIDC_NAME, "support": settings.SUPPORT_EMAIL}
    return render(request, "accounts/turned_away.html", said, status=403)


def _trouble(request: HttpRequest, why: str, error: object) -> HttpResponse:
    """Nothing is wrong with the portal, so this is no 5xx; what is wrong stands in the log."""
    logger.warning("Sign-in by %s: %s", settings.OIDC_NAME, error or "no such state")
    said = {"why": why, "name": settings.OIDC_NAME, "support": settings.SUPPORT_EMAIL}
    return render(request, "accounts/turned_away.html", said, status=_STATUS[why])
