"""A page of a long list: found by the place where the page before ended, so that no page costs more for being deep."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.db.models import Model, Q, QuerySet
from django.utils.encoding import escape_uri_path
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

USUAL, MOST = 10, 100  # rows a page
FIRST = ("", "1")  # clients count pages from 1 before they have seen a link
_Row = TypeVar("_Row", bound=Model)
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?\+00:00"
_PLACE = re.compile(rf"({_TIME})?_(\d{{1,18}})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Page(Generic[_Row]):
    """The rows of one page, and the `Link` header that leads to its neighbours (RFC 8288)."""

    rows: list[_Row]
    link: str


def page_of(
    rows: QuerySet[_Row],
    request: Request,
    *,
    by: str | None = "created_at",
    kept: Sequence[tuple[str, str]] = (),
) -> Page[_Row]:
    """Cut the page that `page` and `per_page` ask for; `kept` are the other parameters that its links repeat.

    Needs rows in the order of the time `by` and the id, or of the id alone where `by` is None. Raises
    ValidationError(page_invalid) for a `page` that no link named.
    """
    size, page = _size(request), request.query_params.get("page", "")
    found = list(_after(rows, page, by)[: size + 1])
    shown = found[:size]
    return Page(shown, _links(request, kept, size, _place(shown[-1], by) if len(found) > size else ""))


def page_by(
    read: Callable[[str, int], tuple[list[_Row], str]], request: Request, *, kept: Sequence[tuple[str, str]] = ()
) -> Page[_Row]:
    """Have a page read by its place, empty for the first, and its size: `read` returns the rows and the next place.

    For lists with orders of their own. Raises ValidationError(page_invalid) for a `page` that no link named.
    """
    size, page = _size(request), request.query_params.get("page", "")
    rows, onward = read("" if page in FIRST else _opened(page), size)
    return Page(rows, _links(request, kept, size, _sealed(onward) if onward else ""))


def no_such_page() -> ValidationError:
    """What is raised for a place that no link named."""
    unknown = ErrorDetail("There is no such page; follow the addresses in the Link header.", "page_invalid")
    return ValidationError({"page": [unknown]})


def _links(request: Request, kept: Sequence[tuple[str, str]], size: int, onward: str) -> str:
    query = [*kept, ("per_page", str(size))]
    links = [_link(request, "current", query, request.query_params.get("page", ""))]
    if onward:
        links.append(_link(request, "next", query, onward))
    return ",".join([*links, _link(request, "first", query, "")])


def _size(request: Request) -> int:
    """`per_page`: a number from 1, at most 100; anything else is 10."""
    text = request.query_params.get("per_page", "")
    if not (text.isascii() and text.isdigit()) or not text.strip("0"):
        return USUAL
    return MOST if len(text.lstrip("0")) > 3 else min(int(text), MOST)


def _after(rows: QuerySet[_Row], page: str, by: str | None) -> QuerySet[_Row]:
    if page in FIRST:
        return rows
    at, row_id = _read(page, is_timed=by is not None)
    if by is None:
        return rows.filter(id__gt=row_id)
    later = Q((f"{by}__gt", at)) | Q((by, at), ("id__gt", row_id))
    return rows.filter(later, (f"{by}__gte", at))  # the second condition is for the index


def _place(row: Any, by: str | None) -> str:
    at = getattr(row, by).isoformat() if by else ""
    return _sealed(f"{at}_{row.pk}")


def _sealed(place: str) -> str:
    """A place as addresses have it: nobody shall count on what it says."""
    return urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _opened(page: str) -> str:
    try:
        return urlsafe_b64decode(page + "=" * (-len(page) % 4)).decode("ascii")
    except (Base64Error, ValueError) as error:
        raise no_such_page() from error


def _read(page: str, *, is_timed: bool) -> tuple[datetime | None, int]:
    match = _PLACE.fullmatch(_opened(page))
    if match is None or bool(match[1]) != is_timed:
        raise no_such_page()
    try:
        return datetime.fromisoformat(match[1]) if is_timed else None, int(match[2])
    except ValueError as error:  # the 31st of February
        raise no_such_page() from error


def _link(request: Request, relation: str, query: list[tuple[str, str]], page: str) -> str:
    named = [*query, ("page", page)] if page else query
    address = request.build_absolute_uri(f"{escape_uri_path(request.path)}?{urlencode(named)}")
    return f'<{address}>; rel="{relation}"'
