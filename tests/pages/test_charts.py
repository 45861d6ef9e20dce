"""Charts: the geometry, and that the figures beside them are what was counted."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import School, token
from tests.pages.visits import client_of, text_of
from tokenportal.charts import BOTTOM, HEIGHT, TICKS, TOP, scale, spark, stacked
from tokens import lifecycle, usage
from tokens.models import AccessToken
from tokens.usage import ACCEPTED, DayUse, Use

counts = st.integers(0, 10**9)


@given(counts)
def test_a_scale_holds_its_highest_value_in_few_round_steps(most: int) -> None:
    top, step = scale(most)
    assert top >= max(1, most)
    assert top % step == 0
    assert top // step <= TICKS


@given(st.lists(st.tuples(counts, counts), max_size=90))
def test_columns_stay_in_their_frame_and_stand_on_the_axis(rows: list[tuple[int, int]]) -> None:
    drawn = stacked(rows, ("a", "b"))
    for column in drawn.columns:
        for part in column.parts:
            assert TOP - 3 <= part.y <= HEIGHT - BOTTOM
            assert part.height >= 2
    assert drawn.grid[0] == (HEIGHT - BOTTOM, 0)


@pytest.mark.parametrize("values", [(), (0,), (0, 0, 0), (5,)])
def test_without_a_course_there_is_no_area(values: tuple[int, ...]) -> None:
    assert spark(values).area == ""


@given(st.lists(counts, min_size=2, max_size=90).filter(any))
def test_a_spark_line_has_a_point_for_each_day(values: list[int]) -> None:
    drawn = spark(values)
    assert drawn.line.count("L") == len(values) - 1
    assert drawn.area.startswith(drawn.line)


def use(made: AccessToken, outcome: str, ago: timedelta, address: str) -> None:
    one = Use(timezone.now() - ago, outcome, "GET /api/v1/users/:user_id", address, "curl/8")
    day = DayUse()
    day.add(one)
    usage.write({one.key(made.pk): day}, now=timezone.now())


def test_a_token_page_shows_what_was_counted(school: School) -> None:
    made = token(school.student, now=timezone.now()).token
    client = client_of(school.student)
    assert "No request has come with this token yet." in text_of(client.get(f"/tokens/{made.pk}/"))
    use(made, ACCEPTED, timedelta(0), "192.0.2.1")
    use(made, "insufficient_scope", timedelta(0), "192.0.2.2")
    use(made, ACCEPTED, timedelta(days=20), "192.0.2.3")
    page = text_of(client.get(f"/tokens/{made.pk}/"))
    for words in (
        "<b>2</b> requests accepted",
        "<b>1</b> refused",
        "GET /api/v1/users/:user_id",
        "192.0.2.3",
        "refused: scope missing",
    ):
        assert words in page
    assert "192.0.2.3" not in text_of(client.get(f"/tokens/{made.pk}/?days=7"))
    assert "192.0.2.3" in text_of(client.get(f"/tokens/{made.pk}/?days=nonsense"))


def test_a_dead_token_that_is_still_tried_says_so(school: School) -> None:
    made = token(school.student, now=timezone.now()).token
    lifecycle.revoke(made, actor=school.student, now=timezone.now())
    use(made, "revoked", timedelta(0), "192.0.2.1")
    page = text_of(client_of(school.student).get(f"/tokens/{made.pk}/"))
    assert "Still tried 1 time in the last 7 days, and refused" in page


def test_the_list_shows_the_requests_of_thirty_days(school: School) -> None:
    made = token(school.student, now=timezone.now()).token
    for ago in (0, 3, 40):
        use(made, ACCEPTED, timedelta(days=ago), "192.0.2.1")
    response = client_of(school.student).get("/tokens/")
    [row] = response.context["listing"].page
    assert (row.count, len(row.uses)) == (2, 30)
    assert 'class="spark"' in response.content.decode()
