"""One trivial view behind each of the peers, and behind nothing."""

from django.urls import path
from knox.auth import TokenAuthentication as KnoxAuthentication
from oauth2_provider.contrib.rest_framework import OAuth2Authentication
from oauth2_provider.views import IntrospectTokenView
from rest_framework.authentication import TokenAuthentication
from rest_framework.permissions import IsAuthenticated
from rest_framework_api_key.permissions import HasAPIKey
from rest_framework_simplejwt.authentication import JWTAuthentication

from tests.bench.trivial import Trivial

KNOWN = [IsAuthenticated]

urlpatterns = [
    path("open", Trivial.as_view()),
    path("drf-token", Trivial.as_view(authentication_classes=[TokenAuthentication], permission_classes=KNOWN)),
    path("knox", Trivial.as_view(authentication_classes=[KnoxAuthentication], permission_classes=KNOWN)),
    path("api-key", Trivial.as_view(permission_classes=[HasAPIKey])),
    path("simplejwt", Trivial.as_view(authentication_classes=[JWTAuthentication], permission_classes=KNOWN)),
    path("dot", Trivial.as_view(authentication_classes=[OAuth2Authentication], permission_classes=KNOWN)),
    path("dot-introspect", IntrospectTokenView.as_view()),
]
