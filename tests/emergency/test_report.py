"""The report of an emergency stop: what was used before it, what was tried since, also when it is lifted."""

from datetime import datetime, timedelta

import pytest

from accounts.people import membership
from accounts.roles import Base
from tests.cast import NOW, School, enroll, role, token
from tokens import emergency, lifecycle, usage
from tokens.emergency import measuring, report, target_of
from tokens.models import AccessToken, Pause, PausedToken
from tokens.stops import Whom
from tokens.usage import ACCEPTED, DayUse, Use
from tokens.usage.counting import day_of
from tokens.verification import Outcome

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def use(token: AccessToken, at: datetime, outcome: str = ACCEPTED, times: int = 1) -> None:
    """Let a token be used, as the roll-up writes it."""
    day = DayUse()
    for _time in range(times):
        day.add(Use(at, outcome, "/api/v1/users/self", "192.0.2.7", "curl/8.9"))
    usage.write({(token.pk, day_of(at)): day}, now=at)


@pytest.fixture
def busy(school: School) -> AccessToken:
    """A token that was used three times on the day before, and once long ago."""
    made = token(school.student, purpose="Busy").token
    use(made, NOW - 40 * HOUR)
    use(made, NOW - 23 * HOUR)
    use(made, NOW - MINUTE, times=2)
    return made


def pause(school: School) -> Pause:
    target = target_of(membership(school.admin, now=NOW).standing, Whom.EVERYTHING)
    made = emergency.pause(target, reason="Something", actor=school.admin, now=NOW)
    list(emergency.tell_in_batches(made.pk, clock=lambda: NOW))
    return made


def count(made: Pause, now: datetime) -> PausedToken:
    """Count, if that is due; the line of the busiest token."""
    for pk in emergency.to_measure(now=now):
        emergency.measure(pk, now=now)
    return report.lines_of(made, None, now=now)[0]


def test_it_tells_what_was_used_in_the_24_hours_before(school: School, busy: AccessToken) -> None:
    token(school.teacher)
    made = pause(school)
    line = count(made, NOW)
    assert (line.token, line.owner, line.requests, line.tried) == (busy, school.student, 3, 0)
    assert (line.last_used_at, line.last_used_ip) == (NOW - MINUTE, "192.0.2.7")
    figures = report.figures_of(report.lines_of(made, None, now=NOW), made)
    assert figures.facts() == {
        "tokens": 2,
        "people": 2,
        "used": 1,
        "requests": 3,
        "tried": 0,
        "tries": 0,
        "ended": 0,
    }


def test_uses_that_are_counted_late_come_into_it(school: School, busy: AccessToken) -> None:
    made = pause(school)
    assert count(made, NOW).requests == 3
    use(busy, NOW - timedelta(seconds=3))
    assert count(made, NOW + MINUTE / 2).requests == 4
    assert count(made, NOW + MINUTE / 2).last_used_at == NOW - timedelta(seconds=3)


def test_what_is_tried_meanwhile_is_counted_apart(school: School, busy: AccessToken) -> None:
    made = pause(school)
    use(busy, NOW + MINUTE / 4, Outcome.PAUSED, times=5)
    line = count(made, NOW + MINUTE / 2)
    assert (line.requests, line.tried) == (3, 5)
    use(busy, NOW + 20 * HOUR, Outcome.PAUSED)
    line = count(made, NOW + 21 * HOUR)
    assert (line.requests, line.tried) == (3, 6)
    lines = report.lines_of(made, None, now=NOW)
    assert [each.token for each in report.part_of(lines, made, report.TRIED)] == [busy]
    assert [each.token for each in report.part_of(lines, made, report.USED)] == [busy]


def test_what_an_earlier_pause_of_that_day_refused_is_not_its_own(school: School, busy: AccessToken) -> None:
    first = pause(school)
    use(busy, NOW + MINUTE, Outcome.PAUSED, times=4)
    emergency.lift(first, actor=None, now=NOW + 2 * MINUTE)
    count(first, NOW + 4 * MINUTE)
    later = NOW + 5 * MINUTE
    second = emergency.pause(target_of(None, Whom.EVERYTHING), reason="Again", actor=None, now=later)
    list(emergency.tell_in_batches(second.pk, clock=lambda: later))
    line = count(second, later)
    assert (line.requests, line.tried) == (7, 0)
    use(busy, later + MINUTE / 2, Outcome.PAUSED, times=2)
    line = count(second, later + MINUTE)
    assert (line.requests, line.tried) == (7, 2)
    assert report.lines_of(first, None, now=NOW)[0].tried == 4


def test_it_stays_as_it_was_when_the_pause_is_lifted(school: School, busy: AccessToken) -> None:
    made = pause(school)
    count(made, NOW)
    use(busy, NOW + 2 * HOUR, Outcome.PAUSED)
    emergency.lift(made, actor=None, now=NOW + 3 * HOUR)
    assert count(made, NOW + 3 * HOUR + 2 * MINUTE).tried == 1
    use(busy, NOW + 4 * HOUR, times=9)
    assert emergency.to_measure(now=NOW + 5 * HOUR) == []
    emergency.measure(made.pk, now=NOW + 5 * HOUR)
    line = PausedToken.objects.get()
    assert (line.requests, line.tried, line.last_used_at) == (3, 1, NOW - MINUTE)


def test_a_pause_that_stands_long_is_counted_seldom(school: School, busy: AccessToken) -> None:
    made = pause(school)
    count(made, NOW)
    assert emergency.to_measure(now=NOW + measuring.SOONEST / 2) == []
    assert emergency.to_measure(now=NOW + measuring.SOONEST) == [made.pk]
    count(made, NOW + 100 * HOUR)
    assert emergency.to_measure(now=NOW + 100 * HOUR + 30 * MINUTE) == []
    assert emergency.to_measure(now=NOW + 102 * HOUR) == [made.pk]


def test_who_has_a_part_of_the_school_sees_the_people_of_that_part(school: School, busy: AccessToken) -> None:
    enroll(school.other_student, role(Base.STUDENT), course=school.physics)  # at home in the whole school
    token(school.other_student)
    made = pause(school)
    lines = report.lines_of(made, membership(school.arts_admin, now=NOW), now=NOW)
    assert [line.token for line in lines] == [busy]
    assert report.figures_of(lines, made).tokens == 1
    assert report.lines_of(made, membership(school.admin, now=NOW), now=NOW).count() == 2


def test_the_file_has_everything_and_no_formula(school: School) -> None:
    made_token = token(school.student, purpose="=HYPERLINK(1)").token
    use(made_token, NOW - MINUTE)
    made = pause(school)
    count(made, NOW)
    lifecycle.revoke(made_token, actor=school.admin, now=NOW)
    [head, row, end] = "".join(report.csv_of(report.lines_of(made, None, now=NOW), now=NOW)).split("\r\n")
    assert head.removeprefix("\ufeff") == ",".join(report.COLUMNS)
    assert f"{made_token.pk},{made_token.lookup_id},'=HYPERLINK(1),Student,student,student@" in row
    assert row.endswith("Z,192.0.2.7,1,0,revoked,2026-11-23T12:00:00Z")
    assert end == ""
