"""Where a school requires a second step, whoever has none sets it up before they come to anything else."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.factors import demanding, keeping
from accounts.models import User
from tests.cast import PASSWORD, School, token
from tests.mfa.phone import now_shows, secret_in, set_up
from tests.pages.visits import client_of, text_of


def signed_in(login_id: str) -> Client:
    client = Client()
    client.post("/login/", {"username": login_id, "password": PASSWORD})
    return client


@pytest.mark.parametrize(
    ("required", "led"), [("nobody", ""), ("administrators", "admin"), ("everybody", "student teacher admin")]
)
def test_who_has_to_is_led_to_the_page(school: School, settings: Any, required: str, led: str) -> None:
    settings.MFA_REQUIRED = required
    for login_id in ("student", "teacher", "admin"):
        answer = signed_in(login_id).get("/tokens/")
        assert answer.headers.get("Location", "") == ("/security/" if login_id in led.split() else ""), login_id


def test_nothing_else_opens_until_it_is_set_up(school: School, settings: Any) -> None:
    settings.MFA_REQUIRED = "everybody"
    client = signed_in("admin")
    for path in ("/tokens/new/", "/people/", f"/accounts/{school.root.pk}/settings/", "/audit/", "/"):
        assert client.get(path).headers["Location"] == "/security/"
    assert client.post("/tokens/new/", {"purpose": "x"}).headers["Location"] == "/security/"
    told = client.get("/api/v1/users/self")
    assert (told.status_code, told.json()["errors"][0]["code"]) == (403, "second_step_required")
    assert "asks for a second step" in text_of(client.get("/security/"))
    secret = secret_in(client.get("/security/app/"))
    client.post("/security/app/", {"code": now_shows(secret)})
    assert client.get("/people/").status_code == 200


def test_who_has_one_is_led_nowhere_and_who_removes_it_is_again(school: School, settings: Any) -> None:
    settings.MFA_REQUIRED = "everybody"
    set_up(school.student)
    client = client_of(school.student)
    assert client.get("/tokens/").status_code == 200
    factor = keeping.held_by(school.student).app
    assert factor
    client.post(f"/security/{factor.pk}/remove/")
    assert client.get("/tokens/").headers["Location"] == "/security/"


def test_tokens_go_on(school: School, settings: Any) -> None:
    settings.MFA_REQUIRED = "everybody"
    issued = token(school.student, now=timezone.now())
    client = client_of(school.student)
    assert client.get("/api/v1/users/self").status_code == 403
    assert client.get("/tokens/", headers={"Authorization": "Bearer x"}).headers["Location"] == "/security/"
    assert client.get("/api/v1/users/self", headers={"Authorization": f"Bearer {issued.secret}"}).status_code == 200


@pytest.mark.parametrize(("amr", "waits"), [(["pwd", "mfa"], False), (["pwd"], True), ("mfa", True), (None, True)])
def test_what_the_provider_has_asked_is_not_asked_again(school: School, settings: Any, amr: Any, waits: bool) -> None:
    settings.MFA_REQUIRED = "everybody"
    session: dict[str, Any] = {}
    demanding.note_provider(session, {"amr": amr})
    student = User.objects.get(pk=school.student.pk)
    demanding.begin(session, student, now=student.created_at)
    assert demanding.waits(session, student) is waits
