"""The portal's addresses, and before them: the view of a person without authentication, and the trivial view with ours.

Under /api/ so that the same middleware does the same work.
"""

from datetime import UTC, datetime

from django.urls import include, path
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.people import UserSerializer
from accounts.models import User
from tests.bench.trivial import Trivial
from tokens.authentication import BearerAuthentication

SOMEBODY = User(
    pk=1,
    login_id="login1",
    name="Given Person1",
    sortable_name="Person1, Given",
    short_name="Given",
    email="login1@school.example",
    sis_user_id="U1",
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)


class OpenPerson(APIView):
    """`/api/v1/users/self` for nobody in particular: the same answer, but nobody is asked who they are."""

    authentication_classes = []
    permission_classes = []
    throttle_classes = []

    def get(self, request: Request) -> Response:
        """Show the same person to everybody."""
        del request
        return Response(UserSerializer(SOMEBODY).data)


urlpatterns = [
    path("api/bench/person", OpenPerson.as_view()),
    path(
        "api/bench/trivial",
        Trivial.as_view(authentication_classes=[BearerAuthentication], permission_classes=[IsAuthenticated]),
    ),
    path("api/bench/open", Trivial.as_view(authentication_classes=[], permission_classes=[], throttle_classes=[])),
    path("", include("tokenportal.urls")),
]
