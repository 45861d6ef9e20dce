"""Idempotency-Key: a POST that is sent again makes nothing a second time."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from tests.api.caller import Answer, Caller, made, manager_of, session_of
from tests.api.test_making import values
from tests.cast import School
from tokens.idempotency import Call
from tokens.models import AccessToken, IdempotentAnswer
from tokens.tasks import forget_idempotency_keys

PATH = "users/self/tokens"


@pytest.fixture
def teacher(school: School) -> Caller:
    return session_of(school.teacher)


def post(caller: Caller, key: str, path: str = PATH, **changes: Any) -> Answer:
    body = values(**{"expires_at": "2099-01-01", **changes})
    return caller.post(path, body, Idempotency_Key=key)


def test_the_same_call_again_names_the_same_token_without_its_secret(teacher: Caller) -> None:
    first, second = post(teacher, "k"), post(teacher, "k")
    assert (second.status, second.body["id"]) == (200, first.body["id"])
    assert second.body["visible_token"] == f"{first.body['hint']}..."
    assert AccessToken.objects.count() == 1


def test_the_same_values_written_as_a_form_are_the_same_call(teacher: Caller) -> None:
    first = post(teacher, "k")
    fields = {"token[purpose]": "Grade dashboard", "token[expires_at]": "2099-01-01"}
    assert teacher.form("POST", PATH, fields, Idempotency_Key="k").body["id"] == first.body["id"]


def test_another_body_under_the_key_is_refused(teacher: Caller) -> None:
    post(teacher, "k")
    assert post(teacher, "k", purpose="Other").refusal == (422, "idempotency_mismatch")
    assert AccessToken.objects.count() == 1


def test_keys_are_per_caller_and_per_endpoint(school: School, teacher: Caller) -> None:
    admin = session_of(school.admin)
    calls = [(teacher, PATH), (admin, PATH), (admin, f"users/{school.teacher.pk}/tokens")]
    assert len({post(caller, "k", path).body["id"] for caller, path in calls}) == 3


def test_self_and_the_number_are_one_endpoint(school: School, teacher: Caller) -> None:
    assert post(teacher, "k").body["id"] == post(teacher, "k", f"users/{school.teacher.pk}/tokens").body["id"]


def test_a_bearer_and_a_session_of_one_person_are_one_caller(school: School) -> None:
    one, other = manager_of(school.admin), session_of(school.admin)
    assert post(one, "k").body["id"] == post(other, "k").body["id"]


def test_a_refusal_is_not_remembered(teacher: Caller) -> None:
    assert post(teacher, "k", purpose="").refusal == (400, "purpose_blank")
    assert post(teacher, "k").status == 200


def test_while_the_first_is_running_the_second_waits_its_turn(school: School, teacher: Caller) -> None:
    lock = Call(school.teacher, f"users/{school.teacher.pk}/tokens", "k", {}).lock
    parameters = connection.get_connection_params()
    where = {name: parameters[name] for name in ("host", "port", "user", "password", "dbname") if name in parameters}
    with psycopg.connect(**where) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [lock])
        answer = post(teacher, "k")
        assert answer.refusal == (409, "idempotency_busy")
        assert answer.headers["Retry-After"] == "1"
    assert post(teacher, "k").status == 200


def test_a_key_is_forgotten_after_a_day(teacher: Caller) -> None:
    first = post(teacher, "k")
    IdempotentAnswer.objects.update(created_at=timezone.now() - timedelta(hours=24))
    assert post(teacher, "k").body["id"] != first.body["id"]
    IdempotentAnswer.objects.update(created_at=timezone.now() - timedelta(hours=24))
    assert forget_idempotency_keys() == 1


@pytest.mark.parametrize("key", ["k", "K 1", "~!\"'%,", "x" * 255])
def test_any_printable_ascii_is_a_key(teacher: Caller, key: str) -> None:
    assert post(teacher, key).body["id"] == post(teacher, key).body["id"]


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\tb", "a\x00", "a\x7f"])
def test_anything_else_is_not(teacher: Caller, key: str) -> None:
    assert post(teacher, key).refusal == (400, "idempotency_key_invalid")


def test_a_key_is_no_way_around_the_right(school: School, teacher: Caller) -> None:
    post(teacher, "k")
    assert post(session_of(school.student), "k", f"users/{school.teacher.pk}/tokens").refusal == (403, "forbidden")


def test_moves_are_made_once_as_well(school: School) -> None:
    issued = made(school.student, actor=school.admin)
    student = session_of(school.student)
    path = f"users/self/tokens/{issued.token.pk}/activate"
    answers = [student.post(path, Idempotency_Key="k") for _ in range(2)]
    assert [answer.body["state"] for answer in answers] == ["active", "active"]
    assert student.post(path).refusal == (400, "already_active")
