"""What every answer tells a browser: of pages, the API, files and doors, and of whatever failed before any of them.

Django's middleware and django-csp say what belongs to a page; this adds, last of all, what an answer has not said.
The rules are those of MDN's HTTP Observatory, which `tests/headers/` holds every address to.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

# For what is no page: should a browser be brought to show it, it loads nothing, sends nothing and is framed by nobody.
NOTHING = "default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# What the portal never asks of a device. Of copying a secret browsers say themselves: this site only.
UNUSED = (
    *("accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media"),
    *("fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer"),
    *("microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock", "serial", "usb"),
    "xr-spatial-tracking",
)
# Making and showing passkeys.
USED = ("publickey-credentials-create", "publickey-credentials-get")
PERMISSIONS = ", ".join([*(f"{feature}=()" for feature in UNUSED), *(f"{feature}=(self)" for feature in USED)])


class Careful:
    """A WSGI application that gives every answer of another one these headers, unless it has them."""

    def __init__(self, application: Application) -> None:
        """Read the settings once: the doors answer thousands of times a second."""
        self._application = application
        self._always: Headers = [
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", NOTHING),
            ("Referrer-Policy", str(settings.SECURE_REFERRER_POLICY)),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Cache-Control", "no-store"),  # what may be kept says so itself
        ]
        self._documents: Headers = [
            *self._always,
            ("X-Frame-Options", str(settings.X_FRAME_OPTIONS)),
            ("Cross-Origin-Opener-Policy", str(settings.SECURE_CROSS_ORIGIN_OPENER_POLICY)),
            ("Permissions-Policy", PERMISSIONS),
        ]
        self._secure: Headers = [("Strict-Transport-Security", hsts())] if settings.SECURE_HSTS_SECONDS else []

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request, as PEP 3333 says."""

        def start(status: str, headers: Headers, *failure: Any) -> Any:
            return start_response(status, [*headers, *self._missing(environ, headers)], *failure)

        return self._application(environ, start)

    def _missing(self, environ: Environ, headers: Headers) -> Headers:
        told = {name.lower(): value for name, value in headers}
        rules = self._documents if told.get("content-type", "").startswith("text/html") else self._always
        if self._secure and is_secure(environ):  # RFC 6797 section 7.2: never over plain HTTP
            rules = [*rules, *self._secure]
        return [rule for rule in rules if rule[0].lower() not in told]


def hsts() -> str:
    """The value of Strict-Transport-Security that Django's own middleware gives, RFC 6797 section 6.1."""
    parts = [f"max-age={settings.SECURE_HSTS_SECONDS}"]
    parts += ["includeSubDomains"] * settings.SECURE_HSTS_INCLUDE_SUBDOMAINS + [
        "preload"
    ] * settings.SECURE_HSTS_PRELOAD
    return "; ".join(parts)


def is_secure(environ: Environ) -> bool:
    """Whether the client speaks TLS, by the same evidence as `HttpRequest.is_secure`."""
    if settings.SECURE_PROXY_SSL_HEADER:
        name, secure = settings.SECURE_PROXY_SSL_HEADER
        if told := environ.get(name):
            return str(told).partition(",")[0].strip() == secure
    return bool(environ.get("wsgi.url_scheme") == "https")
