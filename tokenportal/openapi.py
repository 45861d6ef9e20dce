"""The OpenAPI document, and the page to read it and try it."""

from functools import lru_cache
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpResponse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

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


@lru_cache(maxsize=4 * len(settings.LANGUAGES))  # there are four renderers; a language that is asked for may be any
def _written(language: str, media_type: str) -> bytes:
    """Write the document; that takes a second, and it is the same for everybody."""
    with translation.override(language):
        document = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    [renderer] = (each() for each in Document.renderer_classes if each.media_type == media_type)
    text: str | bytes = renderer.render(document, renderer_context={})
    return text.encode() if isinstance(text, str) else text


class Document(SpectacularAPIView):
    """The document, in YAML or with `Accept: application/json` in JSON; for everybody."""

    permission_classes = [AllowAny]
    content_negotiation_class = DefaultContentNegotiation

    def _get_schema_response(self, request: Request) -> HttpResponse:
        renderer, _media_type = self.perform_content_negotiation(request, force=True)
        text = _written(get_language() or settings.LANGUAGE_CODE, renderer.media_type)
        answer = HttpResponse(text, content_type=f"{renderer.media_type}; charset=utf-8")
        answer["Content-Disposition"] = f'inline; filename="token-portal.{renderer.format}"'
        return answer


@method_decorator(csp_update({"img-src": [SELF, "data:"]}), name="dispatch")  # Swagger's style sheet draws its arrows
class Docs(SpectacularSwaggerSplitView):
    """The page."""

    permission_classes = [AllowAny]
    url_name = "api_schema"
