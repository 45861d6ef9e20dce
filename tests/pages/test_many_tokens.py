"""Whoever has hundreds of tokens: the pages ask the database as often as for five, and answer as quickly."""

import time
from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Base
from tests.cast import School, enroll, role
from tests.pages.visits import client_of, rows_of
from tokens import usage
from tokens.models import AccessToken
from tokens.usage import ACCEPTED, DayUse

# Three of them for the navigation, one for changes of settings that wait, one for the roles that can be ended; and two
# prepared ones, which Django does not count.
MOST_QUERIES = 16
MOST_SECONDS = 3.0  # a quiet machine needs a fraction of it
MOST_TIMES = 30  # a busy one needs so often what it needs for five tokens


@pytest.fixture(params=["person", "own"])
def page(request: pytest.FixtureRequest, school: School) -> tuple[Client, str]:
    """Who looks at what: an administrator at a person, and the person at their own list."""
    enroll(school.student, role(Base.TA), course=school.history)
    if request.param == "own":
        return client_of(school.student), "/tokens/?state=all"
    return client_of(school.admin), f"/people/{school.student.pk}/"


def write_uses(tokens: list[AccessToken], now: datetime) -> None:
    """Ninety days of use for each of these."""
    days = [(now - timedelta(days=ago)).date().isoformat() for ago in range(90)]
    use = DayUse(Counter({ACCEPTED: 40}), Counter({"GET /x": 40}), recent=[[now.timestamp(), ACCEPTED, "", None, ""]])
    usage.write({(token.pk, day): use for token in tokens for day in days}, now=now)


def queries_of(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def seconds_of(client: Client, path: str) -> float:
    """How long the page takes where nothing comes in its way."""
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        client.get(path)
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def test_five_hundred_tokens_cost_as_many_queries_as_five_and_no_more_than_a_moment(
    school: School, page: tuple[Client, str]
) -> None:
    now = timezone.now()
    write_uses(AccessToken.objects.bulk_create(rows_of(school.student, 5, now=now)), now)
    for_five = queries_of(*page)
    seconds_for_five = seconds_of(*page)
    many = AccessToken.objects.bulk_create(rows_of(school.student, 495, now=now, first=5))
    write_uses(many[:60], now)
    assert queries_of(*page) == for_five <= MOST_QUERIES
    assert seconds_of(*page) < max(MOST_SECONDS, MOST_TIMES * seconds_for_five)
