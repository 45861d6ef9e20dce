"""`manage.py seed_demo`: once, into an empty database, and a school worth looking at."""

import pytest
from django.contrib.auth import authenticate
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Account, User
from accounts.people import membership
from policies.governing import decision_for
from tests.accounts.roster import dump
from tests.cast import School
from tests.commands.conftest import Run
from tokenportal.demo import PASSWORD, SIGN_INS
from tokens.models import AccessToken, Flag, Notice, State

CAPPED = {"student", "newcomer", "student-former-ta"}


@pytest.fixture(autouse=True)
def debug(settings: Settings) -> None:
    """Where the portal is tried, DEBUG is on."""
    settings.DEBUG = True


def test_the_demo_school_is_seeded_once(run: Run) -> None:
    assert run("seed_demo").code == 0
    now, request = timezone.now(), RequestFactory().post("/login/")

    assert Account.objects.filter(parent=Account.objects.root()).count() == 3
    assert User.objects.count() == 200
    assert 350 <= AccessToken.objects.count() <= 450
    assert set(AccessToken.objects.values_list("state", flat=True)) == set(State)
    for login in SIGN_INS:
        person = authenticate(request, username=login, password=PASSWORD)
        assert isinstance(person, User), login
        assert decision_for(person, now=now).capped == (login in CAPPED), login
        assert person.is_active
    assert not membership(User.objects.get(login_id="newcomer"), now=now).standing.bases
    assert not Notice.objects.filter(sent_at=None).exists()
    assert set(Flag.objects.values_list("rule", flat=True)) == {"jump", "networks", "tried"}
    assert not AccessToken.objects.overdue(now=now).exists()
    assert not AccessToken.objects.filter(last_used_at__gt=now).exists()

    before = dump()
    assert run("seed_demo").code == 0
    assert dump() == before


def test_a_used_database_is_left_as_it_is(run: Run, school: School) -> None:
    before = dump()

    assert "Nothing was changed" in run("seed_demo").out
    assert dump() == before


def test_the_demo_school_is_refused_with_debug_off(run: Run, settings: Settings) -> None:
    settings.DEBUG = False

    assert run("seed_demo").code == 1
    assert not User.objects.exists()
