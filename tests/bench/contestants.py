"""Who is measured, by the names that table, JSON and picture share."""

import base64
import json
import random
from collections.abc import Iterable, Iterator, Sequence

from tests.bench.load import Beside, Contestant, Load, WrongAnswers, raw, write
from tests.bench.stage import Stage, requests_at
from tests.bench.statement import Select
from tests.bench.web import ask

FLOOR = "a constant answer"
SELECT = "the select alone, one psycopg process"
VERIFY = "/verify"
INTROSPECT = "/oauth2/introspect"
BATCH = "/oauth2/introspect/batch, tokens"
SELF = "users/self"
SELF_OPEN = "users/self without authentication"
TRIVIAL = "trivial view, our authentication"
TRIVIAL_OPEN = "trivial view, none"
DRF_TOKEN = "trivial view, DRF TokenAuthentication"
KNOX = "trivial view, knox"
API_KEY = "trivial view, djangorestframework-api-key"
SIMPLE_JWT = "trivial view, simplejwt"
DOT = "trivial view, django-oauth-toolkit"
DOT_INTROSPECT = "django-oauth-toolkit introspection"
GOOD = "/verify, paced"
GOOD_BESIDE_WRONG = "/verify, paced, beside wrong secrets"
PEERS = {DRF_TOKEN: "drf-token", KNOX: "knox", API_KEY: "api-key", SIMPLE_JWT: "simplejwt", DOT: "dot"}

BATCH_SIZE = 100
BATCHES = 100  # different ones
FORM = "application/x-www-form-urlencoded"
PACE = 16  # milliseconds of rest before a paced request: with 16 connections some 900 a second


def contestants(stage: Stage) -> list[Contestant]:
    """All of them, in the order of a round."""
    ids = tuple(text.split("_")[1] for text in stage.rotation["tokens"])
    loads = [*_floor(stage), *_doors(stage), *_api(stage), *_peers(stage)]
    good, wrong = _paced(stage)
    return [Select(SELECT, stage.database_url, ids), *loads, good, Beside(GOOD_BESIDE_WRONG, good, wrong)]


def _load(
    stage: Stage, name: str, server: str, requests: Sequence[bytes], *, says: str = "", status: int = 200, **more: int
) -> Load:
    """A contestant whose first answer is right. Raises WrongAnswers."""
    port = stage.ports[server]
    got = ask(port, requests[0])
    if got is None or got[0] != status or says not in got[1]:
        raise WrongAnswers(f"{name} answered {got}")
    file = requests_at("".join(c if c.isalnum() else "-" for c in name))
    return Load(name, port, write(file, requests), refused=status >= 400, **more)


def _floor(stage: Stage) -> Iterator[Load]:
    yield _load(stage, FLOOR, "constant", _bearing("/", stage.rotation["tokens"]))


def _doors(stage: Stage) -> Iterator[Load]:
    tokens: list[str] = stage.rotation["tokens"]
    who = base64.b64encode(f"{stage.rotation['client_id']}:{stage.rotation['client_secret']}".encode()).decode()
    asking = {"Authorization": f"Basic {who}"}
    yield _load(stage, VERIFY, "portal", _bearing("/verify", tokens))
    forms = [raw("POST", "/oauth2/introspect", body=f"token={t}", Content_Type=FORM, **asking) for t in tokens]
    yield _load(stage, INTROSPECT, "portal", forms, says='"active":true')
    rng = random.Random(7)
    bodies = [json.dumps({"tokens": rng.sample(tokens, min(BATCH_SIZE, len(tokens)))}) for _ in range(BATCHES)]
    kind = {"Content_Type": "application/json"}
    batches = [raw("POST", "/oauth2/introspect/batch", body=body, **kind, **asking) for body in bodies]
    yield _load(stage, BATCH, "portal", batches, says='"active":true', units=BATCH_SIZE)


def _api(stage: Stage) -> Iterator[Load]:
    tokens = stage.rotation["tokens"]
    yield _load(stage, SELF, "portal", _bearing("/api/v1/users/self", tokens), says='"login_id":')
    yield _load(stage, SELF_OPEN, "portal", _bearing("/api/bench/person", tokens), says='"login_id":')
    yield _load(stage, TRIVIAL, "bare", _bearing("/api/bench/trivial", tokens), says='{"who":')


def _peers(stage: Stage) -> Iterator[Load]:
    yield _load(stage, TRIVIAL_OPEN, "peers", [raw("GET", "/open")], says='{"who":')
    for name, key in PEERS.items():
        requests = [raw("GET", f"/{key}", Authorization=header) for header in stage.peers[key]]
        yield _load(stage, name, "peers", requests, says='{"who":')
    server = {"Authorization": stage.peers["dot-introspect"][0], "Content_Type": FORM}
    requests = [raw("POST", "/dot-introspect", body=f"token={t}", **server) for t in stage.peers["dot-tokens"]]
    yield _load(stage, DOT_INTROSPECT, "peers", requests, says='"active": true')


def _paced(stage: Stage) -> tuple[Load, Load]:
    """Good traffic that leaves the server air, and as much with wrong secrets for tokens that exist."""
    good = _bearing("/verify", stage.rotation["tokens"])
    wrong = _bearing("/verify", stage.rotation["wrong"])
    return (
        _load(stage, GOOD, "portal", good, pause=PACE),
        _load(stage, "wrong secrets, paced", "portal", wrong, status=401, pause=PACE),
    )


def _bearing(path: str, tokens: Iterable[str]) -> list[bytes]:
    return [raw("GET", path, Authorization=f"Bearer {token}") for token in tokens]
