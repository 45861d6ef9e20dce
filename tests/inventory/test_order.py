"""In what order tokens stand, and from page to page."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests import cast
from tests.cast import School
from tests.inventory.listing import PATH, listed, many, moved, purposes
from tests.pages.visits import client_of, text_of, token_of
from tokens.inventory.ordering import A_PAGE, KEYS
from tokens.models import AccessToken


def walk(client: Any, query: str) -> list[list[int]]:
    """The ids on every page, following the links."""
    pages, path = [], f"{PATH}?{query}"
    while path:
        answer = client.get(path)
        pages.append([held.row.token.pk for held in answer.context["rows"]])
        onward = re.search(r'href="([^"]+)">Next page', text_of(answer))
        path = PATH + onward[1].replace("&amp;", "&") if onward else ""
    return pages


@pytest.mark.parametrize("sort", [f"{minus}{key}" for key in KEYS for minus in ("", "-")])
def test_every_order_goes_through_all_tokens_once(school: School, sort: str) -> None:
    many(school, 80)
    pages = walk(client_of(school.admin), f"sort={sort}")
    seen = [pk for page in pages for pk in page]
    assert [len(page) for page in pages] == [A_PAGE, A_PAGE, A_PAGE, 81 - 3 * A_PAGE]
    assert len(set(seen)) == 81
    tokens = AccessToken.objects.in_bulk(seen)
    far, long_ago = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)
    values: dict[str, Callable[[AccessToken], Any]] = {
        "created": lambda t: t.created_at,
        "ends": lambda t: t.expires_at or far,
        "used": lambda t: t.last_used_at or long_ago,
        "requests": lambda t: t.use_count,
    }
    value = values[sort.removeprefix("-")]
    expected = sorted(seen, key=lambda pk: (value(tokens[pk]), pk), reverse=sort.startswith("-"))
    assert seen == expected


def test_a_page_begins_where_the_last_one_ended_whatever_has_happened_since(school: School) -> None:
    many(school, 60)
    client = client_of(school.admin)
    first = client.get(f"{PATH}?sort=-requests")
    shown = [held.row.token.pk for held in first.context["rows"]]
    moved(AccessToken.objects.get(pk=shown[-1]), use_count=1000)  # it is used on and on
    rest = client.get(f"{PATH}?sort=-requests&after={first.context['next']}")
    assert not set(shown) & {held.row.token.pk for held in rest.context["rows"]}
    assert len(rest.context["rows"]) == A_PAGE


def test_the_newest_stand_first_and_headings_say_how_the_list_is_sorted(school: School) -> None:
    now = timezone.now()
    for days in (3, 1, 2):
        cast.token(school.student, purpose=f"{days}", days=30, now=now - timedelta(days=days))
    client = client_of(school.admin)
    assert purposes(client.get(PATH)) == ["1", "2", "3"]
    page = text_of(client.get(f"{PATH}?sort=ends&use=never"))
    assert re.findall(r'aria-sort="(\w+)"', page) == ["ascending"]
    assert 'aria-sort="ascending"><a href="?use=never&amp;sort=-ends">' in page


@pytest.mark.parametrize(
    "after", ["x", "_", "_1", "2026-02-31T00:00:00+00:00_1", "0000-01-01T00:00:00+00:00_1", "5_5", "9" * 40]
)
def test_a_place_that_no_page_has_named_is_the_beginning(school: School, after: str) -> None:
    token_of(school.student, purpose="Here")
    assert listed(school.admin, f"after={after}".replace("+", "%2B")) == ["Here"]
