"""For whom a passkey is good: this portal, at the address that the school has given it (PUBLIC_URL).

The host is the relying party's id, and the whole origin has to be ours: no other host below it, no other port.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext
from fido2.server import Fido2Server
from fido2.webauthn import PublicKeyCredentialRpEntity

PATIENCE = 5 * 60_000  # milliseconds that a browser may take (Web Authentication Level 3, section 15.1)
_PORTS = {"https": 443, "http": 80}


def is_possible() -> bool:
    """Whether browsers make passkeys for this address: a name, over TLS or on this machine; for no number."""
    scheme, name = urlsplit(settings.PUBLIC_URL).scheme, host()
    return bool(name) and not _is_number(name) and (scheme == "https" or name == "localhost")


def host() -> str:
    """Return the relying party's id, as browsers write it."""
    name = urlsplit(settings.PUBLIC_URL).hostname or ""
    return name if name.isascii() else name.encode("idna").decode()


def origin() -> str:
    """Return the portal's origin as browsers write it: without the port where that is the usual one (RFC 6454)."""
    public = urlsplit(settings.PUBLIC_URL)
    port = "" if public.port in (None, _PORTS.get(public.scheme)) else f":{public.port}"
    return f"{public.scheme}://{host()}{port}"


def server() -> Fido2Server:
    """Return what asks for passkeys of this portal, and checks what comes back."""
    party = PublicKeyCredentialRpEntity(id=host(), name=gettext("Token Portal"))
    ours = origin()
    asking = Fido2Server(party, verify_origin=lambda said: said == ours)
    asking.timeout = PATIENCE  # type: ignore[assignment]  # fido2 has its type from its first value, None
    return asking


def _is_number(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
