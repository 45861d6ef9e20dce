"""Where everything is."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.csrf import csrf_exempt

from tokenportal import health, openapi, responses
from tokenportal.metrics.views import metrics
from tokenportal.views.help import help_page

handler400 = "tokenportal.responses.bad_request"
handler403 = "tokenportal.responses.permission_denied"
handler404 = "tokenportal.responses.page_not_found"
handler500 = "tokenportal.responses.server_error"


@csrf_exempt  # there is nothing to protect, and 403 would be a riddle
def no_such_endpoint(_request: HttpRequest) -> HttpResponse:
    """Say so in the API's shape, also where DEBUG would answer with a page."""
    return responses.answer(Http404())


# Under /api/ a slash at the end is gone before anything is looked up here, see ApiGuardMiddleware.
urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("livez", health.healthz),  # what Kubernetes calls it
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("help/", help_page, name="help"),
    path("api/schema", openapi.Document.as_view(), name="api_schema"),
    path("api/docs", openapi.Docs.as_view(), name="api_docs"),
    path("api/v1/", include("tokens.api_urls")),
    path("api/v1/", include("policies.api_urls")),
    path("api/v1/", include("accounts.api_urls")),
    re_path(r"^api/", no_such_endpoint),
    path("", include("tokens.urls")),
    path("", include("policies.urls")),
    path("", include("accounts.urls")),
]
