"""Counting uses: bounded, mergeable in any order, never in a request's way."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from accounts.roles import Base
from tests.cast import NOW, School, enroll, role, token
from tokens import usage
from tokens.models import AccessToken, AccountDay, TokenDay
from tokens.usage import ACCEPTED, DayUse, Use
from tokens.usage.counting import MOST_KINDS, MOST_RECENT
from tokens.usage.noting import Buffer
from tokens.usage.reading import Path, accepted_by_day, most_used, requests_below, summary_of

uses = st.builds(
    Use,
    at=st.datetimes(datetime(2026, 11, 23), datetime(2026, 11, 23, 23, 59), timezones=st.just(UTC)),
    outcome=st.sampled_from([ACCEPTED, "expired", "revoked"]),
    path=st.integers(0, 40).map(lambda n: f"GET /{n}"),
    address=st.none() | st.integers(1, 40).map(lambda n: f"192.0.2.{n}"),
    agent=st.sampled_from(["curl", "python", ""]),
)


def counted(many: list[Use]) -> DayUse:
    day = DayUse()
    for use in many:
        day.add(use)
    return day


@given(st.lists(uses, max_size=120), st.lists(uses, max_size=120))
def test_counters_are_bounded_and_merge_in_any_order(first: list[Use], second: list[Use]) -> None:
    one, other = counted(first), counted(first)
    one.merge(counted(second))
    both = counted(second)
    both.merge(other)
    assert one.outcomes == both.outcomes == counted(first + second).outcomes
    for day in (one, both):
        kept = day.as_dict()
        assert len(kept["paths"]) <= MOST_KINDS + 1
        assert len(kept["recent"]) <= MOST_RECENT + 1
        assert sum(kept["paths"].values()) == len(first) + len(second)
        assert sum(kept["refused_paths"].values()) == sum(use.outcome != ACCEPTED for use in first + second)
        assert all(count <= kept["paths"][path] for path, count in kept["refused_paths"].items())
        assert DayUse.from_dict(kept).as_dict() == kept
    accepted = [use.at for use in first + second if use.outcome == ACCEPTED]
    last = one.last_accepted
    assert (last is None) == (not accepted)
    assert last is None or last[0] == max(accepted).timestamp()


def test_the_last_use_only_moves_forward(school: School) -> None:
    made = token(school.student).token
    for hours in (5, 2, 3):
        use = Use(NOW + timedelta(hours=hours), ACCEPTED, "GET /x", f"192.0.2.{hours}", "curl")
        usage.write({use.key(made.pk): counted([use])}, now=NOW)
    made.refresh_from_db()
    assert (made.last_used_at, made.last_used_ip, made.use_count) == (NOW + timedelta(hours=5), "192.0.2.5", 3)


def test_a_page_reads_what_was_counted(school: School) -> None:
    made, other = token(school.student).token, token(school.student).token
    for ago, outcome in ((0, ACCEPTED), (0, "expired"), (3, ACCEPTED), (40, ACCEPTED)):
        use = Use(NOW - timedelta(days=ago), outcome, "GET /x", "192.0.2.1", "curl")
        usage.write({use.key(made.pk): counted([use])}, now=NOW)
    summary = summary_of(made, now=NOW, days=30)
    assert (len(summary.days), summary.accepted, summary.refused) == (30, 2, 1)
    assert (summary.days[-1].accepted, summary.days[-1].refused, summary.days[-4].accepted) == (1, 1, 1)
    assert summary.paths == [Path("GET /x", count=3, refused=1)]
    assert [round(share) for share in (summary.paths[0].refused_share, summary.refused_share)] == [33, 33]
    assert summary.latest[0].at == NOW
    sparks = accepted_by_day([made.pk, other.pk], now=NOW, days=30)
    assert (sum(sparks[made.pk]), sum(sparks[other.pk])) == (2, 0)


def test_the_most_used_tokens_come_first_with_their_accepted_requests_of_thirty_days(school: School) -> None:
    idle, busy, once_busy = (token(school.student).token for _ in range(3))
    for made, ago, outcome, times in ((busy, 1, ACCEPTED, 2), (busy, 1, "expired", 5), (once_busy, 31, ACCEPTED, 9)):
        many = [Use(NOW - timedelta(days=ago), outcome, "GET /x", None, "curl")] * times
        usage.write({many[0].key(made.pk): counted(many)}, now=NOW)
    tokens = AccessToken.objects.filter(user=school.student)
    assert most_used(tokens, most=9, now=NOW) == [(busy, 2), (once_busy, 0), (idle, 0)]
    assert most_used(tokens, most=1, now=NOW) == [(busy, 2)]


def test_what_was_counted_before_refusals_were_told_apart_by_path_can_be_read(school: School) -> None:
    made = token(school.student).token
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tokens_tokenday (token_id, day, outcomes, paths, addresses, agents, recent)"
            " VALUES (%s, %s, %s, %s, '{}', '{}', '[]')",
            [made.pk, NOW.date(), '{"accepted": 1}', '{"GET /x": 1}'],
        )
    use = Use(NOW, "expired", "GET /x", None, "")
    old = {name: value for name, value in counted([use]).as_dict().items() if name != "refused_paths"}
    usage.write({use.key(made.pk): DayUse.from_dict(old)}, now=NOW)
    assert summary_of(made, now=NOW).paths == [Path("GET /x", count=2, refused=0)]


def test_old_days_are_forgotten(school: School) -> None:
    made = token(school.student).token
    for ago in (0, 9, 11):
        use = Use(NOW - timedelta(days=ago), ACCEPTED, "", None, "")
        usage.write({use.key(made.pk): counted([use])}, now=NOW)
    assert usage.forget(now=NOW, keep_days=10) == 2
    first = NOW.date() - timedelta(days=10)
    assert not [model for model in (TokenDay, AccountDay) if model.objects.filter(day__lt=first).exists()]
    assert sum(day.total for day in requests_below([school.root.pk], now=NOW)) == 2


def test_the_days_of_an_account_are_the_sum_of_what_its_people_used(school: School) -> None:
    students, teachers, admins = (token(who).token for who in (school.student, school.teacher, school.admin))
    for made, outcome in ((students, ACCEPTED), (teachers, ACCEPTED), (teachers, "expired"), (admins, ACCEPTED)):
        use = Use(NOW, outcome, "GET /x", None, "")
        usage.write({use.key(made.pk): counted([use, use])}, now=NOW)
    today = {account: requests_below([account.pk], now=NOW)[-1] for account in (school.root, school.arts)}
    assert (today[school.root].accepted, today[school.root].refused) == (6, 2)
    assert (today[school.arts].accepted, today[school.arts].refused) == (4, 2)
    assert not any(day.total for day in requests_below([school.science.pk], now=NOW))
    assert sum(day.total for day in requests_below([school.root.pk, school.arts.pk], now=NOW)) == 8


def test_a_day_stays_with_the_account_that_was_home_then(school: School) -> None:
    made = token(school.student).token
    use = Use(NOW, ACCEPTED, "GET /x", None, "")
    usage.write({use.key(made.pk): counted([use])}, now=NOW)
    enroll(school.student, role(Base.STUDENT), school.science)  # from here on, home is the root
    usage.write({use.key(made.pk): counted([use, use])}, now=NOW)
    known = {day.account: day.accepted for day in AccountDay.objects.all()}
    assert known == {school.arts: 1, school.root: 2}


def test_redis_away_costs_counts_and_one_line_in_the_log(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    buffer = Buffer()
    for _ in range(3):
        buffer.note(1, Use(NOW, ACCEPTED, "", None, ""))
        buffer.flush()
    assert len(buffer) == 0
    assert caplog.text.count("Redis is away") == 1


def test_a_full_buffer_takes_no_more_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tokens.usage.noting.MOST_TOKENS", 2)
    buffer = Buffer()
    for token_id in range(5):
        buffer.note(token_id, Use(NOW, ACCEPTED, "", None, ""))
    assert len(buffer) == 2


def test_a_use_of_a_token_that_is_gone_harms_nobody(school: School) -> None:
    made = token(school.student).token
    buffer = Buffer()
    for token_id in (made.pk, 10**12):
        buffer.note(token_id, Use(NOW, ACCEPTED, "", None, ""))
    buffer.flush()
    usage.roll_up(now=NOW)
    made.refresh_from_db()
    assert made.use_count == 1
