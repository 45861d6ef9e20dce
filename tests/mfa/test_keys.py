"""A change of SECRET_KEY takes nobody's second step, unless its earlier value is thrown away too early."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.factors import keeping
from tests.cast import School
from tests.mfa.phone import at_the_second_step, code_at, is_in, now_shows, set_up
from tests.pages.visits import client_of, text_of


def test_a_code_is_good_under_an_earlier_key_and_its_secret_moves_to_the_new_one(school: School, settings: Any) -> None:
    secret, paper = set_up(school.student)
    old, now = settings.SECRET_KEY, timezone.now()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "quite another key, long enough for a test", [old]
    assert keeping.take_code(school.student, code_at(secret, now.timestamp()), now=now)
    settings.SECRET_KEY_FALLBACKS = []
    assert keeping.take_code(school.student, code_at(secret, now.timestamp() + 30), now=now)
    assert keeping.take_code(school.student, paper[0], now=now) is None  # which was used under no key since


def test_all_can_be_moved_at_once(school: School, settings: Any) -> None:
    secret, paper = set_up(school.student)
    old, now = settings.SECRET_KEY, timezone.now()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "quite another key, long enough for a test", [old]
    said = StringIO()
    call_command("relock_factors", stdout=said)
    assert said.getvalue() == "Locked anew: 2.\n"
    settings.SECRET_KEY_FALLBACKS = []
    assert keeping.take_code(school.student, code_at(secret, now.timestamp()), now=now)
    assert keeping.take_code(school.student, paper[0], now=now)


def test_what_no_key_opens_lets_nobody_in_breaks_no_page_and_is_named(school: School, settings: Any) -> None:
    secret, _paper = set_up(school.student)
    settings.SECRET_KEY = "quite another key, long enough for a test"
    client = at_the_second_step(school.student)
    assert client.post("/login/code/", {"code": now_shows(secret)}).status_code == 200
    assert not is_in(client)
    assert "0 codes are left" in text_of(client_of(school.student).get("/security/"))
    said, wrong = StringIO(), StringIO()
    with pytest.raises(SystemExit):
        call_command("relock_factors", stdout=said, stderr=wrong)
    assert "reset-factors student" in wrong.getvalue()
