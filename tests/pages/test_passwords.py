"""Changing one's password: with the present one, under the rules for passwords, and every other browser is out."""

from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import Settings

from accounts.audit import AuditEvent
from accounts.browsers import Browser
from accounts.passwords import is_made_of
from tests.cast import PASSWORD, School
from tests.pages.visits import client_of, text_of

PAGE = "/security/password/"
NEW = "seven green kettles"


def change(client: Client, present: str = PASSWORD, new: str = NEW, again: str = "") -> Any:
    return client.post(PAGE, {"old_password": present, "new_password1": new, "new_password2": again or new})


def can_sign_in(password: str) -> bool:
    return Client().post("/login/", {"username": "student", "password": password}).status_code == 302


def test_the_new_password_signs_in_and_the_old_one_no_more(school: School) -> None:
    assert change(client_of(school.student)).headers["Location"] == "/security/"
    assert (can_sign_in(NEW), can_sign_in(PASSWORD)) == (True, False)


def test_every_other_browser_is_signed_out_and_this_one_is_not(school: School) -> None:
    here, there, teacher = client_of(school.student), client_of(school.student), client_of(school.teacher)
    change(here)
    assert [client.get("/tokens/").status_code for client in (here, there, teacher)] == [200, 302, 200]
    [kept] = Browser.objects.filter(person=school.student)
    assert kept.session_key == here.session.session_key


def test_it_is_in_the_trail_and_no_password_is(school: School) -> None:
    change(client_of(school.student))
    line = AuditEvent.objects.get(action="password.change")
    assert (line.actor, line.person, line.before, line.after) == (school.student, school.student, {}, {})
    assert "Password changed" in text_of(client_of(school.admin).get("/audit/"))


@pytest.mark.parametrize(
    ("present", "new", "again", "said"),
    [
        ("wrong", NEW, NEW, "This is not your password."),
        (PASSWORD, NEW, "seven green kettle", "The two new passwords are not the same."),
        (PASSWORD, "kettle7", "kettle7", "at least 8 characters"),
        (PASSWORD, "iloveyou1", "iloveyou1", "too common"),
        (PASSWORD, "Student-2026!", "Student-2026!", "do not make a password"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(
    school: School, present: str, new: str, again: str, said: str
) -> None:
    assert said in text_of(change(client_of(school.student), present, new, again))
    assert can_sign_in(PASSWORD)


def test_any_characters_and_any_length_will_do(school: School) -> None:
    new = "كلمة سر طويلة جداً 🐪 " * 10 + " "
    change(client_of(school.student), new=new)
    assert can_sign_in(new)
    assert not can_sign_in(new.strip())


def test_a_browser_that_was_left_open_guesses_five_times(school: School) -> None:
    client = client_of(school.student)
    for _ in range(5):
        assert "This is not your password." in text_of(change(client, "wrong"))
    assert "This is not your password." not in text_of(change(client, PASSWORD))
    assert can_sign_in(PASSWORD)


def test_who_has_no_password_changes_none(school: School, settings: Settings) -> None:
    school.student.set_unusable_password()
    school.student.save()
    assert client_of(school.student).get(PAGE).status_code == 404
    assert PAGE not in text_of(client_of(school.student).get("/security/"))
    settings.PASSWORD_SIGN_IN = False
    assert client_of(school.teacher).get(PAGE).status_code == 404


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("tokenportal", True),
        ("Student-2026!", True),
        ("adminadmin99", True),
        ("PASSWORDabc", True),
        ("student of birds", False),
        ("94857203948572", False),
        ("seven green kettles", False),
    ],
)
def test_a_password_is_not_made_of_known_words(password: str, expected: bool) -> None:
    assert is_made_of(password, ("token", "portal", "tokenportal", "student", "admin", "password")) == expected


def test_the_words_of_the_school_count_too(school: School, settings: Settings) -> None:
    school.root.name = "Alderbrook Academy"
    school.root.save()
    settings.PASSWORD_WORDS = ["wolverines"]
    for password in ("alderbrook1", "Wolverines!!"):
        with pytest.raises(ValidationError, match="do not make a password"):
            validate_password(password)
    validate_password("wolverines eat pears")
