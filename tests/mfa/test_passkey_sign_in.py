"""A passkey as the second step, by itself, and where a page asks again; and what it must obey."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.factors import keeping
from accounts.factors.passkeys.challenges import GOOD_FOR, Purpose
from accounts.models import User
from accounts.views.entering import PASSWORD as BY_PASSWORD
from accounts.views.entering import let_in
from tests.cast import PASSWORD, School
from tests.mfa import phone
from tests.mfa.device import UP, Device, add, asked, enter, set_up
from tests.mfa.phone import at_the_second_step, codes_in, is_in
from tests.mfa.test_recent import ASKED, HOUR, after
from tests.pages.visits import client_of, text_of

CHALLENGE = "/login/passkey/challenge/"


def ways() -> list[str]:
    found: list[str] = AuditEvent.objects.filter(action="session.begin").latest("pk").after["ways"]
    return found


def test_it_is_a_second_step(school: School) -> None:
    device = set_up(school.student)
    browser = at_the_second_step(school.student)
    assert "Use a passkey" in text_of(browser.get("/login/code/"))
    options = asked(browser, "/login/code/challenge/")
    assert len(options["publicKey"]["allowCredentials"]) == 1
    answer = browser.post("/login/code/", {"credential": device.show(options)})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/preferences/")
    assert is_in(browser)
    assert ways() == ["password", "passkey"]
    assert "Last used" in text_of(client_of(school.student).get("/security/"))


def test_as_a_second_step_having_the_key_is_enough(school: School) -> None:
    device = set_up(school.student)
    device.flags = UP
    browser = at_the_second_step(school.student)
    browser.post("/login/code/", {"credential": device.show(asked(browser, "/login/code/challenge/"))})
    assert is_in(browser)


def test_whoever_has_only_a_passkey_has_recovery_codes_too(school: School) -> None:
    [code, *_others] = codes_in(add(client_of(school.student), Device()))
    browser = at_the_second_step(school.student)
    page = text_of(browser.get("/login/code/"))
    assert "One of your recovery codes." in page
    assert "your app" not in page
    browser.post("/login/code/", {"code": code})
    assert is_in(browser)


def test_an_app_beside_it_goes_on_working(school: School) -> None:
    secret, _codes = phone.set_up(school.student)
    set_up(school.student)
    browser = at_the_second_step(school.student)
    assert "a code of your app" in text_of(browser.get("/login/code/"))
    browser.post("/login/code/", {"code": phone.now_shows(secret)})
    assert is_in(browser)


def test_by_itself_it_is_both_steps_and_leads_where_somebody_wanted_to_go(school: School) -> None:
    device = set_up(school.student)
    browser = Client()
    options = asked(browser, CHALLENGE)["publicKey"]
    assert options["allowCredentials"] == []
    assert options["userVerification"] == "required"
    answer = enter(browser, device, next="/preferences/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/preferences/")
    assert is_in(browser)
    assert ways() == ["passkey"]
    assert ASKED not in text_of(browser.get("/tokens/new/"))  # it is a recent sign-in


def test_nobody_is_led_to_another_site(school: School) -> None:
    answer = enter(Client(), set_up(school.student), next="https://evil.example/")
    assert answer.headers["Location"] == "/tokens/"


def test_the_session_gets_another_name(school: School) -> None:
    browser = Client()
    asked(browser, CHALLENGE)
    before = browser.session.session_key
    enter(browser, set_up(school.student))
    assert browser.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_whoever_may_not_sign_in_is_not_let_in(school: School) -> None:
    device = set_up(school.student)
    User.objects.filter(pk=school.student.pk).update(is_active=False)
    browser = Client()
    assert "not accepted" in text_of(enter(browser, device))
    assert not is_in(browser)
    assert not AuditEvent.objects.filter(action="session.begin").exists()


def test_whoever_is_switched_off_between_their_proof_and_their_session_is_at_the_door_again(school: School) -> None:
    request = Client().get("/login/").wsgi_request
    school.student.is_active = False
    answer = let_in(request, school.student, way=BY_PASSWORD, target="/tokens/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login/")
    assert SESSION_KEY not in request.session
    assert not AuditEvent.objects.filter(action="session.begin").exists()


def test_where_passwords_are_for_few_passkeys_are_too(school: School, settings: Any) -> None:
    settings.PASSWORD_SIGN_IN, settings.OIDC_ISSUER = False, "https://sso.school.example"
    for person, expected in ((school.student, False), (school.arts_admin, False), (school.admin, True)):
        device, browser = set_up(person), Client()
        enter(browser, device)
        assert is_in(browser) is expected, person
    assert "Sign in with a passkey" not in text_of(Client().get("/login/"))
    assert "Sign in with a passkey" in text_of(Client().get("/login/?password=1"))


def test_whoever_has_no_password_here_comes_by_the_schools_sign_in(school: School) -> None:
    device = set_up(school.student)
    school.student.set_unusable_password()
    school.student.save()
    browser = Client()
    assert "not accepted" in text_of(enter(browser, device))
    assert not is_in(browser)
    assert "without a password" not in text_of(client_of(school.student).get("/security/"))


def test_refused_ones_count_with_wrong_passwords(school: School) -> None:
    device = set_up(school.student)
    right, device.flags = device.flags, UP
    for _ in range(4):
        assert "not accepted" in text_of(enter(Client(), device))
    assert enter(Client(), device).status_code == 429
    device.flags = right
    browser = Client()
    assert enter(browser, device).status_code == 429
    assert Client().post("/login/", {"username": "student", "password": PASSWORD}).status_code == 429
    elsewhere = Client(headers={"X-Forwarded-For": "203.0.113.9"}, REMOTE_ADDR="203.0.113.9")
    enter(elsewhere, device)
    assert is_in(elsewhere)


def test_what_was_sent_with_a_refused_attempt_is_not_kept(school: School) -> None:
    device = set_up(school.student)
    device.flags = UP
    enter(Client(), device)
    client = after(2 * HOUR, school.teacher)
    client.post("/tokens/new/", {"proof_wanted": "GET", "proof_password": "nearly my password"})
    kept = "".join(AccessAttempt.objects.values_list("post_data", flat=True))
    assert "credential=*" in kept
    assert "proof_password=*" in kept
    assert "nearly" not in kept


def test_whoever_is_in_already_goes_on(school: School) -> None:
    client, device = client_of(school.teacher), set_up(school.student)
    answer = enter(client, device, next="/preferences/")
    assert answer.headers["Location"] == "/preferences/"
    assert client.session["_auth_user_id"] == str(school.teacher.pk)


def test_it_counts_where_a_second_step_is_required(school: School, settings: Any) -> None:
    settings.MFA_REQUIRED = "everybody"
    browser = Client()
    browser.post("/login/", {"username": "student", "password": PASSWORD})
    assert browser.get("/tokens/").headers["Location"] == "/security/"
    device = Device()
    add(browser, device)
    assert is_in(browser)
    other = Client()
    enter(other, device)
    assert is_in(other)


def test_a_page_that_asks_again_takes_it(school: School) -> None:
    device = set_up(school.student)
    client = after(2 * HOUR, school.student)
    page = text_of(client.get("/tokens/new/"))
    assert 'name="proof_passkey"' in page
    shown = device.show(asked(client, "/login/again/challenge/"))
    before = client.session.session_key
    answer = client.post("/tokens/new/", {"proof_wanted": "GET", "proof_passkey": shown})
    assert answer.headers["Location"] == "/tokens/new/"
    assert ASKED not in text_of(client.get("/tokens/new/"))
    assert client.session.session_key != before
    assert AuditEvent.objects.get(action="session.confirm").after == {"ways": ["passkey"]}


def test_what_was_typed_is_there_after_it(school: School) -> None:
    device = set_up(school.student)
    client = after(2 * HOUR, school.student)
    shown = device.show(asked(client, "/login/again/challenge/"))
    kept = {"purpose": "Typed before lunch", "expiry": "nonsense"}
    page = text_of(client.post("/tokens/new/", {**kept, "proof_wanted": "POST", "proof_passkey": shown}))
    assert 'value="Typed before lunch"' in page
    assert "proof_passkey" not in page


def test_a_passkey_that_is_refused_proves_nothing(school: School) -> None:
    set_up(school.student)
    device = set_up(school.teacher)
    client = after(2 * HOUR, school.student)
    shown = device.show(asked(client, "/login/again/challenge/"))
    page = text_of(client.post("/tokens/new/", {"proof_wanted": "GET", "proof_passkey": shown}))
    assert "not accepted" in page
    assert ASKED in page
    assert ASKED in text_of(client.get("/tokens/new/"))


def test_adding_one_is_asked_about_and_goes_on_with_what_the_browser_made(school: School) -> None:
    client, device = after(2 * HOUR, school.student), Device()
    credential = device.make(asked(client, "/security/passkeys/challenge/"))
    sent = {"name": "Laptop", "credential": credential}
    assert ASKED in text_of(client.post("/security/passkeys/new/", sent))
    assert not Authenticator.objects.exists()
    proof = {**sent, "proof_wanted": "POST", "proof_password": PASSWORD}
    assert len(codes_in(client.post("/security/passkeys/new/", proof))) == 10
    assert len(keeping.held_by(school.student).passkeys) == 1


@pytest.mark.parametrize(("late", "is_good"), [(-1, True), (1, False)])
def test_an_answer_comes_in_time_or_not_at_all(school: School, late: int, is_good: bool) -> None:
    device, browser = set_up(school.student), Client()
    credential = device.show(asked(browser, CHALLENGE))
    session = browser.session
    session["passkey_asked"]["at"] = int(timezone.now().timestamp()) - GOOD_FOR[Purpose.ENTER] - late * 30
    session.save()
    browser.post("/login/passkey/", {"credential": credential})
    assert is_in(browser) is is_good
