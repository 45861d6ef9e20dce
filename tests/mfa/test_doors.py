"""The table of what asks again: every such address does when the sign-in is old, none when it is recent."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import DjangoDbBlocker

from accounts.recent import note_proof
from tests.matrix.asking import Cast, path_of
from tests.matrix.world import World

pytestmark = pytest.mark.django_db
BOTH = ("GET", "POST")
# Address, methods that ask, and somebody whom the matrix lets in there.
PAGES: dict[str, tuple[tuple[str, ...], str]] = {
    "/tokens/new/": (BOTH, "owner"),
    "/people/<int:user_id>/new/": (BOTH, "admin"),
    "/tokens/<int:token_id>/regenerate/": (BOTH, "owner"),
    "/tokens/<int:token_id>/activate/": (("POST",), "owner"),
    "/tokens/requests/<int:number>/generate/": (("POST",), "owner"),
    "/device/": (BOTH, "owner"),
    "/classes/new/<int:course_id>/": (BOTH, "teacher"),
    "/classes/<int:issue_id>/add/": (("POST",), "teacher"),
    "/inventory/<slug:kind>/": (BOTH, "admin"),
    "/emergency/stop/": (BOTH, "admin"),
    "/emergency/revoke/": (BOTH, "admin"),
    "/emergency/<int:pause_id>/revoke/": (BOTH, "admin"),
    "/emergency/<int:pause_id>/lift/": (BOTH, "admin"),
    "/accounts/<int:account_id>/settings/": (("POST",), "admin"),
    "/accounts/<int:account_id>/settings/changes/<int:number>/undo/": (BOTH, "admin"),
    "/exemptions/new/": (BOTH, "admin"),
    "/people/<int:user_id>/exempt/": (BOTH, "admin"),
    "/people/<int:user_id>/roles/new/": (BOTH, "admin"),
    "/people/<int:user_id>/second-step/": (BOTH, "admin"),
    "/people/<int:user_id>/sessions/": (("POST",), "admin"),
    "/roles/new/": (BOTH, "admin"),
    "/roles/<int:role_id>/edit/": (BOTH, "admin"),
    "/verifiers/new/": (BOTH, "admin"),
    "/webhooks/new/": (BOTH, "admin"),
    "/webhooks/<int:webhook_id>/edit/": (BOTH, "admin"),
    "/webhooks/<int:webhook_id>/act/": (("POST",), "admin"),
    "/webhooks/<int:webhook_id>/delete/": (BOTH, "admin"),
    "/preferences/browsers/": (("POST",), "owner"),
    "/security/app/": (BOTH, "owner"),
    "/security/codes/": (BOTH, "owner"),
    "/security/passkeys/new/": (BOTH, "owner"),
    "/security/<int:factor_id>/rename/": (BOTH, "owner"),
    "/security/<int:factor_id>/remove/": (BOTH, "owner"),
}
API: dict[str, tuple[str, ...]] = {
    "/api/v1/tokens/self/rotate": ("POST",),
    "/api/v1/accounts/<str:account_id>/pauses": ("POST",),
    "/api/v1/accounts/<str:account_id>/pauses/<str:pause_id>/lift": ("POST",),
    "/api/v1/accounts/<str:account_id>/pauses/<str:pause_id>/revoke": ("POST",),
    "/api/v1/courses/<str:course_id>/class_issues": ("POST",),
    "/api/v1/class_issues/<str:issue_id>": ("PUT",),
    "/api/v1/accounts/<str:account_id>/webhooks": ("POST",),
    "/api/v1/accounts/<str:account_id>/webhooks/<str:webhook_id>": ("PUT", "DELETE"),
    "/api/v1/users/<person:user_id>/tokens": ("POST",),
    "/api/v1/users/<person:user_id>/tokens/<str:token_id>": ("PUT",),
    "/api/v1/users/self/tokens/<str:token_id>/activate": ("POST",),
    "/api/v1/users/self/tokens/<str:token_id>/rotate": ("POST",),
    "/api/v1/accounts/<str:account_id>/token_policy": ("PUT",),
    "/api/v1/accounts/<str:account_id>/token_policy/change": ("DELETE",),
}


@pytest.fixture(scope="module")
def cast(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    """Everybody of the matrix, in one school; each request is undone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        logging.disable(logging.WARNING)
        yield Cast(World())
        logging.disable(logging.NOTSET)
        transaction.set_rollback(True)


@pytest.fixture
def _django_db_helper(cast: Cast) -> None:
    """In place of pytest-django's, which would close the connection, and with it the school, after each test."""


def proved(cast: Cast, caller: str, ago: timedelta) -> None:
    """Let somebody have signed in so long ago."""
    store = import_module(settings.SESSION_ENGINE).SessionStore(cast.sessions[caller])
    note_proof(store, now=datetime.now(UTC) - ago)
    store.save()


def is_asked(cast: Cast, caller: str, method: str, address: str) -> bool:
    answer = cast.ask(caller, method, address, path_of(address, cast.world))
    return (answer.outcome == "ok" and 'name="proof_wanted"' in answer.body) or "recent_sign_in_required" in answer.body


@pytest.mark.parametrize("address", PAGES)
def test_it_asks_when_the_sign_in_is_old_and_not_when_it_is_recent(cast: Cast, address: str) -> None:
    methods, caller = PAGES[address]
    for ago, expected in ((timedelta(0), False), (timedelta(hours=2), True)):
        proved(cast, caller, ago)
        assert [is_asked(cast, caller, method, address) for method in methods] == [expected] * len(methods), ago


def guarded(resolver: URLResolver | None = None, start: str = "/") -> Iterator[tuple[str, tuple[str, ...] | bool]]:
    """Every address whose view asks again, and by which methods."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from guarded(each, f"{start}{each.pattern}")
        elif isinstance(each, URLPattern):
            asks = getattr(getattr(each.callback, "cls", each.callback), "asks_again", None)
            if asks:
                yield f"{start}{each.pattern}", asks


def test_the_table_holds_every_address_that_asks() -> None:
    found = dict(guarded())
    pages = {address for address in found if not address.startswith("/api/")}
    assert pages == set(PAGES)
    assert {address: methods for address, methods in found.items() if address not in pages} == API


def test_each_call_of_a_session_is_told_and_no_bearer_is(cast: Cast) -> None:
    calls = [(address, method) for address, methods in API.items() for method in methods]
    for caller, ago, expected in (("admin", timedelta(hours=2), True), ("admin", timedelta(0), False)):
        proved(cast, caller, ago)
        wrong = [call for call in calls if is_asked(cast, caller, call[1], call[0]) is not expected]
        assert wrong == []
    assert [call for call in calls if is_asked(cast, "manage", call[1], call[0])] == []
