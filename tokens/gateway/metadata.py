"""What the portal says of itself: RFC 8414 metadata, and the shape of its tokens for secret scanners."""

from django.conf import settings

from tokens.gateway.devices import GRANT
from tokens.gateway.http import Request, Response, as_json, oauth_error
from tokens.secrets import shape


def authorization_server(request: Request) -> Response:
    """`/.well-known/oauth-authorization-server` (RFC 8414 section 2). Programs get a token by one grant alone."""
    methods = ["client_secret_basic", "client_secret_post"]
    return _get(
        request,
        {
            "issuer": settings.PUBLIC_URL,
            "response_types_supported": [],
            "grant_types_supported": [GRANT],
            "device_authorization_endpoint": f"{settings.PUBLIC_URL}/oauth2/device_authorization",
            "token_endpoint": f"{settings.PUBLIC_URL}/oauth2/token",
            "token_endpoint_auth_methods_supported": ["none"],
            "introspection_endpoint": f"{settings.PUBLIC_URL}/oauth2/introspect",
            "introspection_endpoint_auth_methods_supported": methods,
            "revocation_endpoint": f"{settings.PUBLIC_URL}/oauth2/revoke",
            "revocation_endpoint_auth_methods_supported": ["none"],
            "service_documentation": f"{settings.PUBLIC_URL}/api/docs/",
        },
    )


def token_format(request: Request) -> Response:
    """`/.well-known/token-format.json`: the regular expressions that find our tokens and verifiers' secrets."""
    formats = {"access_token": settings.TOKEN_PREFIX, "verifier_secret": settings.VERIFIER_PREFIX}
    return _get(
        request,
        {
            name: {"prefix": f"{prefix}_", "regex": shape(prefix).pattern, "length": len(prefix) + 67}
            for name, prefix in formats.items()
        }
        | {"checksum": "the last 6 characters: CRC-32 of all before them, base 62 (0-9a-zA-Z), zero-padded"},
    )


def _get(request: Request, value: dict[str, object]) -> Response:
    if request.method not in ("GET", "HEAD"):
        return oauth_error(405, "invalid_request", "Use GET.", ("Allow", "GET, HEAD"))
    return as_json(200, value)
