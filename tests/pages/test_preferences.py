"""What people choose for themselves."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation

from accounts.audit import AuditEvent
from accounts.mails import CHOICES, Mail
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
    with translation.override("en"):  # whatever an earlier test has spoken
        offered = [(region, name, place) for region, zones in zones_by_region() for name, place in zones]
    assert ("America", "America/New_York", "New York") in offered
    assert ("America", "America/Argentina/Buenos_Aires", "Argentina, Buenos Aires") in offered
    assert ("Others", "UTC", "UTC") in offered
    assert len({name for _region, name, _place in offered}) == len(offered) > 400


def test_preferences_are_for_whoever_is_signed_in(school: School) -> None:
    assert Client().get("/preferences/").headers["Location"] == "/login/?next=/preferences/"
    assert 'href="/preferences/"' in text_of(client_of(school.student).get("/tokens/"))


def test_mails_are_a_tick_for_each_kind_and_security_is_ticked_for_good(school: School) -> None:
    client = client_of(school.student)
    ticked = '<input type="checkbox" name="mails" value="{}" checked>'
    page = text_of(client.get("/preferences/"))
    assert all(ticked.format(kind) in page for kind in CHOICES)
    assert page.count('<input type="checkbox" checked disabled>') == 1
    sent = client.post("/preferences/mails/", {"mails": ["use", "reviews"]})
    assert sent.headers["Location"] == "/preferences/"
    page = text_of(client.get("/preferences/"))
    assert [kind for kind in CHOICES if ticked.format(kind) in page] == ["use", "reviews"]
    assert page.count('<input type="checkbox" checked disabled>') == 1


def test_which_mails_somebody_does_without_is_in_the_trail_in_words(school: School) -> None:
    client = client_of(school.student)
    client.post("/preferences/mails/", {"mails": sorted({*CHOICES} - {Mail.MESSAGES})})
    line = AuditEvent.objects.get(person=school.student, action="person.change")
    assert (line.before, line.after) == ({"unwanted_mails": []}, {"unwanted_mails": ["messages"]})
    log = text_of(client_of(school.admin).get("/audit/"))
    assert "Mails switched off" in log
    assert "<bdi>Messages</bdi>" in log


def test_language_and_zone_leave_the_mails_alone_and_the_mails_them(school: School) -> None:
    client = client_of(school.student)
    client.post("/preferences/mails/", {"mails": ["use"]}), client.post("/preferences/", CHOSEN)
    client.post("/preferences/mails/", {"mails": ["use", "policy"]})
    student = User.objects.get(pk=school.student.pk)
    assert kept(school) == ("ar", "America/Chicago")
    assert student.unwanted_mails == ["ending", "messages", "requests", "reviews"]


@pytest.mark.parametrize("kind", ["security", "gossip"])
def test_mails_that_are_not_in_the_list_are_refused_with_clear_words(school: School, kind: str) -> None:
    client = client_of(school.student)
    assert "Choose among the mails in the list." in text_of(client.post("/preferences/mails/", {"mails": [kind]}))
    assert User.objects.get(pk=school.student.pk).unwanted_mails == []


def test_the_address_that_mails_are_sent_to_leads_to_the_page(school: School) -> None:
    assert client_of(school.student).get("/preferences/mails/").headers["Location"] == "/preferences/"
