"""`python -m tests.recipes.service DIRECTORY`: a school's other Django service, with our recipes copied into DIRECTORY.

It knows nothing of the portal but its address. It prints the port it listens on.
"""

import sys
from importlib import import_module
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path

HOST = "127.0.0.1"


def configure(directory: Path) -> None:
    """Make a usual project: Django's own users, a database in a file, and what the recipes say."""
    sys.path.insert(0, str(directory))
    own = vars(import_module("service_settings"))
    settings.configure(
        DEBUG=False,
        SECRET_KEY="a service of the tests",
        ALLOWED_HOSTS=[HOST],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "oauth2_provider", "rest_framework"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": directory / "service.sqlite3"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        **{name: value for name, value in own.items() if name.isupper()},
    )
    django.setup()
    call_command("migrate", verbosity=0)


def routes() -> list[Any]:
    """One view per recipe, each says whose token it was."""
    view = import_module("rest_framework.views").APIView
    response = import_module("rest_framework.response").Response
    ours = import_module("django_client").PortalAuthentication
    require_token = import_module("authlib_client").require_token

    def whoami(_self: Any, request: Any) -> Any:
        return response({"user": request.user.get_username()})

    def by_authlib(request: HttpRequest) -> JsonResponse:
        return JsonResponse({"user": request.oauth_token["username"]})  # type: ignore[attr-defined]  # Authlib's

    by_client: Any = type("ByClient", (view,), {"get": whoami, "authentication_classes": [ours]})
    by_toolkit: Any = type("ByToolkit", (view,), {"get": whoami})
    return [
        path("client", by_client.as_view()),
        path("toolkit", by_toolkit.as_view()),
        path("authlib", require_token()(by_authlib)),
        path("authlib/grades", require_token("grades:read")(by_authlib)),
    ]


class Quiet(WSGIRequestHandler):
    """Says nothing about good requests."""

    def log_message(self, *_arguments: Any) -> None:
        return


class Server(ThreadingMixIn, WSGIServer):
    """A thread per request."""

    daemon_threads = True


if __name__ == "__main__":
    configure(Path(sys.argv[1]))
    urlpatterns = routes()
    with make_server(HOST, 0, get_wsgi_application(), Server, Quiet) as server:
        print(server.server_port, flush=True)  # noqa: T201
        server.serve_forever()
