"""A page of a long list: found by the place where the page before ended, so that no page costs more for being deep."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.db.models import Model, Q, QuerySet
from django.utils.encoding import escape_uri_path
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

USUAL, MOST = 10, 100  # rows a page
_Row = TypeVar("_Row", bound=Model)
_PLACE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?\+00:00)_(\d{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Page(Generic[_Row]):
    """The rows of one page, and the `Link` header that leads to its neighbours (RFC 8288)."""

    rows: list[_Row]
    link: str


def page_of(rows: QuerySet[_Row], request: Request, *, kept: Sequence[tuple[str, str]] = ()) -> Page[_Row]:
    """Cut the page that `page` and `per_page` ask for; `kept` are the other parameters that its links repeat.

    Needs rows in the order `created_at, id`. Raises ValidationError(page_invalid) for a `page` that no link named.
    """
    size, page = _size(request), request.query_params.get("page", "")
    found = list(_after(rows, page)[: size + 1])
    shown, query = found[:size], [*kept, ("per_page", str(size))]
    links = [_link(request, "current", query, page)]
    if len(found) > size:
        links.append(_link(request, "next", query, _place(shown[-1])))
    links.append(_link(request, "first", query, ""))
    return Page(shown, ",".join(links))


def _size(request: Request) -> int:
    """`per_page`: a number from 1, at most 100; anything else is 10."""
    text = request.query_params.get("per_page", "")
    if not (text.isascii() and text.isdigit()) or not text.strip("0"):
        return USUAL
    return MOST if len(text.lstrip("0")) > 3 else min(int(text), MOST)


def _after(rows: QuerySet[_Row], page: str) -> QuerySet[_Row]:
    if page in ("", "1"):  # clients count pages from 1 before they have seen a link
        return rows
    created_at, row_id = _read(page)
    later = Q(created_at__gt=created_at) | Q(created_at=created_at, id__gt=row_id)
    return rows.filter(later, created_at__gte=created_at)  # the second condition is for the index


def _place(row: Any) -> str:
    return urlsafe_b64encode(f"{row.created_at.isoformat()}_{row.pk}".encode()).decode().rstrip("=")


def _read(page: str) -> tuple[datetime, int]:
    try:
        match = _PLACE.fullmatch(urlsafe_b64decode(page + "=" * (-len(page) % 4)).decode("ascii"))
        if match:
            return datetime.fromisoformat(match[1]), int(match[2])
    except (Base64Error, ValueError):
        pass
    unknown = ErrorDetail("There is no such page; follow the addresses in the Link header.", "page_invalid")
    raise ValidationError({"page": [unknown]})


def _link(request: Request, relation: str, query: list[tuple[str, str]], page: str) -> str:
    named = [*query, ("page", page)] if page else query
    address = request.build_absolute_uri(f"{escape_uri_path(request.path)}?{urlencode(named)}")
    return f'<{address}>; rel="{relation}"'
