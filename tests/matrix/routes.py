"""Every address that the portal answers at: Django's URL map, and the doors ahead of it."""

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from tests.api.contract import document
from tokens.gateway import DOORS

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
ANY_API = "/^api/"  # answers that there is nothing, for whatever has no address of its own
GATEWAY = ("/verify", *DOORS)


def addresses() -> list[str]:
    """All of them as the URL map writes them: `/tokens/<int:token_id>/`."""
    mapped = [each for each in _walk(get_resolver().url_patterns, "/") if each != ANY_API]
    return [*mapped, *GATEWAY]


def _walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for each in patterns:
        here = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, here)
        else:
            yield here


def named_things(address: str) -> list[str]:
    """The parameters of an address that name a thing, which may be there or not; `kind` is a word."""
    return [name for name in PARAMETER.findall(address) if name != "kind"]


def documented() -> set[tuple[str, str]]:
    """Method and address of everything that the OpenAPI document tells of; parameters without their names."""
    return {
        (method.upper(), re.sub(r"{\w+}", "<>", path))
        for path, operations in document()["paths"].items()
        for method in operations
        if method.upper() in METHODS
    }


def without_names(address: str) -> str:
    """The address as `documented` has it."""
    return PARAMETER.sub("<>", address)
