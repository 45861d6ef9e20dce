"""The short form of the fields: naughty values, broken bodies and odd headers by chance, at a part of all routes."""

from collections.abc import Callable
from random import Random
from typing import Any
from unittest.mock import patch

import pytest

from policies import validity
from tests.matrix.routes import GATEWAY
from tests.torture.hostile.asking import Application, Request, send
from tests.torture.hostile.attack import Attack, Tries, Try
from tests.torture.hostile.fields import OF_DOORS, Field, Fields, Place, Route, all_routes
from tests.torture.hostile.people import People
from tests.torture.hostile.planted import FATAL, failing
from tokenportal.wsgi import application

pytestmark = pytest.mark.django_db
PART = 6  # one of so many routes
SOME = 300


@pytest.fixture
def _django_db_helper(people: People) -> None:
    """In place of pytest-django's, which would close the connection, and with it the school, after each test."""


def found_by(people: People, random: Random, application: Application = application) -> Attack:
    """Attack a part of the routes."""
    routes = all_routes()[random.randrange(PART) :: PART]
    attack, tries = Attack(application, people), Tries(people, random)
    attack.run(tries.of_fields(Fields(application, people, routes).all, SOME))
    attack.run(tries.of_routes(all_routes(), SOME))
    return attack


def test_no_value_breaks_a_field_and_whoever_is_refused_changes_nothing(people: People, by_chance: Random) -> None:
    attack = found_by(people, by_chance)
    assert dict(attack.found.wrong) == {}
    assert attack.found.requests == 2 * SOME
    assert len(attack.found.statuses) > 4


def test_a_planted_failure_on_one_value_is_found(people: People) -> None:
    path = Field("GET", "/people/<int:user_id>/", Place.PATH, ("user_id",))
    attack, tries = Attack(failing, people), Tries(people, Random(1))
    attack.run(tries.of_field(path) for _each in range(150))
    assert attack.found.wrong
    assert all(FATAL in words and "failed with 500" in words for words in attack.found.wrong)


def test_a_planted_loss_of_a_check_is_found(people: People) -> None:
    address = "/api/v1/accounts/<str:account_id>/token_policy"
    cap = Field("PUT", address, Place.JSON, ("token_policy", "guidance_text"))
    tries = Tries(people, Random(1))
    lost: Callable[[str, Any], None] = lambda _name, _value: None  # noqa: E731  # a check that checks nothing
    with patch.dict(validity._CHECKS, guidance_text=lost):
        attack = Attack(application, people)
        attack.run(tries.of_field(cap) for _each in range(80))
    assert attack.found.wrong


def test_what_is_refused_and_changes_something_nevertheless_is_found(people: People) -> None:
    def writing(environ: dict[str, Any], start_response: Any) -> Any:
        answered = application(environ, start_response)
        people.world.school.root.name = "Changed"
        people.world.school.root.save()
        return answered

    address = "/api/v1/users/self/token_requests"
    request = Request("POST", address, people.headers("student", address), b"{", "application/json")
    attack = Attack(writing, people)
    attack.run(iter([Try("student", address, request, "half of an object", is_good=False)]))
    [words] = attack.found.wrong
    assert words.endswith("answered 400, and changed accounts_account")


def test_every_route_with_fields_in_the_document_is_tried(people: People) -> None:
    found = Fields(application, people, [route for route in all_routes() if route[1].startswith("/api/")]).all
    with_bodies = {(each.method, each.address) for each in found if each.place == Place.JSON}
    assert len(with_bodies) > 20
    assert ("token", "expires_at") in {each.path for each in found if each.place == Place.JSON and each.is_date}


def test_every_door_that_reads_something_is_tried() -> None:
    assert {address for address in GATEWAY if not address.startswith("/.well-known/")} == set(OF_DOORS)


def test_the_forms_of_the_pages_are_found_with_what_stands_in_them(people: People) -> None:
    new: list[Route] = [("GET", "/tokens/new/"), ("POST", "/tokens/new/")]
    fields = {each.path[0]: each for each in Fields(application, people, new).all if each.method == "POST"}
    assert {"purpose", "until", "key"} <= set(fields)
    assert fields["until"].is_date
    assert fields["purpose"].base["key"]


def test_an_answer_is_read_as_a_web_server_would_read_it(people: People) -> None:
    answer = send(application, Request("GET", "/login/"))
    assert (answer.status, answer.kind) == (200, "text/html")
    assert b"<html" in answer.body
