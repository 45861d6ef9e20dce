"""What people choose for themselves."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.audit import AuditEvent
from accounts.models import User
from accounts.preferences import prefer
from accounts.zones import zones_by_region
from tests.cast import NOW, School
from tests.pages.visits import client_of, text_of

CHOSEN = {"locale": "ar", "time_zone": "America/Chicago", "theme": "dark"}


def kept(school: School) -> tuple[str, str]:
    student = User.objects.get(pk=school.student.pk)
    return student.locale, student.time_zone


def test_language_zone_and_theme_are_one_plain_form(school: School) -> None:
    client = client_of(school.student)
    assert client.post("/preferences/", CHOSEN).headers["Location"] == "/preferences/"
    assert kept(school) == ("ar", "America/Chicago")
    page = text_of(client.get("/preferences/"))
    assert '<html lang="ar" dir="rtl" data-theme="dark">' in page
    for value in CHOSEN.values():
        assert f'<option value="{value}" selected>' in page


def test_a_change_is_in_the_trail_and_only_what_differs(school: School) -> None:
    client = client_of(school.student)
    client.post("/preferences/", CHOSEN), client.post("/preferences/", CHOSEN)
    [line] = AuditEvent.objects.filter(person=school.student, action="person.change")
    assert line.after == {"locale": "ar", "time_zone": "America/Chicago"}
    assert line.before == {"locale": "", "time_zone": "UTC"}
    assert line.actor == school.student


def test_times_are_shown_in_the_chosen_zone_and_the_footer_says_which(school: School) -> None:
    client = client_of(school.student)
    client.post("/preferences/", {**CHOSEN, "locale": ""})
    page = text_of(client.get("/tokens/"))
    assert '<a href="/preferences/">Times are shown in America/Chicago.</a>' in page


def test_leaving_the_language_to_the_browser_forgets_the_cookie_too(school: School) -> None:
    client = client_of(school.student)
    client.post("/preferences/", CHOSEN)
    client.post("/preferences/", {**CHOSEN, "locale": ""})
    assert kept(school) == ("", "America/Chicago")
    assert '<html lang="en"' in text_of(client.get("/preferences/"))


def test_the_language_of_a_person_is_that_of_their_sign_in_page_too(school: School) -> None:
    client = client_of(school.student)
    client.post("/preferences/", CHOSEN)
    client.post("/logout/")
    assert '<html lang="ar"' in text_of(client.get("/login/"))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("locale", "fr", "Choose one of the languages in the list."),
        ("time_zone", "Mars/Olympus", "Choose one of the time zones in the list."),
        ("time_zone", "", "Choose your time zone."),
        ("theme", "sepia", "Choose light, dark, or the same as your device."),
    ],
)
def test_what_cannot_be_chosen_is_refused_with_clear_words(school: School, name: str, value: str, words: str) -> None:
    client = client_of(school.student)
    page = text_of(client.post("/preferences/", {**CHOSEN, name: value}))
    assert words in page
    assert 'aria-invalid="true"' in page
    assert kept(school) == ("", "UTC")
    assert "theme" not in client.cookies


@pytest.mark.parametrize("wrong", [{"locale": "fr"}, {"time_zone": "Mars/Olympus"}, {"time_zone": ""}])
def test_no_door_keeps_what_does_not_exist(school: School, wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        prefer(school.student, **wrong, now=NOW)
    assert kept(school) == ("", "UTC")


def test_every_zone_is_offered_once_under_its_region() -> None:
    offered = [(region, name, place) for region, zones in zones_by_region() for name, place in zones]
    assert ("America", "America/New_York", "New York") in offered
    assert ("America", "America/Argentina/Buenos_Aires", "Argentina, Buenos Aires") in offered
    assert ("Others", "UTC", "UTC") in offered
    assert len({name for _region, name, _place in offered}) == len(offered) > 400


def test_preferences_are_for_whoever_is_signed_in(school: School) -> None:
    assert Client().get("/preferences/").headers["Location"] == "/login/?next=/preferences/"
    assert 'href="/preferences/"' in text_of(client_of(school.student).get("/tokens/"))
