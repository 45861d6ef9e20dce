"""How long the tokens of people may live who are no students: by the class of their roles, where an account says so."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.roles import Base, Grant, Permission, Standing
from policies import settings
from policies.decision import CappedBecause, decide
from policies.explaining import why_capped, why_capped_for_others
from policies.models import Policy
from policies.refusals import Code, Refused
from policies.rules import Rules
from tests.api.caller import session_of
from tests.cast import NOW, School, enroll, role, token
from tests.pages.visits import client_of, text_of
from tokens import lifecycle, tasks
from tokens.lifecycle import Change

DAY = timedelta(days=1)
LIMITS = Rules(student_cap_days=30, teaching_cap_days=200, admin_cap_days=400)
VIEW = frozenset({Permission.TOKENS_VIEW})


def standing(*held: tuple[Base, frozenset[Permission]]) -> Standing:
    return Standing(tuple(Grant(base, "role", permissions, (1,)) for base, permissions in held))


def plain(*bases: Base) -> Standing:
    return standing(*((base, frozenset()) for base in bases))


@pytest.mark.parametrize(
    ("who", "days", "because", "limited_by"),
    [
        (plain(), 30, CappedBecause.NO_ROLE, "student_cap"),
        (plain(Base.STUDENT), 30, CappedBecause.ONLY_STUDENT, "student_cap"),
        (standing((Base.STUDENT, VIEW)), 30, CappedBecause.ONLY_STUDENT, "student_cap"),
        (plain(Base.TEACHER), 200, CappedBecause.TEACHING, "account_cap"),
        (plain(Base.STUDENT, Base.TA), 200, CappedBecause.TEACHING, "account_cap"),
        (plain(Base.OBSERVER, Base.DESIGNER), 200, CappedBecause.TEACHING, "account_cap"),
        (plain(Base.ADMIN), 400, CappedBecause.ADMINISTRATING, "account_cap"),
        (standing((Base.TA, VIEW)), 400, CappedBecause.ADMINISTRATING, "account_cap"),
        (plain(Base.TEACHER, Base.ADMIN), 400, CappedBecause.ADMINISTRATING, "account_cap"),
        (plain(Base.OBSERVER), None, None, None),
        (plain(Base.STUDENT, Base.OBSERVER), None, None, None),
    ],
)
def test_the_longest_limit_among_the_classes_of_the_roles_applies(
    who: Standing, days: int | None, because: CappedBecause | None, limited_by: str | None
) -> None:
    decision = decide(who, LIMITS, now=NOW)
    assert (decision.cap_days, decision.capped_because, decision.limited_by) == (days, because, limited_by)
    assert bool(why_capped(decision)) == bool(why_capped_for_others(decision)) == decision.capped


def test_a_class_without_a_limit_frees_those_who_are_of_another_too() -> None:
    both = plain(Base.TEACHER, Base.ADMIN)
    assert not decide(both, Rules(teaching_cap_days=10), now=NOW).capped
    assert not decide(both, Rules(admin_cap_days=10), now=NOW).capped
    assert decide(both, Rules(teaching_cap_days=10, admin_cap_days=5), now=NOW).cap_days == 10


@given(
    held=st.lists(st.tuples(st.sampled_from(Base), st.sampled_from([frozenset(), VIEW])), max_size=4),
    teaching=st.none() | st.integers(1, 3650),
    admin=st.none() | st.integers(1, 3650),
    end=st.none() | st.integers(-10, 5000).map(lambda days: NOW + days * DAY),
)
def test_no_end_outlives_the_limit_and_the_student_limit_is_never_lifted(
    held: list[Any], teaching: int | None, admin: int | None, end: Any
) -> None:
    who = standing(*held)
    free, limited = (
        decide(who, rules, now=NOW) for rules in (Rules(), Rules(teaching_cap_days=teaching, admin_cap_days=admin))
    )
    assert limited.capped_as_student == free.capped
    if free.capped:
        assert limited == free
    clamped = limited.clamped(end)
    assert clamped == end if limited.cap_days is None else clamped and clamped <= NOW + limited.cap_days * DAY
    assert limited.clamped(clamped) == clamped


def test_scopes_for_students_do_not_bind_whoever_only_has_a_limit() -> None:
    rules = Rules(teaching_cap_days=10, student_scopes=frozenset({"grades:read"}))
    decision = decide(plain(Base.TEACHER), rules, now=NOW)
    assert (decision.scopes_required, decision.allowed_scopes) == (False, None)


@pytest.mark.parametrize("days", [3651, -1, True, "30"])
@pytest.mark.parametrize("name", ["teaching_cap_days", "admin_cap_days"])
def test_a_limit_is_at_most_3650_days(school: School, name: str, days: object) -> None:
    with pytest.raises(Refused) as refused:
        settings.change(school.root, {name: days}, actor=None, now=NOW)
    assert (refused.value.code, refused.value.refusals[0].field) == (Code.LIFE_OUT_OF_RANGE, name)


@pytest.mark.parametrize("name", ["teaching_cap_days", "admin_cap_days"])
def test_the_database_keeps_a_limit_in_its_range_too(school: School, name: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Policy.objects.create(account=school.root, updated_at=NOW, **{name: 3651})


def test_a_new_limit_reaches_the_tokens_that_exist_and_the_job_finds_nothing_more(school: School) -> None:
    now = timezone.now()
    mine, theirs = token(school.teacher, days=None, now=now).token, token(school.admin, days=None, now=now).token
    change = settings.change(school.root, {"teaching_cap_days": 90}, actor=school.admin, now=now)
    assert change is not None
    assert change.shortened == 1
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.expires_at, theirs.expires_at) == (now + 90 * DAY, None)
    assert tasks.clamp_tokens() == 0


def test_the_limit_holds_for_new_tokens_for_updates_and_by_the_home_account(school: School) -> None:
    settings.change(school.arts, {"teaching_cap_days": 90}, actor=None, now=NOW)
    for end, code in ((None, Code.EXPIRY_REQUIRED), (91, Code.EXPIRY_BEYOND_CAP)):
        with pytest.raises(Refused) as refused:
            token(school.teacher, days=end)
        assert refused.value.code == code
    made = token(school.teacher, days=90).token
    with pytest.raises(Refused):
        lifecycle.update(made, Change(expires_at=NOW + 91 * DAY), actor=school.teacher, now=NOW + 5 * DAY)
    enroll(school.teacher, role(Base.TEACHER), school.science)
    assert token(school.teacher, days=None).token.expires_at is None


def test_page_and_api_say_which_limit_it_is(school: School) -> None:
    settings.change(school.root, {"teaching_cap_days": 90}, actor=None, now=timezone.now())
    made = token(school.teacher, days=30, now=timezone.now()).token
    assert session_of(school.teacher).get(f"users/self/tokens/{made.pk}").body["limited_by"] == "account_cap"
    text = text_of(client_of(school.teacher).get("/tokens/new/"))
    assert "For your roles your school lets a token live for 90 days at most." in text
    assert 'value="30"' in text
    assert 'value="90"' in text
    assert "No expiry" not in text
