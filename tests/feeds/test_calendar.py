"""The calendar of token ends: at an address that is a secret, in the form of RFC 5545."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.audit import AuditEvent
from accounts.models import User
from tests.cast import NOW, School
from tests.pages.visits import client_of, text_of, token_of
from tokens import feeds, lifecycle
from tokens.feeds.writing import _escaped, _folded
from tokens.lifecycle import Change
from tokens.models import CalendarFeed

ADDRESS = re.compile(r"/calendar/([0-9A-Za-z]{43})\.ics")


def read(text: str) -> list[list[tuple[str, str]]]:
    """The events of a calendar, property by property, after RFC 5545: unfolded, and texts without their escapes."""
    assert "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    lines = text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    events: list[list[tuple[str, str]]] = []
    for line in lines:
        name, _colon, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            events.append([])
        elif events and line not in {"END:VEVENT", "END:VCALENDAR"}:
            events[-1].append((name, re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], value)))
    return events


def address_of(user: User) -> str:
    return feeds.make(user, now=NOW)


def get(address: str, **headers: str) -> Any:
    return Client().get(f"/calendar/{address}.ics", headers=headers)


def events_of(user: User) -> list[dict[str, str]]:
    answer = get(address_of(user))
    assert answer.status_code == 200
    return [dict(event) for event in read(answer.content.decode())]


def test_each_end_to_come_is_an_event(school: School) -> None:
    later, sooner = token_of(school.student, purpose="Later; much, later", days=60), token_of(school.student, days=7)
    token_of(school.other_student)
    token_of(school.student, actor=school.admin)  # waits for its owner
    lifecycle.revoke(token_of(school.student), actor=school.student, now=timezone.now())
    first, second = events_of(school.student)
    assert first["UID"] == f"token-{sooner.pk}-end@localhost"
    assert second["SUMMARY"] == "Token “Later; much, later” ends"
    assert later.expires_at is not None
    end = datetime.strptime(second["DTSTART"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert end == later.expires_at.replace(microsecond=0)
    assert second["URL"].endswith(f"/tokens/{later.pk}/")
    assert "VALARM" not in first


def test_a_token_without_an_end_has_none_and_a_suspended_one_says_so(school: School) -> None:
    token_of(school.teacher, days=None)
    held = token_of(school.teacher, days=30)
    lifecycle.suspend(held, actor=school.admin, now=timezone.now())
    [event] = events_of(school.teacher)
    assert event["SUMMARY"] == "Token “Grade dashboard” ends (suspended)"


def test_it_speaks_the_language_of_its_owner(school: School) -> None:
    User.objects.filter(pk=school.student.pk).update(locale="ar")
    token_of(school.student)
    [event] = events_of(school.student)
    assert "ينتهي" in event["SUMMARY"]


def test_it_is_the_same_until_something_changes_and_then_another(school: School) -> None:
    token, address = token_of(school.student), address_of(school.student)
    first = get(address)
    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    assert "private" in first["Cache-Control"]
    assert first.cookies == {}
    again = get(address, **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    lifecycle.update(token, Change(purpose="Another"), actor=school.student, now=timezone.now())
    changed = get(address, **{"If-None-Match": first["ETag"]})
    assert (changed.status_code, changed["ETag"] == first["ETag"]) == (200, False)


def test_a_new_address_takes_the_place_of_the_old_one_and_off_is_off(school: School) -> None:
    old, new, other = address_of(school.student), address_of(school.student), address_of(school.other_student)
    assert [get(each).status_code for each in (old, new, other)] == [404, 200, 200]
    feeds.stop(school.student, now=NOW)
    feeds.stop(school.student, now=NOW)
    assert [get(each).status_code for each in (old, new, other)] == [404, 404, 200]
    actions = AuditEvent.objects.filter(person=school.student).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["calendar.make", "calendar.roll", "calendar.stop"]


def test_it_shows_nothing_of_who_is_switched_off_and_nothing_at_what_is_no_address(school: School) -> None:
    address = address_of(school.student)
    User.objects.filter(pk=school.student.pk).update(is_active=False)
    for wrong in (address, address[:-1], address + "a", "x" * 43, "%00", "a" * 5000):
        assert get(wrong).status_code == 404
    assert Client().post(f"/calendar/{address}.ics").status_code == 405


def test_its_address_is_kept_nowhere(school: School) -> None:
    address = address_of(school.student)
    row = str(CalendarFeed.objects.values().get()) + str(list(AuditEvent.objects.values()))
    assert address not in row


def test_the_page_shows_the_address_once_makes_it_anew_and_switches_it_off(school: School) -> None:
    token_of(school.student)
    student = client_of(school.student)
    assert "/tokens/calendar/" in text_of(student.get("/preferences/"))
    assert "no address yet" in text_of(student.get("/tokens/calendar/"))
    made = text_of(student.post("/tokens/calendar/new/")).replace("<wbr>", "")
    [first] = set(ADDRESS.findall(made))
    assert get(first).status_code == 200
    page = text_of(student.get("/tokens/calendar/"))
    assert "has had its address since" in page
    assert not ADDRESS.search(page.replace("<wbr>", ""))
    [second] = set(ADDRESS.findall(text_of(student.post("/tokens/calendar/new/")).replace("<wbr>", "")))
    assert [get(each).status_code for each in (first, second)] == [404, 200]
    assert "switched off" in text_of(student.post("/tokens/calendar/stop/", follow=True))
    assert get(second).status_code == 404


def test_who_asks_too_often_waits(school: School, settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("tokens.views.feeds.CalendarRate.rate", "1/day", raising=False)
    answers = [Client(REMOTE_ADDR="192.0.2.77").get("/calendar/x.ics") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [404, 429]
    assert int(answers[1]["Retry-After"]) > 0


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"])))
def test_whatever_stands_in_a_purpose_comes_out_as_it_went_in(text: str) -> None:
    line = f"SUMMARY:{_escaped(text)}"
    folded = "\r\n".join(_folded(line))
    wrapped = f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{folded}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    assert read(wrapped) == [[("SUMMARY", text)]]


def test_a_token_that_ends_leaves_the_calendar(school: School) -> None:
    token_of(school.student, days=7)
    text = feeds.text_for(school.student, now=timezone.now() + timedelta(days=8))
    assert read(text) == []
