"""The figures above the list, and the views that are kept."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.roles import Base
from tests.cast import School
from tests.inventory.listing import PATH, purposes, use
from tests.pages.visits import client_of, text_of, token_of
from tokens.inventory.keeping import figures_below
from tokens.models import AccessToken


def test_the_figures_count_what_their_links_list(crowd: School) -> None:
    client = client_of(crowd.admin)
    page = client.get(PATH)
    figures, places = page.context["figures"], page.context["places"]
    for name, place in places.items():
        there = client.get(place.href)
        assert getattr(figures, name) == there.context["total"].number == len(purposes(there))
    assert (figures.in_use, figures.people, figures.ending_soon, figures.never_end) == (8, 2, 2, 1)
    assert figures.weeks[:2] == [1, 1]
    assert sum(figures.weeks) == 7
    assert figures.by_base == {Base.STUDENT: 7, Base.TEACHER: 1}


def test_the_figures_of_a_large_school_are_a_minute_old_at_most(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tokens.inventory.figures.COUNTED", 2)
    now, below = timezone.now(), frozenset({school.root.pk})

    def in_use(after: timedelta) -> int:
        return figures_below(below, AccessToken.objects.all(), now=now + after).in_use

    for made in (1, 2, 3, 4):  # two are few: these are counted each time
        token_of(school.student)
        assert in_use(timedelta(0)) == min(made, 3)
    assert in_use(timedelta(seconds=59)) == 3
    assert in_use(timedelta(seconds=61)) == 4


def test_every_kept_view_can_be_shared_by_its_address(crowd: School) -> None:
    client = client_of(crowd.admin)
    for _label, place in client.get(f"{PATH}?account={crowd.arts.pk}").context["views"]:
        there = client.get(place.href)
        assert [each.href for _name, each in there.context["views"] if each.is_here] == [place.href]
        assert there.context["here"].accounts == {crowd.arts.pk}


def test_without_anybody_the_figures_are_noughts(school: School) -> None:
    page = client_of(school.science_admin).get(PATH)
    figures = page.context["figures"]
    assert (figures.in_use, figures.people, figures.weeks, figures.by_base) == (0, 0, [0] * 8, {})
    for words in ("No tokens yet", "No token is in use.", "No request has been counted in this time."):
        assert words in text_of(page)


def test_the_requests_are_those_of_the_people_below(school: School) -> None:
    use(token_of(school.student), times=3)
    use(token_of(school.science_admin), outcome="revoked", times=2)
    assert '<b class="num">5</b> in 30 days, <b class="num">2</b> refused' in text_of(client_of(school.admin).get(PATH))
    assert '<b class="num">3</b> in 30 days' in text_of(client_of(school.arts_admin).get(PATH))


def test_where_nothing_matches_there_is_a_way_back(crowd: School) -> None:
    page = text_of(client_of(crowd.admin).get(f"{PATH}?q=nonsense&account={crowd.arts.pk}"))
    assert "No token matches" in page
    assert f'href="/inventory/?account={crowd.arts.pk}">Clear filters' in page
    assert "No tokens yet" not in page
