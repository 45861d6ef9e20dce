"""nginx and Caddy with the files that we ship: whose headers arrive, and what opens the door."""

import re
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.recipes.proxies import Caddy, Nginx, Proxy
from tests.recipes.wire import Header, Reply, send
from tests.web import Web

NAMES = ("X-Token-Subject", "X-Token-User", "X-Token-Account", "X-Token-Scopes", "X-Token-Id", "X-Token-Expires-At")
FORGED = "forged"
# What may stand in the name of a header besides letters and digits (RFC 9110 section 5.6.2).
MARKS = "-_.!#$%&'*+^`|~"


def bearer(secret: str) -> Header:
    return ("Authorization", f"Bearer {secret}")


def folded(name: str) -> str:
    """The name as CGI and WSGI fold it, with the widest reading there is."""
    return re.sub(r"[^0-9A-Z]", "_", name.upper())


def identity(reply: Reply) -> dict[str, str]:
    """The identity that an upstream would read; two values for one name are one too many."""
    assert reply.arrived is not None, (reply.code, reply.body)
    names = {folded(name): name for name in NAMES}
    found = [(names[folded(name)], value) for name, value in reply.arrived if folded(name) in names]
    assert len(dict(found)) == len(found), found
    return {name: value for name, value in found if value}


def expected(school: dict[str, Any]) -> dict[str, str]:
    return {name: value for name, value in school["student"].items() if name != "secret"}


def is_students_own(reply: Reply, school: dict[str, Any]) -> bool:
    found = identity(reply)
    ends = found.pop("X-Token-Expires-At")
    return bool(re.fullmatch(r"[-0-9]{10}T[:0-9]{8}Z", ends)) and found == expected(school)


def spellings(name: str) -> Iterator[str]:
    """A name with every mix of `-` and `_`, every other mark, in three cases."""
    words = name.split("-")
    joints = [*product("-_", repeat=len(words) - 1), *((mark,) * (len(words) - 1) for mark in MARKS[2:])]
    for marks in joints:
        spelt = "".join(word + mark for word, mark in zip(words, (*marks, ""), strict=True))
        yield from (spelt, spelt.lower(), spelt.upper(), spelt.swapcase())


@pytest.mark.parametrize("name", NAMES)
def test_no_spelling_of_an_identity_header_arrives_with_the_clients_value(
    site: int, school: dict[str, Any], name: str
) -> None:
    for spelt in spellings(name):
        reply = send(site, [(spelt, FORGED), bearer(school["student"]["secret"]), (spelt, FORGED)])
        assert is_students_own(reply, school), spelt


def test_all_spellings_at_once_do_not_arrive_either(site: int, school: dict[str, Any]) -> None:
    for name in NAMES:
        forged = [(spelt, FORGED) for spelt in spellings(name)]
        assert is_students_own(send(site, [*forged, bearer(school["student"]["secret"])]), school)


FAULTS = [
    (Nginx, "proxy_set_header X-Token-User $token_user;", ("x-token-user", FORGED)),
    (Nginx, "proxy_set_header X-Token-Id $token_id;", ("X-TOKEN-ID", FORGED)),
    (Caddy, "request_header -X_Token*", ("x_TOKEN-user", FORGED)),
    (Caddy, "request_header -X.Token*", ("X.Token.Id", FORGED)),
    (Caddy, "request_header -Connection", ("Connection", "X-Token-Account")),
]


@pytest.mark.parametrize(("kind", "fault", "header"), FAULTS)
def test_a_recipe_that_lacks_a_line_is_noticed(
    kind: type[Proxy],
    fault: str,
    header: Header,
    place: Callable[[], Path],
    web: Web,
    upstream: int,
    school: dict[str, Any],
) -> None:
    with kind(fault).running(place(), portal=web.port, service=upstream) as site:
        reply = send(site, [header, bearer(school["student"]["secret"])])
    with pytest.raises((AssertionError, KeyError)):
        assert is_students_own(reply, school)


@pytest.mark.parametrize("name", NAMES)
def test_a_value_that_the_portal_leaves_empty_is_not_the_clients(site: int, school: dict[str, Any], name: str) -> None:
    found = identity(send(site, [(name, FORGED), bearer(school["teacher"])]))
    assert FORGED not in found.values()
    assert not {"X-Token-Scopes", "X-Token-Expires-At"} & set(found)


@pytest.mark.parametrize("line", ["X-Token-Subject : forged", " X-Token-Subject: forged", "\tX-Token-User: forged"])
def test_a_malformed_line_makes_nobody_else(site: int, school: dict[str, Any], line: str) -> None:
    name, _colon, value = line.partition(": ")
    reply = send(site, [bearer(school["student"]["secret"]), ("X-Harmless", "x"), (name, value)])
    assert reply.code in (400, 401) or is_students_own(reply, school)


@pytest.mark.parametrize("named", ["X-Token-Subject", "X-Token-User, x-token-id", "keep-alive, X-Token-Account, close"])
def test_an_identity_that_the_clients_connection_names_is_not_lost(
    site: int, school: dict[str, Any], named: str
) -> None:
    for headers in ([("Connection", named)], [("Connection", "keep-alive"), ("Connection", named)]):
        assert is_students_own(send(site, [*headers, bearer(school["student"]["secret"])]), school)


def test_nor_is_it_lost_beside_a_websocket(site: int, school: dict[str, Any]) -> None:
    upgrade = [("Upgrade", "websocket"), ("Connection", "Upgrade, X-Token-Subject")]
    reply = send(site, [*upgrade, bearer(school["student"]["secret"])])
    assert is_students_own(reply, school)
    arrived = {name.lower(): value.lower() for name, value in reply.arrived or []}
    assert (arrived["connection"], arrived["upgrade"]) == ("upgrade", "websocket")


def test_the_token_stays_with_the_proxy(site: int, school: dict[str, Any]) -> None:
    secret = school["student"]["secret"]
    reply = send(site, [bearer(secret)])
    assert secret not in reply.body.decode()


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"])
def test_every_method_passes_with_its_body(site: int, school: dict[str, Any], method: str) -> None:
    body = b"x" * 5000 if method not in ("GET", "HEAD") else b""
    reply = send(site, [bearer(school["student"]["secret"])], path="/any/path?q=1", method=method, body=body)
    assert reply.code == 200
    if method != "HEAD":
        assert reply.upstream is not None
        assert reply.upstream["line"].startswith(f"{method} /any/path?q=1 ")
        assert reply.upstream["body"] == body.decode()


@pytest.mark.parametrize("value", ["", "Bearer x", "Basic eDp5", "Bearer", "{0}", "Bearer {0}x", "Bearer {0} {0}"])
def test_a_bad_token_is_401_with_a_challenge_and_goes_no_further(site: int, school: dict[str, Any], value: str) -> None:
    reply = send(site, [("Authorization", value.format(school["teacher"])), ("X-Token-User", "admin")])
    assert (reply.code, reply.arrived) == (401, None)
    assert reply.headers["www-authenticate"].startswith("Bearer ")


def test_two_tokens_are_none(site: int, school: dict[str, Any]) -> None:
    for other in (school["student"]["secret"], "x"):
        reply = send(site, [bearer(school["teacher"]), bearer(other)])
        assert (reply.code in (400, 401), reply.arrived) == (True, None)


def test_without_a_token_identity_headers_open_nothing(site: int) -> None:
    reply = send(site, [(name, "1") for name in NAMES])
    assert (reply.code, reply.arrived) == (401, None)


GRADES = ("/grades/", "/grades/7", "//grades/7", "/x/../grades/7", "/%67rades/7", "/grades/../grades/7", "/grades/%2e")


def test_a_demanded_scope_that_is_lacking_is_403_with_a_challenge(site: int, school: dict[str, Any]) -> None:
    reply = send(site, [bearer(school["managing"])], path="/grades/7")
    assert (reply.code, reply.arrived) == (403, None)
    assert reply.headers["www-authenticate"].count("insufficient_scope") == 1
    assert send(site, [bearer(school["managing"])], path="/other").code == 200
    assert send(site, [bearer(school["student"]["secret"])], path="/grades/7").code == 200


@pytest.mark.parametrize("path", GRADES)
def test_no_spelling_of_a_path_gets_around_the_scope(site: int, school: dict[str, Any], path: str) -> None:
    assert send(site, [bearer(school["managing"])], path=path).code == 403


def test_the_question_to_the_portal_is_not_for_clients(site: int, school: dict[str, Any]) -> None:
    reply = send(site, [bearer(school["student"]["secret"])], path="/_token/")
    assert not any(name.startswith("x-token") for name in reply.headers)


def test_a_revoked_token_is_refused_on_the_next_request(
    site: int, web: Web, school: dict[str, Any], spare: Iterator[str]
) -> None:
    secret = next(spare)
    assert send(site, [bearer(secret)]).code == 200
    assert requests.post(f"{web.url}/oauth2/revoke", data={"token": secret}, timeout=60).status_code == 200
    assert send(site, [bearer(secret)]).code == 401
