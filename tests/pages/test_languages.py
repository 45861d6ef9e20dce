"""In which language a page speaks: the browser's, the one chosen in it, or the one a person has chosen."""

import re

import pytest
from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core import mail
from django.test import Client
from django.utils import timezone, translation

from accounts.audit import AuditEvent
from accounts.models import Account, Course, User
from tests.cast import PASSWORD, School
from tests.pages.reading import texts_of
from tests.pages.visits import client_of, text_of, token_of
from tokens import lifecycle, notifications
from tokens.events import Event
from tokens.reasons import Reason

ARABIC = '<html lang="ar" dir="rtl"'
ENGLISH = '<html lang="en" dir="ltr"'
ASKING = {"Accept-Language": "ar-EG,ar;q=0.9,en;q=0.5"}


def speak(client: Client, code: str, back: str = "/login/") -> str:
    """Choose a language as the menu does; return where that leads."""
    return client.post("/language/", {"language": code, "next": back}).headers["Location"]


def test_a_stranger_is_spoken_to_as_their_browser_asks(school: School) -> None:
    assert ARABIC in text_of(Client().get("/login/", headers=ASKING))
    assert ENGLISH in text_of(Client().get("/login/", headers={"Accept-Language": "fr"}))
    assert ENGLISH in text_of(Client().get("/login/"))


def test_the_switch_is_remembered_by_the_browser_and_wins_over_what_it_asks(school: School) -> None:
    client = Client()
    assert speak(client, "ar", "/login/?next=/people/") == "/login/?next=/people/"
    assert ARABIC in text_of(client.get("/login/"))
    speak(client, "en")
    assert ENGLISH in text_of(client.get("/login/", headers=ASKING))


def test_what_a_person_has_chosen_goes_with_them_to_every_browser(school: School) -> None:
    speak(client_of(school.student), "ar", "/tokens/")
    elsewhere = client_of(school.student)
    assert ARABIC in text_of(elsewhere.get("/tokens/"))
    elsewhere.cookies["language"] = "en"
    assert ARABIC in text_of(elsewhere.get("/tokens/", headers={"Accept-Language": "en"}))
    assert elsewhere.get("/tokens/").headers["Content-Language"] == "ar"
    [line] = AuditEvent.objects.filter(person=school.student, action="person.change")
    assert (line.actor, line.before, line.after) == (school.student, {"locale": ""}, {"locale": "ar"})


def test_choosing_the_same_again_is_no_news(school: School) -> None:
    client = client_of(school.student)
    speak(client, "ar"), speak(client, "ar")
    assert AuditEvent.objects.filter(action="person.change").count() == 1


@pytest.mark.parametrize("code", ["fr", "tlh", "", "../../etc"])
def test_a_language_that_we_do_not_speak_changes_nothing(school: School, code: str) -> None:
    client = client_of(school.student)
    speak(client, code)
    assert User.objects.get(pk=school.student.pk).locale == ""
    assert ENGLISH in text_of(client.get("/tokens/"))


def test_a_language_that_we_no_longer_speak_is_as_none(school: School) -> None:
    User.objects.filter(pk=school.student.pk).update(locale="xx")
    assert ENGLISH in text_of(client_of(school.student).get("/tokens/"))


def test_the_switch_needs_a_post_and_never_leads_to_another_host(school: School) -> None:
    assert Client().get("/language/").status_code == 405
    assert speak(Client(), "ar", "https://evil.example/") == "/"


def test_the_switch_is_a_form_on_every_page_also_before_signing_in(school: School) -> None:
    stranger, admin = Client(), client_of(school.admin)
    for client, path in ((stranger, "/login/"), (stranger, "/help/"), (stranger, "/no/"), (admin, "/people/?q=x")):
        page = text_of(client.get(path))
        assert 'action="/language/"' in page
        assert f'name="next" value="{path}"' in page
        assert '<button name="language" value="ar" lang="ar">' in page
        assert "العربيّة" in page


def test_no_language_is_left_over_for_the_next_request(school: School) -> None:
    User.objects.filter(pk=school.student.pk).update(locale="ar")
    client_of(school.student).get("/tokens/")
    assert ENGLISH in text_of(Client().get("/login/"))
    assert ENGLISH in text_of(Client().get("/login/", headers={"Host": "not a host"}))


def test_the_api_speaks_english_to_everybody_since_programs_match_its_sentences(school: School) -> None:
    User.objects.filter(pk=school.student.pk).update(locale="ar")
    answer = client_of(school.student).post("/api/v1/users/self/tokens", {"token[purpose]": ""}, headers=ASKING)
    assert "Purpose is required." in str(answer.json())
    assert answer.headers["Content-Language"] == "en"


def test_a_refused_sign_in_is_answered_in_the_language_of_the_browser(school: School) -> None:
    answer = Client().post("/login/", {"username": "student", "password": "wrong"}, headers=ASKING)
    assert ARABIC in text_of(answer)
    assert "do not belong together" not in text_of(answer)
    signed_in = Client().post("/login/", {"username": "student", "password": PASSWORD}, follow=True, headers=ASKING)
    assert ARABIC in text_of(signed_in)


def test_a_mail_is_written_in_the_language_and_the_zone_of_whoever_gets_it(school: School) -> None:
    User.objects.filter(pk=school.student.pk).update(locale="ar", time_zone="Asia/Tokyo")
    school.student.refresh_from_db()
    made = token_of(school.student, purpose="Grade dashboard")
    lifecycle.revoke(made, actor=school.admin, now=timezone.now(), reason=Reason("it leaked"))
    notifications.deliver(now=timezone.now())
    [sent] = mail.outbox
    assert re.search(r"[\u0600-\u06ff]{3}", str(sent.subject))
    assert "revoked" not in str(sent.body)
    assert "JST" in str(sent.body)
    assert "it leaked" in str(sent.body)


def test_numbers_in_arabic_have_the_separators_of_their_digits(school: School) -> None:
    with translation.override("ar"):
        assert intcomma(1204) == "1,204"


# The same in every language, or another language's own name.
NAMES = {
    "API",
    "ASCII",
    "Authlib",
    "Authorization",
    "CS",
    "Django",
    "English",
    "Envoy",
    "JavaScript",
    "OpenAPI",
    "Python",
}
NAMES |= {
    "Redis",
    "SIS",
    "Shell",
    "UTC",
    "AA",
    "Traefik",
    "Caddy",
    "curl",
    "nginx",
    "env",
    "grades",
    "read",
    "tpat",
    "admin",
    "CSV",
    "JSON",
    "tokenportal",
}
OF_ADMIN = ["/people/", "/people/{0}/", "/people/{0}/new/", "/people/{0}/revoke-all/", "/settings/", "/audit/"]
OF_ADMIN += ["/verifiers/", "/verifiers/new/", "/scopes/", "/scopes/new/", "/tokens/{1}/", "/tokens/{1}/suspend/"]
OF_ADMIN += ["/keys/"]
OF_STUDENT = [
    "/tokens/",
    "/tokens/?state=all",
    "/tokens/new/",
    "/tokens/revoke-all/",
    "/preferences/",
    "/help/",
    "/nothing/",
]
OF_STUDENT += ["/tokens/{1}/", "/tokens/{1}/edit/", "/tokens/{1}/regenerate/", "/tokens/{1}/revoke/"]


@pytest.fixture
def arabic_school(school: School) -> School:
    """The same school, in which everything that people have written is in Arabic, so that English would be ours."""
    User.objects.update(name="نور", sortable_name="نور", short_name="نور", locale="ar")
    Account.objects.update(name="الجامعة")
    Course.objects.update(name="التاريخ", code="101")
    return school


@pytest.mark.parametrize(
    ("who", "path"), [*(("admin", path) for path in OF_ADMIN), *(("student", path) for path in OF_STUDENT)]
)
def test_no_english_is_left_on_a_page_in_arabic(arabic_school: School, who: str, path: str) -> None:
    student = arabic_school.student
    ended, made = token_of(student, purpose="تجربة"), token_of(student, purpose="لوحة الدرجات")
    lifecycle.revoke(ended, actor=student, now=timezone.now(), reason=Reason("انتهى"))
    page = text_of(client_of(getattr(arabic_school, who)).get(path.format(student.pk, made.pk), follow=True))
    assert ARABIC in page
    said = " ".join(texts_of(page, without=frozenset({"bdi", "option"})))
    assert set(re.findall(r"[A-Za-z]{2,}", said)) - NAMES == set()


@pytest.mark.parametrize(
    "event", [Event.ISSUE, Event.REGENERATE, Event.SUSPEND, Event.RESUME, Event.REVOKE, Event.CLAMP]
)
def test_no_english_is_left_in_a_mail_in_arabic(arabic_school: School, event: Event) -> None:
    made = token_of(arabic_school.student, purpose="لوحة الدرجات")
    admin = User.objects.get(pk=arabic_school.admin.pk)
    notifications.owe(event, [made], actor=admin, now=timezone.now(), reason="انتهى")
    notifications.deliver(now=timezone.now())
    [sent] = mail.outbox
    said = f"{sent.subject} {sent.body}".replace(settings.PUBLIC_URL, "").replace("/tokens/", "")
    assert set(re.findall(r"[A-Za-z]{2,}", said)) - NAMES == set()


def test_no_english_is_left_on_the_page_before_signing_in(school: School) -> None:
    said = " ".join(texts_of(text_of(Client().get("/login/", headers=ASKING))))
    assert set(re.findall(r"[A-Za-z]{2,}", said)) - NAMES == set()
