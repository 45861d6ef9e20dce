"""Anybody who holds a whole token reports it, by POST /leaks/public or on the page; the answer is always the same."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tests.api.caller import bearing, made
from tests.cast import School
from tests.pages.visits import said_in, text_of
from tokens import secrets, tasks
from tokens.models import Leak
from tokens.models.leak import FoundBy

PAGE = "/leaks/report/"


@pytest.fixture(autouse=True)
def _a_quiet_day() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def post(data: Any, content_type: str = "application/json") -> Any:
    client = Client(enforce_csrf_checks=True)
    return client.post("/leaks/public", data, content_type=content_type)


def wrong_of(issued: Any) -> str:
    body = f"tpat_{issued.token.lookup_id}_{'x' * secrets.SECRET_LENGTH}"
    return body + secrets.checksum(body)


def test_whoever_holds_the_whole_token_ends_it(school: School) -> None:
    issued = made(school.student)
    assert post({"token": f" {issued.secret}\n", "url": "a chat"}).status_code == 204
    assert tasks.settle_leaks() == 1
    assert bearing(issued.secret).get("users/self").status == 401
    leak = Leak.objects.get()
    assert (leak.found_by, leak.url) == (FoundBy.ANYBODY, "a chat")


def test_a_form_does_as_well(school: School) -> None:
    issued = made(school.student)
    body = f"token={issued.secret}"
    assert post(body, "application/x-www-form-urlencoded").status_code == 204
    assert Leak.objects.get().token == issued.token


def test_the_answer_is_the_same_whatever_is_true(school: School) -> None:
    right, ended = made(school.student), made(school.teacher)
    sent = [right.secret, right.secret, wrong_of(ended), ended.token.lookup_id, secrets.generate().text, "", "x\0", 7]
    answers = [post({"token": each}) for each in sent]
    assert {(answer.status_code, answer.content) for answer in answers} == {(204, b"")}
    said = [{name: value for name, value in answer.items() if name != "X-Request-Id"} for answer in answers]
    assert all(each == said[0] for each in said)
    assert [leak.token for leak in Leak.objects.all()] == [right.token]
    assert post([]).status_code == post({}).status_code == 204


def test_one_address_may_report_so_often(school: School) -> None:
    statuses = [post({"token": "x"}).status_code for _ in range(32)]
    assert statuses == [204] * 30 + [429] * 2
    assert post({"token": "x"}).json()["errors"][0]["code"] == "rate_limited"
    page = Client().post(PAGE, {"token": "x"})
    assert page.status_code == 429
    assert int(page["Retry-After"]) > 0
    elsewhere = Client().post("/leaks/public", {"token": "x"}, "application/json", REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 204


def test_what_cannot_be_read_is_refused_in_the_shape_of_the_api(school: School) -> None:
    answer = post("{no json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"]


def test_the_page_is_open_to_all_and_says_the_same_always(school: School) -> None:
    assert 'href="/leaks/report/"' in text_of(Client().get("/login/"))
    assert "Found a token?" in text_of(Client().get(PAGE))
    right, other = made(school.student), made(school.teacher)
    pages = [said_in(Client().post(PAGE, {"token": text})) for text in (right.secret, wrong_of(other), "nonsense", "")]
    assert pages[0] == pages[1] == pages[2] == pages[3]
    assert "Thank you" in pages[0]
    assert "no-store" in Client().get(PAGE)["Cache-Control"]
    assert [leak.token for leak in Leak.objects.all()] == [right.token]
    assert not re.search(r"tpat_\w+_\w{20}", pages[0])


def test_the_page_takes_no_form_of_another_site(school: School) -> None:
    assert Client(enforce_csrf_checks=True).post(PAGE, {"token": "x"}).status_code == 403
