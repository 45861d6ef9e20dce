"""Answers that no honest browser would give: each is refused with a sentence, none with a 5xx, and nobody is let in."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.factors import keeping
from accounts.factors.passkeys import challenges, holding
from accounts.factors.passkeys.challenges import Purpose
from tests.cast import School
from tests.mfa.device import AT, UP, UV, Device, add, asked, bytes_of, enter, set_up, text_of
from tests.mfa.phone import at_the_second_step, is_in
from tests.pages import visits
from tests.pages.visits import client_of
from tokens.models import Notice

CHALLENGE = "/login/passkey/challenge/"
REFUSED = "not accepted"
NOT_ADDED = "could not be added"


def refused(answer: Any, said: str = REFUSED) -> None:
    assert answer.status_code == 200
    assert said in visits.text_of(answer)


def test_an_answer_is_good_once(school: School) -> None:
    device, browser = set_up(school.student), Client()
    device.counts = False
    credential = device.show(asked(browser, CHALLENGE))
    stolen = Client()
    stolen.cookies.load(browser.cookies.output(header=""))
    browser.post("/login/passkey/", {"credential": credential})
    assert is_in(browser)
    browser.post("/logout/")
    for client in (browser, stolen, Client()):
        refused(client.post("/login/passkey/", {"credential": credential}))
        assert not is_in(client)


def test_two_requests_at_the_same_time_are_not_both_let_in(school: School) -> None:
    session: dict[str, Any] = {}
    device = set_up(school.student)
    device.counts = False
    now = timezone.now()
    options = holding.ask_for_one(session, Purpose.ENTER, person=None, now=now)
    state = challenges.take(session, Purpose.ENTER, person_id=None, now=now)  # both have read it
    credential = device.show(options)
    shown = [holding.show(credential, state, person=school.student, is_alone=True, now=now) for _ in range(2)]
    assert [bool(each) for each in shown] == [True, False]


def test_what_was_asked_for_one_thing_is_good_for_no_other(school: School) -> None:
    device = set_up(school.student)
    client = client_of(school.student)
    browser = at_the_second_step(school.student)
    credential = device.show(asked(browser, "/login/code/challenge/"))
    refused(browser.post("/login/passkey/", {"credential": credential}))
    assert not is_in(browser)
    made = Device().make(asked(client, "/login/again/challenge/") | {"publicKey": {**FOR_NEW, "challenge": "AAAA"}})
    refused(client.post("/security/passkeys/new/", {"name": "x", "credential": made}), NOT_ADDED)


FOR_NEW = {"user": {"id": "AAAA"}, "challenge": "AAAA"}

WRONG: dict[str, Callable[[Device], Any]] = {
    "another site": lambda device: setattr(device, "origin", "https://evil.example"),
    "another port": lambda device: setattr(device, "origin", "http://localhost:1"),
    "a host below": lambda device: setattr(device, "origin", "http://evil.localhost:8000"),
    "another relying party": lambda device: setattr(device, "host", "evil.example"),
    "nobody there": lambda device: setattr(device, "flags", UV),
    "nobody verified": lambda device: setattr(device, "flags", UP),
    "a copy of what cannot be copied": lambda device: setattr(device, "flags", UP | UV | 0x10),
    "in a frame of another site": lambda device: device.client.update(crossOrigin=True),
    "another ceremony": lambda device: device.client.update(type="webauthn.create"),
    "another challenge": lambda device: device.client.update(challenge=text_of(bytes(32))),
    "another key": lambda device: setattr(device, "key", Device().key),
    "another handle": lambda device: setattr(device, "handle", b"somebody else"),
    "no handle": lambda device: setattr(device, "handle", b""),
    "another passkey": lambda device: setattr(device, "id", bytes(32)),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_it_signs_nobody_in_who(school: School, wrong: str) -> None:
    device, browser = set_up(school.student), Client()
    WRONG[wrong](device)
    refused(enter(browser, device))
    assert not is_in(browser)
    [factor] = keeping.held_by(school.student).passkeys
    assert factor.last_used_at is None


def test_each_of_these_is_let_in_without_what_is_wrong(school: School) -> None:
    browser = Client()
    enter(browser, set_up(school.student))
    assert is_in(browser)


def test_a_passkey_of_somebody_else_is_no_second_step(school: School) -> None:
    set_up(school.student)
    device = set_up(school.teacher)
    browser = at_the_second_step(school.student)
    refused(browser.post("/login/code/", {"credential": device.show(asked(browser, "/login/code/challenge/"))}))
    assert not is_in(browser)


def test_nobody_comes_to_the_second_step_by_it_without_the_first(school: School) -> None:
    device = set_up(school.student)
    browser = Client()
    assert browser.post("/login/code/challenge/").headers["Location"] == "/login/"
    credential = device.show(asked(browser, CHALLENGE))
    assert browser.post("/login/code/", {"credential": credential}).headers["Location"] == "/login/"
    assert not is_in(browser)


@pytest.mark.parametrize("count", [5, 3, 0])
def test_a_count_that_does_not_go_up_is_refused_written_down_and_told(school: School, count: int) -> None:
    device = set_up(school.student)
    device.count = 4
    enter(Client(), device)
    device.count = count - 1
    browser = Client()
    refused(enter(browser, device))
    assert not is_in(browser)
    line = AuditEvent.objects.get(action="factor.suspect_copy")
    assert (line.person, line.actor, line.after) == (school.student, None, {"name": "Laptop"})
    assert Notice.objects.filter(event="factor.suspect_copy", person=school.student).count() == 1
    device.count = 5
    enter(browser, device)  # the true one goes on
    assert is_in(browser)


def test_devices_that_do_not_count_are_let_in_each_time(school: School) -> None:
    device = set_up(school.student)
    device.counts = False
    for _ in range(2):
        browser = Client()
        enter(browser, device)
        assert is_in(browser)


def test_a_passkey_that_was_removed_opens_nothing(school: School) -> None:
    device = set_up(school.student)
    [factor] = keeping.held_by(school.student).passkeys
    keeping.remove(school.student, factor.pk, here=None, now=timezone.now())
    browser = Client()
    refused(enter(browser, device))
    assert not is_in(browser)


def test_a_credential_that_is_known_is_nobody_elses_too(school: School) -> None:
    device = set_up(school.student)
    refused(add(client_of(school.teacher), device), NOT_ADDED)
    refused(add(client_of(school.student), device), NOT_ADDED)
    assert Authenticator.objects.filter(type="webauthn").count() == 1


NOT_MADE: dict[str, Callable[[Device], Any]] = {
    "another site": WRONG["another site"],
    "another relying party": WRONG["another relying party"],
    "nobody there": WRONG["nobody there"],
    "a copy of what cannot be copied": WRONG["a copy of what cannot be copied"],
    "in a frame of another site": WRONG["in a frame of another site"],
    "another ceremony": lambda device: device.client.update(type="webauthn.get"),
    "another challenge": WRONG["another challenge"],
    "a kind of key that was not asked for": lambda device: setattr(device, "algorithm", -65535),
    "an id that is too long": lambda device: setattr(device, "id", bytes(1024)),
}


@pytest.mark.parametrize("wrong", NOT_MADE)
def test_none_is_added_that_is_of(school: School, wrong: str) -> None:
    device = Device()
    NOT_MADE[wrong](device)
    refused(add(client_of(school.student), device), NOT_ADDED)
    assert not Authenticator.objects.exists()


def test_what_was_made_is_added_once_and_for_whom_it_was_asked(school: School) -> None:
    client, device = client_of(school.student), Device()
    sent = {"name": "Laptop", "credential": device.make(asked(client, "/security/passkeys/challenge/"))}
    refused(client_of(school.teacher).post("/security/passkeys/new/", sent), NOT_ADDED)
    client.post("/security/passkeys/new/", sent)
    [factor] = keeping.held_by(school.student).passkeys
    keeping.remove(school.student, factor.pk, here=client.session.session_key, now=timezone.now())
    refused(client.post("/security/passkeys/new/", sent), NOT_ADDED)
    assert not Authenticator.objects.exists()


NO_ANSWERS = [
    *("{", "null", "[]", "0", "NaN", '""', "{}", "[" * 9000, '{"a":' * 2000, "\x00", "\ud800", "ا", "x" * 20_000),
    *('{"rawId": 1, "response": {}}', '{"rawId": "AAAA", "response": []}', '{"rawId": "AAAA", "response": {}}'),
    '{"rawId": "AAAA", "response": {"clientDataJSON": 1, "authenticatorData": [], "attestationObject": {}}}',
    '{"rawId": {}, "response": {"clientDataJSON": "AAAA"}}',
]
# What stands in the place of one part of a good answer.
NO_PARTS: list[Any] = [
    *("", "A", "AAAA", "====", "\u0661", "\x00", "A" * 8000, None, 0, True, [], {}),
    *(text_of(each) for each in (b"null", b"[]", b"{}", b'"x"', b'{"type": 1}', b"[" * 4000, b"\xff\xfe")),
    text_of(b'{"type": "webauthn.get", "challenge": 1, "origin": 1}'),
    text_of(b'{"type": "webauthn.create", "challenge": null, "origin": null}'),
    *(text_of(bytes(length)) for length in (1, 36, 37, 38, 55, 200)),
    *(text_of(bytes(32) + bytes([flags]) + bytes(200)) for flags in (AT, 0x80, 0xFF)),
    *(text_of(each) for each in (b"\x9b" + b"\xff" * 8, b"\xbb" + b"\xff" * 8, b"\x81" * 3000, b"\xa1" * 3000)),
]


@pytest.mark.parametrize("text", NO_ANSWERS, ids=range(len(NO_ANSWERS)))
def test_what_is_no_answer_is_refused_everywhere(school: School, text: str) -> None:
    set_up(school.student)
    every_way(school, lambda _options: text.encode("utf-8", "surrogatepass").decode("utf-8", "replace"), text)


def every_way(school: School, answer: Callable[[dict[str, Any]], str], *ids: object) -> None:
    """Answer so wherever a passkey is asked for."""
    browser, client, second = Client(), client_of(school.student), at_the_second_step(school.student)
    sent = answer(asked(browser, CHALLENGE))
    refused(browser.post("/login/passkey/", {"credential": sent}))
    sent = answer(asked(second, "/login/code/challenge/"))
    assert second.post("/login/code/", {"credential": sent}).status_code == 200
    sent = answer(asked(client, "/security/passkeys/challenge/"))
    assert client.post("/security/passkeys/new/", {"name": "x", "credential": sent}).status_code == 200
    assert not is_in(browser), ids
    assert not is_in(second), ids
    assert len(keeping.held_by(school.student).passkeys) == 1


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature", "userHandle"])
def test_no_part_may_be_something_else(school: School, part: str) -> None:
    device = set_up(school.student)
    [factor] = keeping.held_by(school.student).passkeys
    for instead in NO_PARTS:
        said = device.show({"publicKey": {"challenge": "AAAA"}}, **{part: instead})
        state = {"challenge": "AAAA", "user_verification": "required"}
        assert holding.whose(said) in (None, school.student)
        found = holding.show(said, state, person=school.student, is_alone=True, now=timezone.now())
        assert found is None, instead
    factor.refresh_from_db()
    assert factor.last_used_at is None


@pytest.mark.parametrize("part", ["clientDataJSON", "attestationObject"])
def test_no_part_of_a_new_one_may_be_something_else(school: School, part: str) -> None:
    state = {"challenge": "AAAA", "user_verification": "preferred", "handle": "AAAA"}
    for instead in NO_PARTS:
        said = json.loads(Device().make({"publicKey": FOR_NEW}))
        said["response"][part] = instead
        now = timezone.now()
        assert holding.add(school.student, "x", json.dumps(said), state, here=None, now=now) is None, instead
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("seed", range(3))
def test_a_changed_byte_anywhere_is_refused(school: School, seed: int) -> None:
    """The signature, and what is signed: 100 flips of a bit each."""
    device, choose, now = set_up(school.student), random.Random(seed), timezone.now()  # noqa: S311  # a seed that can be named
    state = {"challenge": "AAAA", "user_verification": "required"}
    good = json.loads(device.show({"publicKey": {"challenge": "AAAA"}}))
    for _ in range(100):
        said = json.loads(json.dumps(good))
        part = choose.choice(["clientDataJSON", "authenticatorData", "signature"])
        raw = bytearray(bytes_of(said["response"][part]))
        at = choose.randrange(len(raw))
        raw[at] ^= 1 << choose.randrange(8)
        said["response"][part] = text_of(bytes(raw))
        assert holding.show(json.dumps(said), state, person=school.student, is_alone=True, now=now) is None, (part, at)
    assert holding.show(json.dumps(good), state, person=school.student, is_alone=True, now=now)
