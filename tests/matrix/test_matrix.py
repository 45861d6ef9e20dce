"""Each caller gets what the table says, everywhere, and out of reach answers exactly like not there."""

import logging
from collections import defaultdict
from collections.abc import Iterator

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from pytest_django import DjangoDbBlocker

from accounts.models import User
from tests.matrix import table
from tests.matrix.asking import BEARERS, SAFE, SIGNED_IN, Cast, observe, path_of
from tests.matrix.routes import GATEWAY, METHODS, addresses, documented, without_names
from tests.matrix.table import Row
from tests.matrix.world import World
from tokens import permissions

pytestmark = pytest.mark.django_db
ROWS = table.read()
BY_ADDRESS: dict[str, list[Row]] = defaultdict(list)
for each in ROWS:
    BY_ADDRESS[each.address].append(each)

PAGES = ("anon", *SIGNED_IN)
DOORS = ("anon", *BEARERS, "verifier")
API = (*PAGES, *BEARERS, "verifier")
# Programs call these, which have no browser that could be made to: they look at no session.
LOOK_AT_NO_SESSION = frozenset({"/leaks", "/leaks/public", "/login/saml/acs/"})


@pytest.fixture(scope="module")
def cast(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    """Everybody in one school, which is put up once; each request is undone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        logging.disable(logging.WARNING)  # a line for each of thousands of requests
        yield Cast(World())
        logging.disable(logging.NOTSET)
        transaction.set_rollback(True)


@pytest.fixture
def _django_db_helper(cast: Cast) -> None:
    """In place of pytest-django's, which would close the connection, and with it the school, after each test."""


def wrong_in(cast: Cast, row: Row) -> list[str]:
    """Every cell that is not as the table has it, in words."""
    seen = observe(cast, row.callers, row.method, row.address)
    return [
        f"{row.method} {row.address}: {caller} gets {got}, the table says {row.cells[caller]}"
        for caller, got in zip(row.callers, seen, strict=True)
        if got != row.cells[caller]
    ]


@pytest.mark.parametrize("address", BY_ADDRESS)
def test_everybody_gets_what_the_table_says(cast: Cast, address: str) -> None:
    if address not in addresses():
        pytest.fail(f"No such address any more; its lines in {table.PLACE.name} can go: {address}")
    wrong = [words for row in BY_ADDRESS[address] for words in wrong_in(cast, row)]
    wrong += [words for row in BY_ADDRESS[address] for words in let_in_by_mistake(cast, row)]
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)


def let_in_by_mistake(cast: Cast, row: Row) -> Iterator[str]:
    """An administrator's browser that another site makes send something; their token in a page's header."""
    path = path_of(row.address, cast.world)
    where = f"{row.method} {row.address}"
    if row.address in GATEWAY:
        return
    if row.method not in SAFE and row.address not in LOOK_AT_NO_SESSION:
        status = cast.ask("forged", row.method, row.address, path).status
        if status != 403:
            yield f"{where}: without the CSRF token a browser gets {status}"
    if "manage" not in row.cells:
        got = cast.ask("manage", row.method, row.address, path).outcome
        if got != row.cells["anon"]:
            yield f"{where}: a page looks at a bearer token: {got}"


def test_every_address_and_method_stands_in_the_table(cast: Cast) -> None:
    known = {(row.method, row.address) for row in ROWS}
    lines = [
        table.line_of(method, address, observe(cast, callers_of(address), method, address))
        for address in addresses()
        for method in METHODS
        if (method, address) not in known and is_answered(cast, method, address)
    ]
    if lines:
        start = (
            "Decide each cell of these lines, which say what everybody gets now, and add them to tests/matrix/table.txt"
        )
        pytest.fail("\n".join([f"{start}, below the line that names their callers:", *lines]), pytrace=False)


def is_answered(cast: Cast, method: str, address: str) -> bool:
    """Whether the mightiest get anything but that there is no such method."""
    path = path_of(address, cast.world)
    return any(cast.ask(caller, method, address, path).outcome != "405" for caller in mightiest(address))


def mightiest(address: str) -> tuple[str, ...]:
    return ("manage", "verifier") if address in GATEWAY else ("admin",)


def callers_of(address: str) -> tuple[str, ...]:
    if address in GATEWAY:
        return DOORS
    return API if address.startswith("/api/") else PAGES


def test_each_row_asks_all_callers_that_its_kind_of_address_has() -> None:
    assert [row for row in ROWS if row.callers != callers_of(row.address)] == []


def test_no_row_stands_twice() -> None:
    assert len({(row.method, row.address) for row in ROWS}) == len(ROWS)


def test_the_rows_of_the_api_are_those_of_its_document() -> None:
    told = documented()
    rows = {
        (row.method, without_names(row.address))
        for row in ROWS
        if (row.method, without_names(row.address)) in told or row.address.startswith("/api/v1/")
    }
    assert rows == told


def test_a_lost_guard_is_found(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    [row] = [row for row in BY_ADDRESS["/tokens/<int:token_id>/"] if row.method == "GET"]
    assert wrong_in(cast, row) == []
    monkeypatch.setattr(permissions, "may_view", lambda *_people, **_facts: True)
    assert wrong_in(cast, row) == [
        f"GET /tokens/<int:token_id>/: {caller} gets ok, the table says 404"
        for caller in ("other", "teacher", "outside")
    ]


def test_a_refusal_that_tells_what_exists_is_found(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    may_view = permissions.may_view

    def forbidding(viewer: User, owner: User, **facts: object) -> bool:
        if not may_view(viewer, owner, **facts):  # type: ignore[arg-type]  # as they were given
            raise PermissionDenied
        return True

    [row] = [row for row in BY_ADDRESS["/tokens/<int:token_id>/"] if row.method == "GET"]
    monkeypatch.setattr(permissions, "may_view", forbidding)
    assert wrong_in(cast, row) == [
        f"GET /tokens/<int:token_id>/: {caller} gets seen, the table says 404"
        for caller in ("other", "teacher", "outside")
    ]
