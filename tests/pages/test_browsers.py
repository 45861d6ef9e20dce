"""Where one is signed in: for how long, seen on a page, and ended from there, from the machine, or by a job."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts import browsers, leaving
from accounts.audit import AuditEvent
from accounts.browsers import BEGAN, NOTED_EVERY, SEEN, Browser
from tests.cast import PASSWORD, School
from tests.pages.visits import client_of, text_of

PAGE = "/preferences/browsers/"
HOUR = 3600


def earlier(client: Client, **seconds: int) -> Client:
    """The browser as if its session had begun, or had been used last, so long ago."""
    session = client.session
    for name, ago in seconds.items():
        session[name] -= ago
    session.save()
    return client


def is_in(client: Client) -> bool:
    return client.get("/tokens/").status_code == 200


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ({BEGAN: 12 * HOUR - 60}, True),
        ({BEGAN: 12 * HOUR}, False),
        ({SEEN: HOUR - 60}, True),
        ({SEEN: HOUR}, False),
    ],
)
def test_a_session_ends_by_its_length_and_by_lying_idle(
    school: School, seconds: dict[str, int], expected: bool
) -> None:
    client = earlier(client_of(school.student), **seconds)
    assert is_in(client) == expected
    assert Browser.objects.filter(person=school.student).exists() == expected


def test_use_lengthens_the_idle_time_and_never_the_whole(school: School) -> None:
    client = earlier(client_of(school.student), **{SEEN: HOUR - 60, BEGAN: 11 * HOUR})
    assert is_in(client)
    assert timezone.now().timestamp() - client.session[SEEN] < 60
    assert not is_in(earlier(client, **{BEGAN: HOUR}))


def test_a_session_that_is_over_opens_the_api_no_more_either(school: School) -> None:
    client = client_of(school.student)
    assert client.get("/api/v1/users/self").status_code == 200
    assert earlier(client, **{SEEN: HOUR}).get("/api/v1/users/self").status_code == 401


def test_a_session_from_before_these_were_noted_begins_with_its_next_use(school: School) -> None:
    client = client_of(school.student)
    session = client.session
    del session[BEGAN], session[SEEN]
    session.save()
    Browser.objects.all().delete()
    assert is_in(client)
    assert browsers.signed_in(person=school.student, now=timezone.now()).count() == 1


def test_use_is_noted_every_five_minutes_and_not_at_each_page(school: School) -> None:
    client = client_of(school.student)
    client.get("/tokens/", headers={"User-Agent": "Other/1"})
    assert Browser.objects.get().agent == ""
    earlier(client, **{SEEN: NOTED_EVERY}).get("/tokens/", headers={"User-Agent": "Other/1"})
    assert Browser.objects.get().agent == "Other/1"


def two_of(school: School) -> tuple[Client, Client]:
    here, there = Client(headers={"User-Agent": "Here/1"}), Client(headers={"User-Agent": "There/2"})
    for client in (here, there):
        client.post("/login/", {"username": "student", "password": PASSWORD})
    return here, there


def test_the_page_names_ones_own_browsers_and_which_is_this(school: School) -> None:
    client_of(school.teacher)
    here, _there = two_of(school)
    page = text_of(here.get(PAGE))
    assert page.count("This browser") == 1
    assert ("Here/1" in page, "There/2" in page, page.count("last used")) == (True, True, 2)


@pytest.mark.parametrize("chosen", ["others", "that one"])
def test_signing_out_elsewhere_ends_that_session_and_is_in_the_trail(school: School, chosen: str) -> None:
    here, there = two_of(school)
    other = Browser.objects.get(agent="There/2")
    here.post(PAGE, {"browser": "others" if chosen == "others" else other.pk})
    assert (is_in(here), is_in(there)) == (True, False)
    line = AuditEvent.objects.get(action="session.end")
    assert (line.actor, line.person, line.after) == (school.student, school.student, {"count": 1})
    assert "Signed out of 1 browser" in text_of(client_of(school.admin).get("/audit/"))


def test_nobody_signs_somebody_else_out(school: School) -> None:
    theirs = client_of(school.teacher)
    client_of(school.student).post(PAGE, {"browser": Browser.objects.get(person=school.teacher).pk})
    assert is_in(theirs)


def test_signing_out_forgets_the_browser(school: School) -> None:
    client_of(school.student).post("/logout/")
    assert not Browser.objects.exists()


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("sign_out", *arguments, stdout=out)
    return out.getvalue()


def test_who_runs_the_portal_signs_out_one_person_or_all(school: School) -> None:
    student, teacher = client_of(school.student), client_of(school.teacher)
    assert run("STUDENT") == "Sessions ended: 1\n"
    assert (is_in(student), is_in(teacher)) == (False, True)
    assert run("--everybody") == "Sessions ended: 1\n"
    assert not is_in(teacher)
    with pytest.raises(CommandError, match="Nobody signs in as nobody"):
        run("nobody")


def test_what_is_over_is_swept_away_and_nothing_else(school: School) -> None:
    now = timezone.now()
    kept, long, idle, expired = (client_of(school.student) for _ in range(4))
    notes: dict[str, Any] = {"began_at": now - timedelta(hours=12), "seen_at": now - timedelta(hours=1)}
    for client, field in ((long, "began_at"), (idle, "seen_at")):
        Browser.objects.filter(session_key=client.session.session_key).update(**{field: notes[field]})
    Session.objects.filter(session_key=expired.session.session_key).update(expire_date=now)
    assert browsers.sweep(now=now) == 3
    assert [each.session_key for each in Browser.objects.all()] == [kept.session.session_key]
    assert is_in(kept)
    assert browsers.sweep(now=now) == 0


def test_an_administrator_sees_where_somebody_is_signed_in_and_ends_it(school: School) -> None:
    theirs, others, admin = client_of(school.student), client_of(school.teacher), client_of(school.admin)
    page = f"/people/{school.student.pk}/sessions/"
    assert page in text_of(admin.get(f"/people/{school.student.pk}/"))
    assert text_of(admin.get(page)).count("last used") == 1
    answer = admin.post(page, {"reason": "Left open in the library"}, follow=True)
    assert "Signed out of 1 browser." in text_of(answer)
    assert (is_in(theirs), is_in(others), is_in(admin)) == (False, True, True)
    line = AuditEvent.objects.get(action="session.end")
    assert (line.actor, line.person, line.after) == (school.admin, school.student, {"count": 1})
    assert line.reason == "Left open in the library"
    assert "is signed in nowhere" in text_of(admin.get(page))


def test_only_who_may_switch_them_off_signs_somebody_out(school: School) -> None:
    theirs = client_of(school.student)
    for actor, status in {school.teacher: 404, school.science_admin: 404, school.arts_admin: 403}.items():
        assert client_of(actor).post(f"/people/{school.student.pk}/sessions/", {}).status_code == status, actor
        with pytest.raises(PermissionDenied):
            leaving.sign_out(school.student, actor=actor, now=timezone.now())
    assert is_in(theirs)


def test_a_reason_that_is_too_long_signs_nobody_out(school: School) -> None:
    theirs = client_of(school.student)
    answer = client_of(school.admin).post(f"/people/{school.student.pk}/sessions/", {"reason": "x" * 256})
    assert (answer.status_code, is_in(theirs)) == (200, True)
