"""Device authorization (RFC 8628): a program asks, a person answers in the browser, the program fetches its token."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import User
from policies import settings as settings_of
from tests.cast import School, token
from tests.gateway.asking import Answer, ask
from tests.journeys.test_no_secret_at_rest import dump_of_database
from tests.pages.visits import SECRET, client_of, text_of
from tokens import tasks
from tokens.devices import Fetched, codes, fetch
from tokens.models import AccessToken, DeviceCode

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
CLIENT = {"client_id": "tokenportal-cli"}
NO_SUCH_CODE = "No program waits under this code"


@pytest.fixture(autouse=True)
def unhurried() -> None:
    """Forget what was counted of earlier calls."""
    cache.clear()


def begin(**wish: str) -> dict[str, Any]:
    answer = ask("/oauth2/device_authorization", method="POST", form={**CLIENT, **wish})
    assert answer.code == 200, answer.body
    begun: dict[str, Any] = answer.json
    return begun


def poll(begun: dict[str, Any]) -> Answer:
    """Ask as a program does that has waited for as long as it was told."""
    DeviceCode.objects.update(polled_at=None)
    return ask_at_once(begun)


def ask_at_once(begun: dict[str, Any]) -> Answer:
    form = {**CLIENT, "grant_type": GRANT, "device_code": begun["device_code"]}
    return ask("/oauth2/token", method="POST", form=form)


def error_of(answer: Answer) -> str:
    assert answer.code == 400
    return str(answer.json["error"])


def allow(person: User, begun: dict[str, Any], **choices: str) -> str:
    """Answer with the form as it is drawn, but for `choices`; return the page that comes of it."""
    page = text_of(client_of(person).get("/device/", {"user_code": begun["user_code"]}))
    purpose = re.search(r'name="purpose" value="([^"]*)"', page)
    assert purpose, page
    form = {"user_code": begun["user_code"], "purpose": purpose[1], "days": "30", **choices}
    return text_of(client_of(person).post("/device/", form, follow=True))


def test_a_program_gets_the_token_that_its_person_allows(school: School) -> None:
    begun = begin(host="my-laptop")
    assert error_of(poll(begun)) == "authorization_pending"
    assert "Allowed." in allow(school.student, begun)
    answer = poll(begun)
    assert (answer.code, answer.headers["Cache-Control"]) == (200, "no-store")
    secret = answer.json["access_token"]
    assert SECRET.fullmatch(secret)
    made = AccessToken.objects.get()
    assert (made.user, made.creator, made.purpose) == (school.student, None, "Command line on my-laptop")
    assert made.expires_at is not None
    assert timedelta(days=29) < made.expires_at - timezone.now() < timedelta(days=32)
    assert ask("/verify", authorization=f"Bearer {secret}").code == 200


def test_the_secret_is_given_once_and_kept_nowhere(school: School) -> None:
    begun = begin(host="my-laptop")
    allow(school.student, begun)
    assert not AccessToken.objects.exists()  # nothing is made that nobody has fetched
    secret = poll(begun).json["access_token"]
    again = poll(begun)
    assert error_of(again) == "invalid_grant"
    kept = dump_of_database()
    assert secret not in kept
    assert secret.rpartition("_")[2] not in kept
    assert begun["device_code"] not in kept
    assert AccessToken.objects.count() == 1


def test_whoever_denies_sends_the_program_away(school: School) -> None:
    begun = begin()
    page = text_of(client_of(school.student).post("/device/deny/", {"user_code": begun["user_code"]}, follow=True))
    assert "Denied." in page
    assert error_of(poll(begun)) == "access_denied"
    assert not AccessToken.objects.exists()
    assert "Allowed" not in text_of(client_of(school.student).post("/device/", {"user_code": begun["user_code"]}))


def test_a_program_in_a_hurry_is_slowed_down(school: School) -> None:
    begun = begin()
    assert error_of(ask_at_once(begun)) == "authorization_pending"
    assert error_of(ask_at_once(begun)) == "slow_down"
    assert DeviceCode.objects.get().interval == begun["interval"] + 5


def test_a_code_is_good_for_ten_minutes(school: School) -> None:
    begun = begin()
    allow(school.student, begun)
    DeviceCode.objects.update(made_at=timezone.now() - timedelta(seconds=begun["expires_in"]))
    assert error_of(poll(begun)) == "expired_token"
    late = begin()
    DeviceCode.objects.update(made_at=timezone.now() - timedelta(seconds=late["expires_in"]))
    page = client_of(school.student).get("/device/", {"user_code": late["user_code"]})
    assert NO_SUCH_CODE in text_of(page)
    assert not AccessToken.objects.exists()


def test_a_student_cannot_allow_more_than_they_could_make(school: School) -> None:
    begun = begin(days="400")
    page = text_of(client_of(school.student).get("/device/", {"user_code": begun["user_code"]}))
    assert re.search(r'value="120" checked', page)
    assert "cannot be more than 120 days" in allow(school.student, begun, days="custom", until="2999-01-01")
    assert "Expiration date is required" in allow(school.student, begun, days="never")
    assert error_of(poll(begun)) == "authorization_pending"


def test_who_may_not_make_tokens_cannot_allow_one(school: School) -> None:
    settings_of.change(school.root, {"audience": "no_students"}, actor=None, now=timezone.now())
    begun = begin()
    assert "Allowed." not in allow(school.student, begun)
    assert error_of(poll(begun)) == "authorization_pending"


def test_whose_tokens_have_to_be_approved_cannot_allow_one_by_themselves(school: School) -> None:
    settings_of.change(school.root, {"approval": "students"}, actor=None, now=timezone.now())
    begun = begin()
    assert "Allowed." not in allow(school.student, begun)
    assert error_of(poll(begun)) == "authorization_pending"
    assert "Allowed." in allow(school.teacher, begun)


def test_a_rule_that_changes_before_the_token_is_fetched_has_the_last_word(school: School) -> None:
    begun = begin()
    allow(school.student, begun)
    settings_of.change(school.root, {"audience": "no_students"}, actor=None, now=timezone.now())
    answer = poll(begun)
    assert error_of(answer) == "access_denied"
    assert answer.json["error_description"]
    assert error_of(poll(begun)) == "access_denied"
    assert not AccessToken.objects.exists()


def test_scopes_that_are_asked_for_are_ticked_where_the_person_may_give_them(school: School) -> None:
    begun = begin(scope="tokens:manage")
    page = text_of(client_of(school.student).get("/device/", {"user_code": begun["user_code"]}))
    assert "It also asks for what you cannot give" in page
    assert "tokens:manage" not in page
    assert "scope_not_allowed" not in page
    page = text_of(client_of(school.admin).get("/device/", {"user_code": begun["user_code"]}))
    assert 'value="tokens:manage" checked' in page
    allow(school.admin, begun, scopes="tokens:manage")
    assert poll(begun).json["scope"] == "tokens:manage"


def test_a_scope_that_nobody_knows_is_refused(school: School) -> None:
    answer = ask("/oauth2/device_authorization", method="POST", form={**CLIENT, "scope": "no:such"})
    assert error_of(answer) == "invalid_scope"


def test_two_people_cannot_answer_one_program(school: School) -> None:
    begun = begin()
    allow(school.student, begun)
    client_of(school.other_student).post("/device/deny/", {"user_code": begun["user_code"]})
    page = client_of(school.other_student).get("/device/", {"user_code": begun["user_code"]})
    assert NO_SUCH_CODE in text_of(page)
    assert poll(begun).code == 200
    assert AccessToken.objects.get().user == school.student


def test_a_double_click_allows_once_and_says_so_twice(school: School) -> None:
    begun = begin()
    allow(school.student, begun)
    form = {"user_code": begun["user_code"], "purpose": "Again", "days": "7"}
    assert "Allowed." in text_of(client_of(school.student).post("/device/", form, follow=True))
    assert NO_SUCH_CODE in text_of(client_of(school.other_student).post("/device/", form))
    assert AuditEvent.objects.filter(action="device.approve").count() == 1
    assert poll(begun).json["purpose"] == "Command line"


@pytest.mark.django_db(transaction=True)
def test_two_that_fetch_at_the_same_moment_get_one_token() -> None:
    school = School()
    begun = begin()
    allow(school.student, begun)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(fetch_and_hang_up, [begun["device_code"]] * 6))
    assert len([fetched for fetched in answers if fetched.issued is not None]) == 1
    assert AccessToken.objects.count() == 1


def fetch_and_hang_up(device_code: str) -> Fetched:
    try:
        return fetch(device_code, now=timezone.now())
    finally:
        connection.close()


def test_an_answer_has_its_line_in_the_trail(school: School) -> None:
    begun = begin(host="my-laptop")
    allow(school.student, begun)
    poll(begun)
    lines = {event.action: event for event in AuditEvent.objects.filter(person=school.student)}
    assert set(lines) == {"device.approve", "token.issue"}
    assert lines["device.approve"].after["host"] == "my-laptop"
    assert lines["token.issue"].address == "192.0.2.7"
    refused = begin()
    client_of(school.student).post("/device/deny/", {"user_code": refused["user_code"]})
    assert AuditEvent.objects.filter(action="device.refuse", person=school.student).count() == 1


def test_what_a_program_says_of_itself_is_shown_as_text(school: School) -> None:
    secret = token(school.teacher, now=timezone.now()).secret
    begun = begin(host="<b>lab</b>\u202e\n" + "x" * 300, purpose=f"key {secret}")
    page = text_of(client_of(school.student).get("/device/", {"user_code": begun["user_code"]}))
    assert "<b>lab</b>" not in page
    assert "&lt;b&gt;lab&lt;/b&gt;" in page
    assert secret not in page
    assert secret not in dump_of_database()


def test_a_code_may_be_typed_in_any_way(school: School) -> None:
    begun = begin()
    typed = f" {begun['user_code'].lower().replace('-', ' ')} "
    assert begun["user_code"] in text_of(client_of(school.student).post("/device/", {"user_code": typed}))


def test_guessing_codes_comes_to_an_end(school: School) -> None:
    client = client_of(school.student)
    answers = [client.post("/device/", {"user_code": "BBBBBBBB"}).status_code for _ in range(61)]
    assert answers == [200] * 60 + [429]
    assert client_of(school.teacher).post("/device/", {"user_code": "BBBBBBBB"}).status_code == 200


def test_the_codes_are_long_and_hold_no_words() -> None:
    made = {codes.new_user_code() for _ in range(2000)}
    assert len(made) == 2000
    assert set("".join(made)) == set(codes.ALPHABET)
    assert all(len(code) == 8 for code in made)
    assert len(codes.new_device_code()) >= 43


def test_the_page_wants_somebody_who_is_signed_in(school: School) -> None:
    begun = begin()
    answer = client_of(school.student)
    answer.logout()
    gone = answer.get("/device/", {"user_code": begun["user_code"]})
    assert gone.status_code == 302
    assert gone["Location"] == f"/login/?next=/device/%3Fuser_code%3D{begun['user_code']}"


@pytest.mark.parametrize(
    ("path", "form", "error"),
    [
        ("/oauth2/device_authorization", {}, "invalid_client"),
        ("/oauth2/device_authorization", {"client_id": "somebody"}, "invalid_client"),
        ("/oauth2/device_authorization", {**CLIENT, "days": "soon"}, "invalid_request"),
        ("/oauth2/token", {"grant_type": GRANT, "device_code": "x"}, "invalid_client"),
        ("/oauth2/token", {**CLIENT, "grant_type": "password"}, "unsupported_grant_type"),
        ("/oauth2/token", {**CLIENT, "grant_type": GRANT}, "invalid_request"),
        ("/oauth2/token", {**CLIENT, "grant_type": GRANT, "device_code": "x\0"}, "invalid_grant"),
    ],
)
def test_what_is_wrong_is_named_as_the_rfcs_do(db: None, path: str, form: dict[str, str], error: str) -> None:
    answer = ask(path, method="POST", form=form)
    assert answer.json["error"] == error
    assert answer.code == (401 if error == "invalid_client" else 400)
    assert answer.headers["Cache-Control"] == "no-store"
    assert ask(path).code == 405


def test_asking_is_limited_by_address(db: None) -> None:
    answers = [ask("/oauth2/device_authorization", method="POST", form=CLIENT).code for _ in range(31)]
    assert answers == [200] * 30 + [429]


def test_the_portal_says_where_these_doors_are(db: None) -> None:
    said = ask("/.well-known/oauth-authorization-server").json
    assert said["grant_types_supported"] == [GRANT]
    assert said["device_authorization_endpoint"] == f"{settings.PUBLIC_URL}/oauth2/device_authorization"
    assert said["token_endpoint"] == f"{settings.PUBLIC_URL}/oauth2/token"
    begun = begin()
    assert begun["verification_uri"] == f"{settings.PUBLIC_URL}/device/"
    assert begun["verification_uri_complete"] == f"{settings.PUBLIC_URL}/device/?user_code={begun['user_code']}"


def test_old_codes_are_forgotten(school: School) -> None:
    begun = begin()
    assert tasks.forget_device_codes() == 0
    DeviceCode.objects.update(made_at=timezone.now() - timedelta(hours=2))
    assert tasks.forget_device_codes() == 1
    assert error_of(poll(begun)) == "invalid_grant"


def test_a_token_without_an_end_is_handed_over_without_one(school: School) -> None:
    begun = begin()
    allow(school.teacher, begun, days="never")
    answer = poll(begun)
    assert answer.code == 200, answer.body
    assert answer.json["expires_at"] is None
    assert "expires_in" not in answer.json
