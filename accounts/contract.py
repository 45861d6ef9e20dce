"""What the endpoints of the API have in common, as the OpenAPI document says it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from accounts.moments import MomentField

_View = TypeVar("_View", bound=Callable[..., Any])


class ErrorSerializer(serializers.Serializer[Any]):
    """One reason."""

    message = serializers.CharField(help_text="A sentence for people.")
    code = serializers.CharField(help_text="For programs; the sentence may change, the code does not.")
    field = serializers.CharField(required=False, help_text="The bare name of the parameter that it is about.")
    expired_at = MomentField(required=False, help_text="With `expired_token`: when the token ended.")


class ErrorsSerializer(serializers.Serializer[Any]):
    """Why nothing was done."""

    errors = ErrorSerializer(many=True)  # type: ignore[assignment]  # a field, by the name of an attribute
    status = serializers.ChoiceField(
        choices=["unauthenticated", "unauthorized"], required=False, help_text="Canvas' word for it, where it has one."
    )
    error_report_id = serializers.CharField(required=False, help_text="With 5xx: the request's id, for your operator.")


_MEANINGS = {
    400: "The request does not say, or may not say, what it says.",
    401: "No credentials, or a token that does not let its caller in.",
    403: "Not allowed: no right, no CSRF token, or the token lacks a scope.",
    404: "There is no such thing, or it is out of your reach.",
    409: "Something is in the way now, which `code` names.",
    413: "The body is over 64 KiB.",
    415: "The body is neither JSON nor a form.",
    422: "This `Idempotency-Key` was used with another body.",
    429: "Too many calls; see `Retry-After`.",
    500: "Our fault; tell your operator the `error_report_id`.",
    503: "The database cannot be asked now; see `Retry-After`.",
}
_EVERYWHERE = (400, 401, 403, 413, 429, 500, 503)

PERSON = OpenApiParameter(
    "user_id",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    description="A person: a number, `self`, or `sis_user_id:X`.",
)

ACCOUNT = OpenApiParameter(
    "account_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="An account: a number, or `self` for the root."
)


def endpoint(
    operation_id: str,
    answer: Any,
    *,
    refusals: Sequence[int] = (),
    others: Mapping[int, Any] | None = None,
    parameters: Sequence[OpenApiParameter] = (),
    request: Any = None,
    tag: str,
) -> Callable[[_View], _View]:
    """Describe a view method: what it answers, and each status with which it may refuse.

    `others` has the shapes of refusals that say more than why.
    """
    shapes = others or {}
    statuses = sorted({*_EVERYWHERE, *refusals, *((415,) if request else ())})
    return extend_schema(
        operation_id=operation_id,
        request=request,
        parameters=[*parameters, *_HEADERS],
        responses={
            200: answer,
            **{status: OpenApiResponse(shapes.get(status, ErrorsSerializer), _MEANINGS[status]) for status in statuses},
        },
        tags=[tag],
    )


_HEADERS = (
    OpenApiParameter(
        "X-Request-Id", location=OpenApiParameter.HEADER, response=True, description="The id under which logs know it."
    ),
    OpenApiParameter(
        "Token-Expires-At",
        OpenApiTypes.DATETIME,
        OpenApiParameter.HEADER,
        response=True,
        description="When the token that carries the call ends; absent if it does not.",
    ),
    OpenApiParameter(
        "Token-Warning",
        location=OpenApiParameter.HEADER,
        response=True,
        description="In a sentence, that the token or the secret that carries the call ends within 14 days.",
    ),
    OpenApiParameter(
        "Token-Superseded",
        location=OpenApiParameter.HEADER,
        response=True,
        description="`true` where the token has a newer secret than the one that carries the call.",
    ),
    OpenApiParameter(
        "WWW-Authenticate",
        location=OpenApiParameter.HEADER,
        response=[400, 401, 403],
        description="The challenge of RFC 6750.",
    ),
    OpenApiParameter(
        "Retry-After",
        OpenApiTypes.INT,
        OpenApiParameter.HEADER,
        response=[409, 429, 503],
        description="Seconds to wait.",
    ),
)
LINK = OpenApiParameter(
    "Link",
    location=OpenApiParameter.HEADER,
    response=[200],
    description="RFC 8288: `current`, `first`, and `next` where there is more. Follow them as they are.",
)
PER_PAGE = OpenApiParameter("per_page", OpenApiTypes.INT, description="Rows a page: 10, at most 100.")
PAGE = OpenApiParameter("page", OpenApiTypes.STR, description="Only as the `Link` header names it.")
