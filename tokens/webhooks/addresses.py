"""Which addresses are written to: none inside, whatever a name says and however an address is dressed up.

A name is looked up once for each attempt, all that it says has to be public, and the connection goes to one of the
addresses that were looked at: a name that says something else a moment later changes nothing.
"""

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from policies.refusals import Code, refuse
from tokens.models import Trouble, Webhook

Resolve = Callable[..., list[tuple[Any, ...]]]  # socket.getaddrinfo
_VISIBLE = re.compile(r"[!-~]+")  # what an address on the web is made of
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")
_PUBLIC = IPv6Network("2000::/3")
_RELAYS = IPv4Network("192.88.99.0/24")  # of 6to4
_NAT64 = IPv6Network("64:ff9b::/96")


class Unreachable(Exception):
    """Nobody is written to there; `trouble` says why."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Target:
    """An address on the web, taken apart."""

    host: str
    port: int
    path: str
    is_tls: bool

    @property
    def named(self) -> str:
        """The host as a request names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_tls else 80) else f"{host}:{self.port}"


def read(url: str) -> Target:
    """Take an address apart. Raises Refused(webhook_url_invalid)."""
    invalid = refuse(Code.WEBHOOK_URL_INVALID, "url")
    if len(url) > Webhook.URL_LENGTH or not _VISIBLE.fullmatch(url) or "\\" in url:
        raise invalid
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise invalid from error
    if "@" in parts.netloc or "#" in url or port == 0 or not _is_host(host) or not _is_scheme_good(parts, host):
        raise invalid
    is_tls = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(host, port or (443 if is_tls else 80), path, is_tls)


def _is_scheme_good(parts: SplitResult, host: str) -> bool:
    """Whether it is https, or on a developer's machine http to that machine."""
    return parts.scheme == "https" or (parts.scheme == "http" and settings.DEBUG and host == "localhost")


def _is_host(host: str) -> bool:
    if ":" in host:
        try:
            return ip_address(host).version == 6 and "%" not in host
        except ValueError:
            return False
    return bool(_NAME.fullmatch(host)) and len(host) <= 253


def check(url: str, *, resolve: Resolve = socket.getaddrinfo) -> None:
    """See that an address may be written to now. Raises Refused(webhook_url_invalid, _unknown or _private)."""
    target = read(url)
    try:
        look_up(target, resolve=resolve)
    except Unreachable as unreachable:
        is_private = unreachable.trouble == Trouble.PRIVATE
        raise refuse(Code.WEBHOOK_URL_PRIVATE if is_private else Code.WEBHOOK_URL_UNKNOWN, "url") from unreachable


def look_up(target: Target, *, resolve: Resolve = socket.getaddrinfo) -> list[str]:
    """The addresses that the host has, all of them public. Raises Unreachable(name or private)."""
    try:
        found = [str(info[4][0]) for info in resolve(target.host, target.port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise Unreachable(Trouble.NAME) from error
    if not found:
        raise Unreachable(Trouble.NAME)
    if not _is_let_in(target.host) and not all(map(is_public, found)):
        raise Unreachable(Trouble.PRIVATE)
    return found


def _is_let_in(host: str) -> bool:
    """Whether the school wants this host written to, wherever it is."""
    return host in settings.WEBHOOK_PRIVATE_HOSTS or (settings.DEBUG and host == "localhost")


def is_public(text: str) -> bool:
    """Whether an address is one of the internet; one of IPv4 in the clothes of IPv6 is looked at without them."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        inner = _inside(address)
        if inner is not None:
            return is_public(str(inner))
        return address in _PUBLIC and address.is_global
    return address.is_global and not address.is_multicast and address not in _RELAYS


def _inside(address: IPv6Address) -> IPv4Address | None:
    """The address of IPv4 that a mapped one, one of 6to4 or one of NAT64 leads to."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
