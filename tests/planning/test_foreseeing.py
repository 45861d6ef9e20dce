"""What is promised to people while a change waits: exactly what it does when its time has come."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.people import memberships
from accounts.roles import Base
from policies import planning
from policies.ending import Existing
from policies.exemptions import exempt
from policies.foreseeing import foresee
from tests.cast import NOW, School, endless_token, enroll, person, role, token
from tests.pages.visits import client_of, rows_of, text_of, token_of
from tests.planning.waiting import wait_for
from tokens.models import AccessToken, State

DAY = timedelta(days=1)
EFFECT = NOW + 14 * DAY


def promised(*, now: datetime) -> dict[int, tuple[State, datetime | None]]:
    """Each token that is in use with the state and the end that it is said to come to."""
    tokens = AccessToken.objects.in_use(now=now)
    prospects = foresee(memberships(tokens.values_list("user_id", flat=True).distinct(), now=now), now=now)
    found: dict[int, tuple[State, datetime | None]] = {}
    for each in tokens:
        coming = prospects[each.user_id].of(each.pk, each.expires_at)
        revoked = coming is not None and coming.revokes
        end = each.expires_at if coming is None or revoked else coming.end
        found[each.pk] = (State.REVOKED if revoked else State(each.state), end)
    return found


def held() -> dict[int, tuple[State, datetime | None]]:
    return {pk: (State(state), end) for pk, state, end in AccessToken.objects.values_list("pk", "state", "expires_at")}


@pytest.fixture
def crowd(school: School) -> School:
    """Tokens of every kind of owner: with and without an end, near and far, exempted or not."""
    for days in (10, 20, 60, 120):
        token(school.student, days=days)
        token(school.other_student, days=days)
    token(school.teacher, days=400)
    for user in (school.teacher, school.admin, school.arts_admin, school.outsider):
        endless_token(user)
    thesis = person("thesis")
    enroll(thesis, role(Base.STUDENT), course=school.physics)
    endless_token(thesis)
    for until in (NOW + 5 * DAY, NOW + 60 * DAY):
        exempt(thesis, school.root, reason="Thesis", ends_at=until, actor=school.admin, now=NOW)
    return school


@pytest.mark.parametrize(
    ("values", "terms"),
    [
        ({"student_cap_days": 30}, {}),
        ({"student_cap_days": 30, "teaching_cap_days": 100}, {"grace_days": 3}),
        ({"audience": "no_students"}, {"existing": Existing.RUN_OUT}),
        ({"audience": "admins_only"}, {"existing": Existing.REVOKE}),
        ({"audience": "admins_only"}, {"existing": Existing.END_ON, "existing_end": NOW + 50 * DAY}),
        ({"admin_cap_days": 7}, {"grace_days": 1}),
    ],
)
def test_what_is_promised_is_what_happens(crowd: School, values: dict[str, Any], terms: dict[str, Any]) -> None:
    change = wait_for(crowd.root, values, actor=crowd.admin, now=NOW, **terms)
    said = promised(now=NOW)
    assert said != held()
    planning.begin(change.pk, now=change.takes_effect_at)
    assert held() == said


def test_many_ends_are_promised_where_they_are_spread_to(school: School) -> None:
    AccessToken.objects.bulk_create(rows_of(school.student, 330, now=NOW))
    change = wait_for(school.root, {"student_cap_days": 80}, actor=school.admin, now=NOW)
    said = promised(now=NOW)
    assert len({end for _state, end in said.values()}) > 200
    planning.begin(change.pk, now=EFFECT)
    assert held() == said


def test_of_several_changes_the_one_that_leaves_the_earliest_end_counts(school: School) -> None:
    made = token(school.student, days=120).token
    wait_for(school.root, {"student_cap_days": 60}, actor=school.admin, now=NOW, grace_days=1)
    wait_for(school.arts, {"student_cap_days": 20}, actor=school.admin, now=NOW)
    assert promised(now=NOW)[made.pk] == (State.ACTIVE, EFFECT + 20 * DAY)


def test_a_change_of_one_faculty_is_nothing_to_the_other(school: School) -> None:
    enroll(school.outsider, role(Base.STUDENT), course=school.physics)
    for user in (school.student, school.outsider):
        token(user, days=120)
    wait_for(school.arts, {"student_cap_days": 20}, actor=school.admin, now=NOW)
    prospects = foresee(memberships([school.student.pk, school.outsider.pk], now=NOW), now=NOW)
    assert [bool(each.foreseen) for each in prospects.values()] == [True, False]


def test_the_list_of_ones_own_tokens_says_what_is_coming(school: School) -> None:
    now = timezone.now()
    token_of(school.student, purpose="Long", days=120)
    token_of(school.student, purpose="Short", days=20)
    change = wait_for(school.root, {"student_cap_days": 30}, actor=school.admin, now=now)
    text = text_of(client_of(school.student).get("/tokens/"))
    assert "1 of your tokens gets an earlier end" in text
    assert text.count("on: ends ") == 1
    planning.undo(change.pk, actor=school.admin, now=now)
    text = text_of(client_of(school.student).get("/tokens/"))
    assert "earlier end" not in text
    assert "on: ends " not in text


def test_a_tokens_own_page_says_when_it_will_end_and_how_long_it_would_have_lived(school: School) -> None:
    made = token_of(school.teacher, days=None)
    wait_for(school.root, {"teaching_cap_days": 30}, actor=school.admin, now=timezone.now())
    for visitor in (school.teacher, school.admin):
        text = text_of(client_of(visitor).get(f"/tokens/{made.pk}/"))
        assert "instead of never" in text
        assert "Coming end" in text


def test_administrators_see_it_on_the_persons_page_and_among_all_tokens(school: School) -> None:
    token_of(school.teacher, days=None)
    wait_for(school.root, {"audience": "admins_only"}, existing=Existing.REVOKE, actor=school.admin, now=timezone.now())
    client = client_of(school.admin)
    text = text_of(client.get(f"/people/{school.teacher.pk}/"))
    assert "1 of these tokens is revoked" in text
    assert "on this person cannot generate tokens" in text
    assert "Revoked on" in text
    assert "Revoked on" in text_of(client.get("/inventory/"))


@pytest.mark.parametrize(
    ("values", "terms", "words"),
    [
        ({"student_cap_days": 30}, {}, "at the latest"),
        ({"audience": "no_students"}, {"existing": Existing.REVOKE}, "this one too"),
    ],
)
def test_who_generates_a_token_meanwhile_reads_what_becomes_of_it(
    school: School, values: dict[str, Any], terms: dict[str, Any], words: str
) -> None:
    made, client = token_of(school.student, days=120), client_of(school.student)
    addresses = ("/tokens/new/", f"/tokens/{made.pk}/regenerate/")
    assert not any(words in text_of(client.get(address)) for address in addresses)
    wait_for(school.root, values, actor=school.admin, now=timezone.now(), **terms)
    assert all(words in text_of(client.get(address)) for address in addresses)


def test_who_is_left_the_ends_of_today_reads_nothing_where_they_generate(school: School) -> None:
    token_of(school.teacher, days=None)
    wait_for(school.root, {"teaching_cap_days": 30}, actor=school.admin, now=timezone.now())
    assert "at the latest" in text_of(client_of(school.teacher).get("/tokens/new/"))
    assert "at the latest" not in text_of(client_of(school.student).get("/tokens/new/"))


def test_who_becomes_a_teacher_meanwhile_sees_nothing_of_it(school: School) -> None:
    made = token_of(school.student, days=120)
    wait_for(school.root, {"student_cap_days": 30}, actor=school.admin, now=timezone.now())
    client = client_of(school.student)
    assert "earlier end" in text_of(client.get("/tokens/"))
    enroll(school.student, role(Base.TEACHER), course=school.history)
    assert "earlier end" not in text_of(client.get("/tokens/"))
    assert "Coming end" not in text_of(client.get(f"/tokens/{made.pk}/"))


def test_a_token_that_is_over_by_then_or_revoked_already_has_no_coming_end(school: School) -> None:
    token(school.student, days=120)
    short = token(school.student, days=5).token
    wait_for(school.root, {"student_cap_days": 30}, actor=school.admin, now=NOW)
    assert promised(now=NOW)[short.pk] == (State.ACTIVE, short.expires_at)
