"""POST /leaks, in the form of GitHub's secret scanning."""

import base64
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from tests.api.caller import bearing, made
from tests.cast import School
from tests.leaks.scanners import NAME, Scanner, find
from tokenportal.settings.tokens import leak_keys
from tokens import secrets, tasks
from tokens.models import Leak
from tokens.models.leak import Outcome

# As GitHub's documentation has it: a key that is out of use since, a body and a signature that fit it.
OLD_KEY = "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n"


@pytest.fixture
def scanner(settings: Settings) -> Scanner:
    known = Scanner()
    settings.LEAK_KEYS = {NAME: known.pem}
    return known


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


def test_a_signed_report_of_the_whole_secret_ends_the_token(school: School, scanner: Scanner) -> None:
    issued = made(school.student)
    assert bearing(issued.secret).get("users/self").status == 200
    answer = scanner.report(find(issued.secret))
    assert (answer.status_code, answer.content) == (204, b"")
    assert tasks.settle_leaks() == 1
    assert bearing(issued.secret).get("users/self").status == 401
    leak = Leak.objects.get()
    assert (leak.token, leak.outcome, leak.place) == (issued.token, Outcome.REVOKED, "content")
    assert leak.url == "https://github.com/o/r/blob/12345600b9cbe38a219f39a9941c9319b600c002/a.py"


def test_a_wrong_secret_or_a_bare_lookup_id_ends_nothing(school: School, scanner: Scanner) -> None:
    issued = made(school.student)
    body = f"tpat_{issued.token.lookup_id}_{'x' * secrets.SECRET_LENGTH}"
    wrong = body + secrets.checksum(body)
    answer = scanner.report(find(wrong), find(issued.token.lookup_id), find("x"), find(secrets.generate().text))
    assert answer.status_code == 204
    assert tasks.settle_leaks() == 0
    assert bearing(issued.secret).get("users/self").status == 200
    assert Leak.objects.get().outcome == Outcome.WRONG


@pytest.mark.parametrize(
    ("headers", "refusal"),
    [
        ({"Github_Public_Key_Signature": ""}, (401, "signature_missing")),
        ({"Github_Public_Key_Identifier": ""}, (401, "signature_missing")),
        ({"Github_Public_Key_Identifier": "another"}, (403, "signature_invalid")),
        ({"Github_Public_Key_Signature": "no base64!"}, (403, "signature_invalid")),
        ({"Github_Public_Key_Signature": base64.b64encode(b"no signature").decode()}, (403, "signature_invalid")),
    ],
)
def test_what_is_not_signed_is_not_looked_at(
    school: School, scanner: Scanner, headers: dict[str, str], refusal: tuple[int, str]
) -> None:
    issued = made(school.student)
    body = f'[{{"token": "{issued.secret}"}}]'.encode()
    assert code_of(scanner.send(body, **headers)) == refusal
    assert not Leak.objects.exists()


def test_a_signature_holds_for_the_very_bytes(school: School, scanner: Scanner) -> None:
    body = f'[{{"token": "{made(school.student).secret}"}}]'.encode()
    assert code_of(scanner.send(body + b" ", Github_Public_Key_Signature=scanner.sign(body)))[0] == 403
    assert scanner.send(body).status_code == 204


def test_another_scanner_is_not_believed_under_a_name_that_is(school: School, scanner: Scanner) -> None:
    assert code_of(Scanner().report(find(made(school.student).secret))) == (403, "signature_invalid")


def test_several_keys_are_believed_and_one_that_is_retired_is_not(school: School, settings: Settings) -> None:
    first, second, retired = Scanner("first"), Scanner("second"), Scanner("retired")
    listed = [
        f'{{"key_identifier": "{each.name}", "key": {each.pem!r}, "is_current": {now}}}'.replace("'", '"')
        for each, now in ((first, "true"), (second, "true"), (retired, "false"))
    ]
    settings.LEAK_KEYS = leak_keys(f'{{"public_keys": [{", ".join(listed)}]}}')
    find_ = find(made(school.student).secret)
    assert [each.report(find_).status_code for each in (first, second, retired)] == [204, 204, 403]


def test_keys_that_make_no_sense_stop_the_portal_from_starting() -> None:
    assert leak_keys("") == {}
    for text in ("{}", "[]", "no json", '{"public_keys": [{"key": "x"}]}'):
        with pytest.raises(ImproperlyConfigured):
            leak_keys(text)


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[1]", b"[{}]", b'[{"token": 1}]', b"no json", b"\xff", b"[" * 100_000, b"null"]
)
def test_what_is_signed_and_no_report_is_refused(school: School, scanner: Scanner, body: bytes) -> None:
    assert code_of(scanner.send(body)) == (400, "report_invalid")


def test_what_is_too_large_is_not_read(school: School, scanner: Scanner) -> None:
    assert code_of(scanner.send(b" " * (1024 * 1024 + 1))) == (413, "body_too_large")
    assert scanner.send(b"[" + b" " * (1024 * 1024 - 2) + b"]").status_code == 204


def test_without_a_key_there_is_no_such_address(school: School, settings: Settings) -> None:
    settings.LEAK_KEYS = {}
    assert code_of(Scanner().report()) == (404, "not_found")
