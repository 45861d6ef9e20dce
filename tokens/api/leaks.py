"""Where leaked tokens are reported: secret scanners in GitHub's form, and whoever holds a whole token."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.contract import ErrorsSerializer
from tokens.finders import Rate, hand_in
from tokens.leaks import Report
from tokens.leaks.signing import is_signed
from tokens.models.leak import FoundBy

MOST_BODY = 1024 * 1024  # bytes; a scanner puts many finds into one
TAG = "Leaks"


class Unsigned(APIException):
    """No signature."""

    status_code = 401
    default_code = "signature_missing"
    default_detail = "Send Github-Public-Key-Identifier and Github-Public-Key-Signature."


class BadSignature(APIException):
    """Not signed by anybody we know."""

    status_code = 403
    default_code = "signature_invalid"
    default_detail = "The signature does not fit the body, or its key is not one of ours."


class BadReport(APIException):
    """Signed, and yet no report."""

    status_code = 400
    default_code = "report_invalid"
    default_detail = "Send a JSON array of objects with token, type, url and source."


class FindSerializer(serializers.Serializer[Any]):
    """A find."""

    token = serializers.CharField(help_text="What was found.")
    type = serializers.CharField(required=False, help_text="The scanner's name for our tokens; not looked at.")
    url = serializers.CharField(required=False, help_text="Where.")
    source = serializers.CharField(required=False, help_text="What kind of place that is, such as `commit`.")  # type: ignore[assignment]  # a field, by the name of an attribute


class PublicSerializer(serializers.Serializer[Any]):
    """A find of anybody's."""

    token = serializers.CharField(help_text="The whole token.")
    url = serializers.CharField(required=False, help_text="Where it was found.")


class Door(APIView):
    """Open to whoever shows what it asks for: nobody signs in, and no session is looked at."""

    authentication_classes = ()
    permission_classes = ()


class ScannerLeaks(Door):
    throttle_classes = ()

    @extend_schema(
        operation_id="report_leaks",
        request=FindSerializer(many=True),
        responses={204: None, **dict.fromkeys((400, 401, 403, 404, 413, 503), ErrorsSerializer)},
        tags=[TAG],
    )
    def post(self, request: Request) -> Response:
        """Take the report of a secret scanner, signed as GitHub signs. 204 once it is stored; the rest is a job's."""
        if not settings.LEAK_KEYS:
            raise Http404
        key_id = request.headers.get("Github-Public-Key-Identifier", "")
        signature = request.headers.get("Github-Public-Key-Signature", "")
        if not key_id or not signature:
            raise Unsigned
        body = _body(request)
        if not is_signed(body, key_id, signature):
            raise BadSignature
        hand_in(_reports(body), found_by=FoundBy.SCANNER, now=timezone.now())
        return Response(status=204)


class PublicLeaks(Door):
    throttle_classes = (Rate,)

    @extend_schema(
        operation_id="report_leak",
        request=PublicSerializer,
        responses={204: None, **dict.fromkeys((400, 413, 415, 429, 503), ErrorsSerializer)},
        tags=[TAG],
    )
    def post(self, request: Request) -> Response:
        """Report a whole token that you have found. The answer is the same whether or not there is such a token."""
        said = request.data if isinstance(request.data, Mapping) else {}
        one = Report(str(said.get("token", "")), url=str(said.get("url", "")))
        hand_in([one], found_by=FoundBy.ANYBODY, now=timezone.now())
        return Response(status=204)


def _body(request: Request) -> bytes:
    """The body as it came, which is what was signed. Raises RequestDataTooBig."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isascii() or not length.isdigit() or int(length) > MOST_BODY:
        raise RequestDataTooBig
    body: bytes = request.read(int(length))
    return body


def _reports(body: bytes) -> list[Report]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadReport from error
    if not isinstance(found, list) or not all(isinstance(each, dict) and _is_find(each) for each in found):
        raise BadReport
    return [Report(each["token"], str(each.get("source") or ""), str(each.get("url") or "")) for each in found]


def _is_find(each: dict[str, object]) -> bool:
    return isinstance(each.get("token"), str)
