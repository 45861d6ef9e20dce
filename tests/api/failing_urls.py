"""The portal, with two views in it that fail: for the tests of what nobody catches."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tokenportal import urls


class Failing(APIView):
    def get(self, _request: Request) -> Response:
        raise RuntimeError("a secret detail")


def failing_page(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret detail")


urlpatterns = [
    path("api/v1/failing", Failing.as_view()),
    path("api/v1/failing-beside", failing_page),
    path("failing/", failing_page),
    *urls.urlpatterns,
]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500
