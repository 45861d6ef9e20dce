"""Clocks that are an hour and a day apart, or are put back: what has ended stays ended, and nothing fails.

The database's clock is two days ahead all the while: nobody asks it. Whoever checks a token goes by their own clock.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.torture.clocks.two import DAY, HOUR, Server, Two, two_servers

PAGES = ("/", "/tokens/", "/tokens/new/", "/inventory/", "/audit/", "/people/", "/outbox/", "/preferences/")


@pytest.fixture(scope="module")
def running() -> Iterator[Two]:
    with two_servers() as two:
        yield two


@pytest.fixture(params=[HOUR, DAY], ids=["an hour", "a day"])
def two(running: Two, request: pytest.FixtureRequest) -> Iterator[Two]:
    running.ahead.clock.set(request.param)
    yield running
    running.ahead.clock.set(timedelta())


def in_future(**long: float) -> str:
    return (datetime.now(UTC) + timedelta(**long)).isoformat()


def test_the_clocks_are_as_they_are_meant_to_be(running: Two) -> None:
    """Else all that follows would say nothing."""
    with psycopg.connect(running.right.web.database_url) as connection:
        [[ahead]] = connection.execute("SELECT now() - %s", [datetime.now(UTC)]).fetchall()
    assert ahead > DAY
    running.ahead.clock.set(DAY)
    made = [running.make(each)["created_at"] for each in (running.ahead, running.right)]
    running.ahead.clock.set(timedelta())
    assert datetime.fromisoformat(made[0]) - datetime.fromisoformat(made[1]) > 0.9 * DAY


def test_a_token_ends_by_the_clock_of_whoever_checks_it(two: Two) -> None:
    soon = two.make(two.right, expires_at=in_future(minutes=30))["visible_token"]
    late = two.make(two.ahead, expires_at=in_future(days=3))["visible_token"]
    assert two.right.lets_in(soon)
    assert not two.ahead.lets_in(soon)
    assert two.ahead.lets_in(late)
    assert two.right.lets_in(late)


def test_an_end_that_is_past_for_whoever_makes_it_is_refused_in_words(two: Two) -> None:
    said = two.ahead.api(
        "POST",
        "users/self/tokens",
        two.school["managing"],
        {"token": {"purpose": "x", "expires_at": in_future(minutes=30)}},
    )
    assert (said.status_code, said.json()["errors"][0]["code"]) == (400, "expiry_in_past")


def test_no_token_begins_tomorrow(two: Two) -> None:
    """A service that reads `nbf` (RFC 7519, section 4.1.5) must not refuse what was made by a clock that is ahead."""
    made = two.make(two.ahead)
    told = two.right.introspect(made["visible_token"])
    now = datetime.now(UTC).timestamp()
    assert told["nbf"] <= now
    assert told["iat"] <= now


def test_what_one_has_revoked_the_other_refuses_whichever_is_ahead(two: Two) -> None:
    for here, there in ((two.ahead, two.right), (two.right, two.ahead)):
        made = two.make(here)
        assert there.lets_in(made["visible_token"])
        answer = here.api("DELETE", f"users/self/tokens/{made['id']}", two.school["managing"])
        assert answer.status_code == 200, answer.text
        assert not there.lets_in(made["visible_token"])
        assert not here.lets_in(made["visible_token"])


def test_a_token_changes_by_either_clock(two: Two) -> None:
    made = two.make(two.ahead)
    path, by = f"users/self/tokens/{made['id']}", two.school["managing"]
    wanted = {"purpose": "Renamed", "expires_at": in_future(days=20)}
    assert two.right.api("PUT", path, by, {"token": wanted}).status_code == 200
    renewed = two.right.api("PUT", path, by, {"token": {"regenerate": True}}).json()["visible_token"]
    assert (two.right.lets_in(renewed), two.ahead.lets_in(renewed)) == (True, True)
    assert not two.ahead.lets_in(made["visible_token"])


def test_an_overlap_that_began_ahead_can_be_ended_behind(two: Two) -> None:
    made = two.make(two.ahead)
    path, by = f"users/self/tokens/{made['id']}", two.school["managing"]
    rotated = two.ahead.api("POST", f"{path}/rotate", by, {"token": {"overlap_hours": 1}})
    assert rotated.status_code == 200, rotated.text
    assert two.right.lets_in(made["visible_token"])
    ended = two.right.api("DELETE", f"{path}/overlap", by)
    assert ended.status_code in (200, 204), ended.text
    assert not two.right.lets_in(made["visible_token"])
    assert not two.ahead.lets_in(made["visible_token"])
    assert two.right.lets_in(rotated.json()["visible_token"])


def test_a_pause_that_began_ahead_can_be_lifted_behind(two: Two) -> None:
    by, account, owner = two.school["managing"], two.school["student"]["X-Token-Account"], two.school["student"]
    said = {"whom": "account", "reason_code": "misuse_suspected"}
    pause = two.ahead.api("POST", f"accounts/{account}/pauses", by, said).json()
    assert not two.right.lets_in(owner["secret"])
    lifted = two.right.api("POST", f"accounts/{account}/pauses/{pause['id']}/lift", by, {})
    assert lifted.status_code == 200, lifted.text
    assert two.right.lets_in(owner["secret"])
    assert two.ahead.lets_in(owner["secret"])


def test_a_post_that_is_sent_again_makes_nothing_whichever_clock_answers(two: Two) -> None:
    body, key = {"token": {"purpose": "Once"}}, {"Idempotency_Key": f"key-{datetime.now(UTC).timestamp()}"}
    made = [
        server.api("POST", "users/self/tokens", two.school["managing"], body, **key).json()["id"]
        for server in (two.ahead, two.right, two.ahead)
    ]
    assert len(set(made)) == 1


def test_every_page_is_there_for_who_has_signed_in_by_a_clock_that_is_ahead(two: Two) -> None:
    two.make(two.ahead)
    browser = two.ahead.sign_in("admin")
    answers = {path: two.right.ask("GET", path, by=browser).status_code for path in PAGES}
    assert answers == {**dict.fromkeys(PAGES, 200), "/": 302}


def test_who_has_signed_in_by_a_clock_that_is_behind_is_at_most_asked_to_sign_in_again(two: Two) -> None:
    """To the other clock they have done nothing for as long as it is ahead, and a session ends by that."""
    browser = two.right.sign_in("admin")
    for path in PAGES[1:]:
        answer = two.ahead.ask("GET", path, by=browser)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/login/?")


def test_a_program_that_waits_for_its_token_is_not_put_off_by_a_clock_that_was_put_back(two: Two) -> None:
    begun = two.ahead.ask("POST", "/oauth2/device_authorization", data={"client_id": "tokenportal-cli"}).json()
    said = {
        "client_id": "tokenportal-cli",
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": begun["device_code"],
    }
    for server in (two.ahead, two.right):
        assert server.ask("POST", "/oauth2/token", data=said).json()["error"] == "authorization_pending"


def test_calls_of_before_the_clock_was_put_back_are_not_counted_for_ever(running: Two) -> None:
    server = running.ahead
    server.clock.set(DAY)
    while (answer := revoke_nothing(server)).status_code == 200:
        pass
    assert answer.status_code == 429
    server.clock.set(timedelta())
    assert 0 < int(revoke_nothing(server).headers["Retry-After"]) <= 60


def revoke_nothing(server: Server) -> Any:
    return server.ask("POST", "/oauth2/revoke", data={"token": "x"})


def test_nothing_works_again_where_the_clock_is_put_back_between_two_checks(running: Two) -> None:
    """By the clock it would; the job that notes ends has seen it, or somebody has ended it."""
    server = running.ahead
    made = running.make(server, expires_at=in_future(minutes=30))
    server.clock.set(HOUR)
    assert not server.lets_in(made["visible_token"])
    server.web.ask_module("tests.torture.clocks.expiring")
    server.clock.set(timedelta())
    assert not server.lets_in(made["visible_token"])
