"""What arrives broken, huge or hostile is refused in our shape and changes nothing."""

from io import BytesIO
from typing import Any

import pytest
from django.test import RequestFactory

from tests.api.caller import Caller, bearer_of, manager_of, session_of
from tests.cast import School
from tokenportal.middleware import read_body
from tokens.models import AccessToken

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=b"
WAYS = ("POST users/self/tokens", "DELETE users/self/user_generated_tokens")


def part(name: str, value: bytes) -> bytes:
    return b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n--b--\r\n' % (name.encode(), value)


@pytest.fixture
def student(school: School) -> Caller:
    return session_of(school.student)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (JSON, b"{"),
        (JSON, b"{}{}"),
        (JSON, b"\xff"),
        (JSON, b"\xef\xbb\xbf{}"),
        (JSON, '{"token": {}}'.encode("utf-16")),
        (JSON, b'{"token": {"purpose": NaN}}'),
        (JSON, b'{"x": -Infinity}'),
        (JSON, b'{"token": {"purpose": "a", "purpose": "b"}}'),
        (JSON, b'{"token": {}, "token": {}}'),
        (JSON, b"[" * 30_000),
        (JSON, b"[" * 900 + b"]" * 900),
        (JSON, b'{"a":' * 5000 + b"1" + b"}" * 5000),
        (JSON, b'{"x": %s}' % (b"9" * 5000)),
        (JSON, rb'{"token": {"purpose": "\ud800"}}'),
        (JSON, rb'{"\udfff": 1}'),
        (JSON, rb'{"token": {"scopes": ["\ud800"]}}'),
        (JSON, rb'{"token": {"purpose": "\x"}}'),
        ("application/json; charset=utf-16", '{"token": {}}'.encode("utf-16")),
        (FORM, b"token[purpose]=a&token[purpose]=b"),
        (FORM, b"reason=a&reason=b"),
        (FORM, b"token=a&token[purpose]=b"),
        (FORM, b"token[purpose]=b&token=a"),
        (FORM, b"token[scopes]=b&token[scopes][]=a"),
        (FORM, b"token[purpose]=%ff"),
        (FORM, b"token[purpose]=\xff"),
        (FORM, b"token[purpose]=%ED%A0%80"),
        (FORM, b"a=1&" * 1001),
        (FORM, b"a" + b"[b]" * 30 + b"=1"),
        (PARTS, part("token[purpose]", b"\xff")),
        ("multipart/form-data", b"--b--"),
        ("multipart/form-data; boundary=\xe9", b"--b--"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(student: Caller, way: str, content_type: str, body: bytes) -> None:
    method, _space, path = way.partition(" ")
    assert student.send(method, path, body, content_type).refusal == (400, "body_invalid")


@pytest.mark.parametrize("body", [b"[]", b"[1]", b'"x"', b"5", b"null", b"true", b'[{"token": {}}]'])
def test_a_body_of_another_kind_than_an_object_is_refused(student: Caller, body: bytes) -> None:
    answer = student.send("POST", "users/self/tokens", body, JSON)
    assert answer.status == 400
    assert set(answer.codes) <= {"parameter_invalid", "purpose_missing", "expiry_required"}


@pytest.mark.parametrize("token", [[], "x", 5, False, [[]]])
def test_a_token_of_another_kind_than_an_object_is_refused(student: Caller, token: Any) -> None:
    answer = student.post("users/self/tokens", {"token": token})
    assert (answer.refusal, answer.body["errors"][0]["field"]) == ((400, "parameter_invalid"), "token")


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/xml", "x", "application/json/x", "\x00", "é"])
def test_what_is_neither_json_nor_a_form_is_refused(student: Caller, content_type: str) -> None:
    answer = student.send("POST", "users/self/tokens", b"token[purpose]=x", content_type)
    assert answer.refusal == (415, "unsupported_media_type")


@pytest.mark.parametrize("charset", ["utf-16", "zlib", "rot13", "idna", "nonsense", "utf-7"])
def test_no_charset_changes_how_anything_is_read(student: Caller, charset: str) -> None:
    answer = student.send("GET", "users/self?x=%41%ff&%2b", b"", f"application/json; charset={charset}")
    assert answer.status == 200


def test_a_body_of_64_kib_is_read_and_one_byte_more_is_not(student: Caller) -> None:
    fits, beyond = (b'{"x": "%s"}' % (b"x" * (size - 9)) for size in (65_536, 65_537))
    assert (len(fits), len(beyond)) == (65_536, 65_537)
    assert student.send("POST", "users/self/tokens", fits, JSON).codes == ["purpose_missing", "expiry_required"]
    assert student.send("POST", "users/self/tokens", beyond, JSON).refusal == (413, "body_too_large")
    assert Caller().send("POST", "users/self/tokens", beyond, "x/y").refusal == (413, "body_too_large")


def test_a_body_in_chunks_is_read_like_any_other() -> None:
    request = RequestFactory().post("/api/v1/users/self/tokens")
    request.META |= {"wsgi.input": BytesIO(b"{}"), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    read_body(request)
    assert (request.body, request.read()) == (b"{}", b"{}")


def test_a_flood_of_scopes_is_refused(student: Caller) -> None:
    values = {"purpose": "x", "expires_at": "2026-12-31", "scopes": [f"s{number}" for number in range(6000)]}
    assert student.post("users/self/tokens", {"token": values}).refusal == (400, "scope_unknown")


def test_broken_bodies_make_and_end_nothing(school: School) -> None:
    caller = manager_of(school.admin)
    for way in WAYS:
        method, _space, path = way.partition(" ")
        caller.send(method, path, b"{", JSON)
    assert AccessToken.objects.count() == 1
    assert caller.get("users/self").status == 200


@pytest.mark.parametrize(
    "path", ["", "nothing", "users", "users//tokens", "users/self/tokens/", "accounts/self/x/y", "%ff"]
)
def test_an_address_that_is_none_is_said_in_our_shape(school: School, path: str) -> None:
    for caller in (Caller(), bearer_of(school.student)):
        answer = caller.get(path)
        assert answer.refusal in ((404, "not_found"), (405, "method_not_allowed"), (401, "unauthenticated"))


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_no_csrf_token_is_asked_for_where_there_is_nothing(db: None, method: str) -> None:
    assert Caller().call(method, "nothing/here").refusal == (404, "not_found")


@pytest.mark.parametrize("method", ["PATCH", "TRACE", "PUT", "POST", "FOO"])
def test_a_method_that_is_none_is_said_in_our_shape(school: School, method: str) -> None:
    answer = bearer_of(school.student).call(method, "users/self")
    assert answer.refusal == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_a_host_that_is_not_ours_is_refused_in_our_shape(db: None) -> None:
    assert Caller().get("users/self", Host="evil.example").refusal == (400, "bad_request")
