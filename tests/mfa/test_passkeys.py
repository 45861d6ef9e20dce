"""Passkeys on the page Security: added, named, limited, removed; each of it written down and told."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.factors import keeping
from accounts.factors.passkeys import holding
from accounts.factors.passkeys.party import host, is_possible, origin
from tests.cast import School
from tests.mfa.device import Device, add, asked, set_up
from tests.mfa.phone import codes_in, is_in, now_shows, secret_in
from tests.pages.visits import client_of, text_of
from tokens import notifications
from tokens.models import Notice


def names(school: School) -> list[str]:
    return [each.data["name"] for each in keeping.held_by(school.student).passkeys]


def test_the_first_one_comes_with_recovery_codes_and_the_next_without(school: School) -> None:
    client = client_of(school.student)
    assert len(codes_in(add(client, Device(), "  Laptop "))) == 10
    answer = add(client, Device(), "Phone")
    assert answer.headers["Location"] == "/security/"
    assert names(school) == ["Laptop", "Phone"]
    page = text_of(client.get("/security/"))
    assert "Laptop" in page
    assert "Never used." in page
    assert "Second step is on" in page


def test_a_device_is_told_what_it_holds_already_and_whose_it_is(school: School) -> None:
    client, device = client_of(school.student), Device()
    first = asked(client, "/security/passkeys/challenge/")["publicKey"]
    assert (first["rp"]["id"], first["user"]["name"], first["excludeCredentials"]) == ("localhost", "student", [])
    add(client, device)
    second = asked(client, "/security/passkeys/challenge/")["publicKey"]
    assert len(second["excludeCredentials"]) == 1
    third = asked(client, "/security/passkeys/challenge/")["publicKey"]
    assert second["user"] == third["user"]
    assert second["challenge"] != third["challenge"]
    other = asked(client_of(school.teacher), "/security/passkeys/challenge/")["publicKey"]
    assert other["user"]["id"] != third["user"]["id"]


def test_each_change_is_in_the_trail_and_in_a_mail(school: School, mailoutbox: list[Any]) -> None:
    client = client_of(school.student)
    add(client, Device(), "Laptop")
    [factor] = keeping.held_by(school.student).passkeys
    client.post(f"/security/{factor.pk}/rename/", {"name": " Old laptop "})
    client.post(f"/security/{factor.pk}/rename/", {"name": "Old laptop"})  # no change, no line
    assert "Remove the passkey" in text_of(client.get(f"/security/{factor.pk}/remove/"))
    client.post(f"/security/{factor.pk}/remove/")
    lines = AuditEvent.objects.filter(action__startswith="factor.").order_by("pk")
    assert [(line.action, line.actor, line.before, line.after) for line in lines] == [
        ("factor.add", school.student, {}, {"kind": "webauthn", "name": "Laptop"}),
        ("factor.rename", school.student, {"name": "Laptop"}, {"name": "Old laptop"}),
        ("factor.remove", school.student, {"kind": "webauthn", "name": "Old laptop"}, {}),
    ]
    assert not Authenticator.objects.exists()  # nor the recovery codes
    notifications.deliver(now=timezone.now())
    assert [mail.subject for mail in mailoutbox] == [
        "A passkey was added to your sign-in",
        "A passkey of yours was renamed",
        "A passkey was removed from your sign-in",
    ]
    assert "“Old laptop”" in mailoutbox[1].body


@pytest.mark.parametrize(
    ("name", "said"),
    [("", "Give it a name"), ("   ", "Give it a name"), ("x" * 65, "at most 64"), ("a\u202eb", "nobody would see")],
)
def test_a_name_is_short_and_seen(school: School, name: str, said: str) -> None:
    client, device = client_of(school.student), Device()
    assert said in text_of(add(client, device, name))
    assert not Authenticator.objects.exists()
    set_up(school.student)
    [factor] = keeping.held_by(school.student).passkeys
    assert said in text_of(client_of(school.student).post(f"/security/{factor.pk}/rename/", {"name": name}))
    assert names(school) == ["Laptop"]


def test_the_database_refuses_what_no_form_lets_through(school: School) -> None:
    set_up(school.student)
    [factor] = keeping.held_by(school.student).passkeys
    for data in ({"name": ""}, {"name": "x" * 65}, {}):
        with pytest.raises(IntegrityError, match="passkey_is_named"), transaction.atomic():
            Authenticator.objects.filter(pk=factor.pk).update(data=data)


def test_there_are_so_many_for_one_person(school: School) -> None:
    for number in range(holding.MOST):
        set_up(school.student, f"Key {number}")
    client = client_of(school.student)
    assert "as many as there can be" in text_of(client.get("/security/passkeys/new/"))
    add(client, Device())
    assert len(names(school)) == holding.MOST


def test_the_last_place_goes_to_one_of_two_browsers(school: School) -> None:
    for number in range(holding.MOST - 1):
        set_up(school.student, f"Key {number}")
    first, second = client_of(school.student), client_of(school.student)
    options = [asked(each, "/security/passkeys/challenge/") for each in (first, second)]
    for client, option, name in zip((first, second), options, ("First", "Second"), strict=True):
        client.post("/security/passkeys/new/", {"name": name, "credential": Device().make(option)})
    assert (len(names(school)), names(school)[-1]) == (holding.MOST, "First")


def test_without_script_there_is_a_sentence_and_nothing_is_made(school: School) -> None:
    client = client_of(school.student)
    assert "takes JavaScript" in text_of(client.get("/security/"))
    assert "need JavaScript" in text_of(client.get("/security/passkeys/new/"))
    answer = client.post("/security/passkeys/new/", {"name": "Laptop", "credential": ""})
    assert "It takes JavaScript" in text_of(answer)
    assert not Authenticator.objects.exists()


def test_nobody_touches_what_is_somebody_elses(school: School) -> None:
    set_up(school.student)
    [factor] = keeping.held_by(school.student).passkeys
    for act in ("rename", "remove"):
        answer = client_of(school.admin).post(f"/security/{factor.pk}/{act}/", {"name": "Mine"})
        assert answer.status_code == 404
    assert not holding.rename(school.admin, factor.pk, "Mine", now=timezone.now())
    assert names(school) == ["Laptop"]


def test_a_name_is_shown_as_text(school: School) -> None:
    set_up(school.student, "<script>alert(1)</script>")
    page = client_of(school.student).get("/security/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize("act", ["add", "remove", "codes", "app"])
def test_a_change_ends_every_other_session_and_not_this_one(school: School, act: str) -> None:
    if act != "app":
        set_up(school.student)
    elsewhere, here, another = client_of(school.student), client_of(school.student), client_of(school.teacher)
    match act:
        case "add":
            add(here, Device())
        case "remove":
            here.post(f"/security/{keeping.held_by(school.student).passkeys[0].pk}/remove/")
        case "codes":
            here.post("/security/codes/")
        case "app":
            here.post("/security/app/", {"code": now_shows(secret_in(here.get("/security/app/")))})
    assert [is_in(each) for each in (elsewhere, here, another)] == [False, True, True]
    line = AuditEvent.objects.get(action="session.end")
    assert (line.person, line.after) == (school.student, {"count": 1})


def test_who_resets_a_second_step_ends_the_sessions_too(school: School) -> None:
    set_up(school.student)
    client = client_of(school.student)
    client_of(school.admin).post(f"/people/{school.student.pk}/second-step/", {"reason": "Lost"})
    assert not Authenticator.objects.exists()
    assert not is_in(client)


@pytest.mark.parametrize(
    ("public", "rp_id", "from_", "possible"),
    [
        ("https://tokens.school.example", "tokens.school.example", "https://tokens.school.example", True),
        ("https://tokens.school.example:443", "tokens.school.example", "https://tokens.school.example", True),
        ("https://tokens.school.example:8443", "tokens.school.example", "https://tokens.school.example:8443", True),
        ("https://Schüle.example", "xn--schle-mva.example", "https://xn--schle-mva.example", True),
        ("http://localhost:8000", "localhost", "http://localhost:8000", True),
        ("http://tokens.school.example", "tokens.school.example", "http://tokens.school.example", False),
        ("https://192.0.2.7", "192.0.2.7", "https://192.0.2.7", False),
        ("https://", "", "https://", False),
    ],
)
def test_the_public_address_says_for_whom_they_are(
    settings: Any, public: str, rp_id: str, from_: str, possible: bool
) -> None:
    settings.PUBLIC_URL = public
    assert (host(), origin(), is_possible()) == (rp_id, from_, possible)


def test_where_none_can_be_made_none_is_offered(school: School, settings: Any) -> None:
    settings.PUBLIC_URL = "https://192.0.2.7"
    client = client_of(school.student)
    assert "Passkeys" not in text_of(client.get("/security/"))
    assert client.get("/security/passkeys/new/").status_code == 404
    assert client.post("/security/passkeys/challenge/").status_code == 404
    assert "passkey" not in text_of(Client().get("/login/"))
    assert Client().post("/login/passkey/challenge/").status_code == 404


def test_whoever_is_told_is_told_by_a_mail_that_cannot_be_switched_off(school: School) -> None:
    set_up(school.student)
    assert [notice.event for notice in Notice.objects.filter(person=school.student)] == ["factor.add"]
