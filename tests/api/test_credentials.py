"""How a caller is known: the table "How a bearer token is read"."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from tests.api.caller import Answer, Caller, bearer_of, bearing, made, session_of
from tests.cast import School
from tokens import emergency, lifecycle
from tokens.emergency import target_of
from tokens.models import AccessToken
from tokens.stops import Whom

ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
CHALLENGE = 'Bearer realm="tokenportal"'
INVALID = {"errors": [{"message": "Invalid access token.", "code": "invalid_token"}]}


def with_header(value: str) -> Answer:
    return Caller({"Authorization": value}).get("users/self")


def test_a_good_token_lets_its_owner_in(school: School) -> None:
    answer = bearer_of(school.student).get("users/self")
    assert (answer.status, answer.body["login_id"]) == (200, "student")


def test_no_credentials_is_said_in_canvas_words(db: None) -> None:
    answer = Caller().get("users/self")
    assert answer.status == 401
    assert answer.body == {
        "status": "unauthenticated",
        "errors": [{"message": "user authorization required", "code": "unauthenticated"}],
    }
    assert answer.headers["WWW-Authenticate"] == CHALLENGE


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER ", "Bearer   "])
def test_the_scheme_stands_in_any_case_before_any_number_of_spaces(school: School, scheme: str) -> None:
    assert with_header(scheme + made(school.student).secret).status == 200


@pytest.mark.parametrize(
    "shape",
    [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "{}",
        "Basic {}",
        "Bearer\t{}",
        "Bearer {} ",
        "Bearer {}x",
        "Bearer {},",
        "Bearer {}\x00",
        "Bearer x,{}",
        "Bearer é{}",
        " Bearer {}",
        "Bearer {} {}",
        "Token {}",
        "Bearer \xa0{}",
    ],
)
def test_anything_but_one_well_formed_token_is_invalid(school: School, shape: str) -> None:
    answer = with_header(shape.replace("{}", made(school.student).secret))
    assert (answer.status, answer.body) == (401, INVALID)
    assert answer.headers["WWW-Authenticate"] == (
        f'{CHALLENGE}, error="invalid_token", error_description="Invalid access token."'
    )


def test_two_authorization_headers_are_refused_before_either_is_read(school: School) -> None:
    secret = made(school.student).secret
    for value in (f"Bearer {secret},Bearer {secret}", f"Bearer {secret}, Basic eDp5", f"Basic eDp5,Bearer {secret}"):
        assert with_header(value).refusal == (400, "invalid_request")


@pytest.mark.parametrize("query", ["access_token=x", "access_token=", "access_token", "a=1&access%5Ftoken=x"])
def test_a_token_in_the_address_is_refused_beside_a_good_header_too(school: School, query: str) -> None:
    for caller in (bearer_of(school.student), session_of(school.student), Caller()):
        assert caller.get(f"users/self?{query}").refusal == (400, "token_in_url")


def test_a_body_is_never_read_for_credentials(school: School) -> None:
    body = {"access_token": made(school.student).secret}
    assert Caller().form("POST", "users/self/tokens", body).refusal == (401, "unauthenticated")


def test_a_bad_token_is_fatal_beside_a_good_session(school: School) -> None:
    assert session_of(school.student).get("users/self", Authorization="Bearer x").refusal == (401, "invalid_token")


def test_revoked_is_told_to_whoever_holds_the_full_secret(school: School) -> None:
    issued = made(school.student)
    lifecycle.revoke(issued.token, actor=None, now=timezone.now())
    answer = bearing(issued.secret).get("users/self")
    assert answer.body == {"errors": [{"message": "Revoked access token.", "code": "revoked_token"}]}
    assert answer.headers["WWW-Authenticate"].endswith(
        'error="invalid_token", error_description="Revoked access token."'
    )


def test_expired_is_told_with_the_moment(school: School) -> None:
    issued = made(school.student)
    end = timezone.now() - timedelta(minutes=1)
    AccessToken.objects.filter(pk=issued.token.pk).update(expires_at=end)
    [error] = bearing(issued.secret).get("users/self").body["errors"]
    assert (error["message"], error["code"]) == ("Expired access token.", "expired_token")
    assert error["expired_at"] == end.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_pending_and_suspended_differ_by_code_only(school: School) -> None:
    pending = made(school.student, actor=school.admin)
    suspended = made(school.student)
    lifecycle.suspend(suspended.token, actor=school.admin, now=timezone.now())
    for issued, code in ((pending, "pending_token"), (suspended, "suspended_token")):
        answer = bearing(issued.secret).get("users/self")
        assert answer.body == {"errors": [{"message": "Invalid access token.", "code": code}]}


def test_a_paused_token_differs_by_its_code_only(school: School) -> None:
    issued, now = made(school.student), timezone.now()
    paused = emergency.pause(target_of(None, Whom.EVERYTHING), reason="Something is wrong", actor=None, now=now)
    answer = bearing(issued.secret).get("users/self")
    assert answer.status == 401
    assert answer.body == {"errors": [{"message": "Invalid access token.", "code": "paused_token"}]}
    emergency.lift(paused, actor=None, now=now)
    assert bearing(issued.secret).get("users/self").status == 200


def test_nothing_is_told_to_whoever_lacks_the_full_secret(school: School) -> None:
    issued = made(school.student)
    lifecycle.revoke(issued.token, actor=None, now=timezone.now())
    near = made(school.student).secret.split("_")[2]
    prefix, lookup_id, _secret = issued.secret.split("_")
    assert with_header(f"Bearer {prefix}_{lookup_id}_{near}").body == INVALID


def test_the_token_of_a_person_who_may_not_sign_in_is_invalid(school: School) -> None:
    caller = bearer_of(school.student)
    User.objects.filter(pk=school.student.pk).update(is_active=False)
    assert caller.get("users/self").body == INVALID


def test_every_authenticated_answer_says_when_its_token_ends_and_is_kept_nowhere(school: School) -> None:
    caller = bearer_of(school.student)
    for path in ("users/self", "users/self/tokens/99", "users/0/user_generated_tokens"):
        headers = caller.get(path).headers
        assert ISO.fullmatch(headers["Token-Expires-At"])
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Request-Id"]


def test_a_token_without_an_end_has_no_such_header(school: School) -> None:
    caller = bearing(made(school.teacher, days=None).secret)
    assert "Token-Expires-At" not in caller.get("users/self").headers


def test_a_session_changes_nothing_without_its_csrf_token(school: School) -> None:
    caller = session_of(school.student)
    caller.headers.clear()
    assert caller.get("users/self").status == 200
    assert caller.post("users/self/tokens", {}).refusal == (403, "csrf_failed")


def test_a_session_that_is_over_is_no_credentials(school: School) -> None:
    caller = session_of(school.student)
    User.objects.filter(pk=school.student.pk).update(is_active=False)
    assert caller.get("users/self").refusal == (401, "unauthenticated")
