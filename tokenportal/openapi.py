"""The OpenAPI document, and the page to read it and try it."""

from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.utils.decorators import method_decorator
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import AllowAny

from tokenportal.problems import CODES


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # drf-spectacular's own
    target_class = "tokens.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        del auto_schema
        return {"type": "http", "scheme": "bearer", "description": "A personal access token."}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # as above
    target_class = "tokens.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        del auto_schema
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "A browser session; calls that change something also send X-CSRFToken.",
        }


def name_the_codes(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """Write down every code that an error may have."""
    result["components"]["schemas"]["Error"]["properties"]["code"]["enum"] = CODES
    return result


class Document(SpectacularAPIView):
    """The document, in YAML or with `Accept: application/json` in JSON; for everybody."""

    permission_classes = [AllowAny]
    content_negotiation_class = DefaultContentNegotiation


@method_decorator(csp_update({"img-src": [SELF, "data:"]}), name="dispatch")  # Swagger's style sheet draws its arrows
class Docs(SpectacularSwaggerSplitView):
    """The page."""

    permission_classes = [AllowAny]
    url_name = "api_schema"
