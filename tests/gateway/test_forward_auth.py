"""`/verify`: 200, 401, 403 or 503, whatever comes."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.roles import Base
from tests.cast import School, enroll, person, role, token
from tests.gateway.asking import Answer, ask
from tokens import emergency, lifecycle, usage
from tokens.emergency import target_of
from tokens.lifecycle import Issued
from tokens.stops import Whom

NAMES = ("X-Token-Subject", "X-Token-User", "X-Token-Account", "X-Token-Scopes", "X-Token-Id", "X-Token-Expires-At")


@pytest.fixture
def made(school: School) -> Issued:
    return token(school.student, now=timezone.now())


def verify(secret: str, query: str = "") -> Answer:
    return ask("/verify", authorization=f"Bearer {secret}", query=query)


def test_a_good_token_says_whose_it_is_in_six_headers(school: School, made: Issued) -> None:
    answer = verify(made.secret)
    assert (answer.code, answer.body) == (200, b"")
    assert [name for name in answer.headers if name.startswith("X-Token")] == list(NAMES)
    assert answer.headers["X-Token-Subject"] == str(school.student.pk)
    assert answer.headers["X-Token-User"] == "student"
    assert answer.headers["X-Token-Account"] == str(school.arts.pk)
    assert answer.headers["X-Token-Id"] == made.token.lookup_id
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", answer.headers["X-Token-Expires-At"])


def test_every_header_is_there_also_when_empty(school: School) -> None:
    secret = lifecycle.issue(
        school.teacher, purpose="x", expires_at=None, actor=school.teacher, now=timezone.now()
    ).secret
    headers = verify(secret).headers
    assert (headers["X-Token-Scopes"], headers["X-Token-Expires-At"]) == ("", "")


@pytest.mark.parametrize("login", ["zoë", "a b", "x\r\nX-Token-Subject: 1", "100%", "名"])
def test_no_name_breaks_out_of_its_header(school: School, login: str) -> None:
    user = person(login, email="")
    enroll(user, role(Base.STUDENT))
    value = verify(token(user, now=timezone.now()).secret).headers["X-Token-User"]
    assert value.isascii()
    assert value.isprintable()


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "PROPFIND"])
@pytest.mark.parametrize("path", ["/verify", "/verify/", "/verify/a/b"])
def test_any_method_and_any_path_below_is_answered_alike(made: Issued, method: str, path: str) -> None:
    assert ask(path, method=method, authorization=f"Bearer {made.secret}").code == 200


NOT_ONE_TOKEN = """
|Bearer|Bearer |Bearer x|Bearer {0},Bearer {0}|Bearer {0} {0}|Bearer\t{0}| Bearer {0}|Bearer {0}\0|Bearer {0}é
|{0}|Token {0}|Bearer {0}x|Bearer  {0} |Bearer "{0}"|Bearer={0}"""


@pytest.mark.parametrize("header", NOT_ONE_TOKEN.replace("\n", "").split("|"))
@pytest.mark.django_db
def test_anything_but_one_good_bearer_token_is_401(made: Issued, header: str) -> None:
    answer = ask("/verify", authorization=header.format(made.secret))
    assert answer.code == 401
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="tokenportal"')


def test_no_credentials_are_401() -> None:
    assert ask("/verify").code == 401


def test_dead_tokens_are_401_on_the_next_request(school: School, made: Issued) -> None:
    assert verify(made.secret).code == 200
    lifecycle.suspend(made.token, actor=school.admin, now=timezone.now())
    assert verify(made.secret).code == 401
    lifecycle.resume(made.token, actor=school.admin, now=timezone.now())
    assert verify(made.secret).code == 200
    User.objects.filter(pk=school.student.pk).update(is_active=False)
    assert verify(made.secret).code == 401


def test_paused_tokens_are_401_until_that_is_lifted(school: School, made: Issued) -> None:
    target = target_of(None, Whom.ROLE, account=school.arts, base=Base.STUDENT)
    paused = emergency.pause(target, reason="Something is wrong", actor=school.admin, now=timezone.now())
    assert verify(made.secret).code == 401
    emergency.lift(paused, actor=school.admin, now=timezone.now())
    assert verify(made.secret).code == 200


def test_demanded_scopes_that_a_token_lacks_are_403(school: School) -> None:
    secret = lifecycle.issue(
        school.admin, purpose="x", expires_at=None, scopes=["tokens:manage"], actor=school.admin, now=timezone.now()
    ).secret
    assert verify(secret, query="scope=tokens:manage").code == 200
    lacking = verify(secret, query="scope=tokens:manage+grades:read")
    assert lacking.code == 403
    assert lacking.headers["WWW-Authenticate"].endswith('error="insufficient_scope", scope="tokens:manage grades:read"')


def test_a_token_without_scopes_may_do_what_its_owner_may(made: Issued) -> None:
    assert verify(made.secret, query="scope=grades:read").code == 200


def test_the_check_goes_past_the_orm(made: Issued) -> None:
    with CaptureQueriesContext(connection) as by_orm:
        assert verify(made.secret).code == 200
    assert not by_orm.captured_queries


def test_uses_are_counted_also_of_dead_tokens(school: School, made: Issued) -> None:
    usage.buffer.flush()
    verify(made.secret)
    lifecycle.revoke(made.token, actor=school.admin, now=timezone.now())
    verify(made.secret)
    verify(made.secret)
    usage.buffer.flush()
    assert usage.roll_up(now=timezone.now()) >= 1
    made.token.refresh_from_db()
    day = made.token.days.get()
    assert day.outcomes == {"accepted": 1, "revoked": 2}
    assert (made.token.use_count, made.token.last_used_agent) == (1, "tests")
