"""What bad input has broken here, each once more."""

import base64
import string
from datetime import timedelta

import pytest

from tests.cast import NOW, School, token
from tests.torture.hostile.asking import FORM, JSON, Request, keeping_the_connection, send
from tests.torture.hostile.doors import doors
from tests.torture.hostile.people import People
from tokenportal.wsgi import application
from tokens import lifecycle
from tokens.lifecycle import Change
from tokens.models import State

pytestmark = pytest.mark.django_db
NOBODYS_CHARSET = "text/plain; charset*=x''%"


@pytest.fixture
def people(db: None) -> People:
    return People()


@pytest.mark.parametrize("target", ["/login/", "/api/v1/users/self"])
def test_a_media_type_in_a_charset_that_nobody_knows_is_answered(db: None, target: str) -> None:
    with keeping_the_connection():
        assert send(application, Request("GET", target, kind=NOBODYS_CHARSET)).status == (
            200 if target == "/login/" else 401
        )


def test_a_form_whose_boundary_is_no_ascii_is_a_bad_request(people: People) -> None:
    for target in ("/tokens/new/", "/api/v1/users/self/tokens"):
        request = Request("POST", target, people.headers("student", target), b"a", "multipart/form-data; boundary=\xff")
        with keeping_the_connection():
            assert send(application, request).status == 400


IN_PIECES = 'form-data; name="a"; name*=a; name*1=b'  # RFC 2231: of these, one has a number and one has none


@pytest.mark.parametrize("target", ["/tokens/new/", "/api/v1/users/self/tokens"])
def test_a_parameter_in_pieces_without_order_is_a_bad_request(people: People, target: str) -> None:
    body = f"--x\r\nContent-Disposition: {IN_PIECES}\r\n\r\nBent\r\n--x--".encode()
    headers = people.headers("student", target)
    with keeping_the_connection():
        in_a_part = send(application, Request("POST", target, headers, body, "multipart/form-data; boundary=x"))
        outside = send(application, Request("GET", target, headers, kind="multipart/form-data; x*=a; x*1=b"))
    assert in_a_part.status == 400
    assert outside.status < 500


@pytest.mark.parametrize("charset", ["hex", "rot13", "undefined", "idna", "utf-16", "nothing"])
@pytest.mark.parametrize("kind", ["application/json", FORM, "multipart/form-data; boundary=x"])
def test_a_page_is_shown_and_a_form_is_read_whatever_charset_is_named(people: People, kind: str, charset: str) -> None:
    headers = people.headers("teacher", "/tokens/")
    body = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--x--'
    with keeping_the_connection():
        for method in ("GET", "POST"):
            asked = Request(method, "/tokens/?q=%C3%A9", headers, body, f"{kind}; charset={charset}")
            assert send(application, asked).status < 500


@pytest.mark.parametrize("kind", [FORM, "text/plain; charset=latin-1", "text/plain; charset=hex"])
def test_a_query_of_too_many_fields_is_a_bad_request_whatever_charset_is_named(people: People, kind: str) -> None:
    target = f"/tokens/?{'&'.join(['a=1'] * 1_200)}"
    with keeping_the_connection():
        asked = Request("GET", target, people.headers("teacher", "/tokens/"), kind=kind)
        assert send(application, asked).status == 400


def test_a_successor_that_no_text_of_the_database_can_be_is_nobody(people: People) -> None:
    person = people.world.school.student
    made = token(person).token
    target = f"/people/{person.pk}/deactivate/"
    body = f"tokens=end&hand_over={made.pk}&to=1%00&reason=Left".encode()
    with keeping_the_connection():
        answer = send(application, Request("POST", target, people.headers("admin", target), body, FORM))
    assert answer.status == 200
    made.refresh_from_db()
    assert (made.user_id, made.state) == (person.pk, State.ACTIVE)


@pytest.mark.parametrize("end", [b"", b"--x", b"--x-", b"--y--"])
def test_a_form_that_was_cut_off_on_the_way_is_refused(people: People, end: bytes) -> None:
    target = "/api/v1/users/self/tokens"
    part = b'--x\r\nContent-Disposition: form-data; name="token[purpose]"\r\n\r\nCut\r\n'
    headers = people.headers("admin", target)
    with keeping_the_connection():
        whole = send(application, Request("POST", target, headers, part + b"--x--", "multipart/form-data; boundary=x"))
        cut = send(application, Request("POST", target, headers, part + end, "multipart/form-data; boundary=x"))
    assert (whole.status, cut.status) == (200, 400)


def test_a_part_of_a_form_whose_name_is_no_text_is_refused_and_not_passed_over(people: People) -> None:
    target = f"/api/v1/accounts/{people.world.school.arts.pk}/token_policy/preview"
    headers = people.headers("admin", target)
    with keeping_the_connection():
        for name, status in ((b"token_policy[student_cap_days]", 200), ("ä".encode(), 200), (b"\xff", 400)):
            body = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n30\r\n--x--\r\n' % name
            answer = send(application, Request("POST", target, headers, body, "multipart/form-data; boundary=x"))
            assert answer.status == status, name


def test_a_filter_that_no_text_of_the_database_can_be_finds_nothing(people: People) -> None:
    address = f"/api/v1/accounts/{people.world.school.arts.pk}/flags"
    with keeping_the_connection():
        for query in ("state=%00", "state=1%00", "rule=%00x"):
            request = Request("GET", f"{address}?{query}", people.headers("admin", address), kind=JSON)
            assert send(application, request).status == 200


def test_credentials_of_http_basic_have_one_spelling(people: People) -> None:
    """The last character of 88 bytes in base64 holds four bits that mean nothing."""
    door = doors(people)["introspect"]
    good = door.good.credential
    spellings = [good[:-3] + letter.encode() + b"==" for letter in string.ascii_letters + string.digits + "+/"]
    same = [each for each in spellings if base64.b64decode(each) == base64.b64decode(good)]
    assert len(same) == 16
    with keeping_the_connection():
        let_in = [each for each in same if send(application, door.asked(b"Basic " + each)).status == 200]
    assert let_in == [good]


@pytest.mark.parametrize("is_noted", [False, True])
@pytest.mark.parametrize("on_behalf", [False, True])
def test_a_suspended_token_that_is_over_lives_again_alike_before_and_after_the_job(
    school: School, is_noted: bool, on_behalf: bool
) -> None:
    made = token(school.student, days=1).token
    lifecycle.suspend(made, actor=school.admin, now=NOW)
    now = NOW + timedelta(days=2)
    if is_noted:
        assert lifecycle.expire_many(now=now, most=10) == 1
    actor, change = school.admin if on_behalf else school.student, Change(expires_at=now + timedelta(days=5))
    again = lifecycle.regenerate(made, change, actor=actor, now=now).token
    assert again.state == (State.PENDING if on_behalf else State.ACTIVE)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_way_on_that_is_no_address_leads_nowhere(people: People, method: str) -> None:
    target = "/login/code/?next=http://%5B::1"
    with keeping_the_connection():
        answer = send(application, Request(method, target, people.headers("teacher", "/login/code/"), b"", FORM))
    assert answer.status < 500
    assert "::1" not in answer.header("Location")


def test_a_form_field_may_be_anything_and_is_never_an_error_of_ours(people: People) -> None:
    for value in ("%00", "%ED%A0%80", "%F0%9F%92%A5", "9" * 400):
        body = f"client_id=tokenportal-cli&host={value}&purpose={value}&days={value}&scope={value}".encode()
        with keeping_the_connection():
            answer = send(application, Request("POST", "/oauth2/device_authorization", {}, body, FORM))
        assert answer.status in (200, 400)
