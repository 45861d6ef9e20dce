"""Whatever is sent, to whichever endpoint, by whomever: an answer of the document, and never one of 5xx."""

import json
from string import printable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from policies.models import FIELDS
from tests.api.caller import Caller, bearer_of, made, manager_of, session_of
from tests.api.test_document import ENDPOINTS
from tests.cast import School

NAUGHTY = ["\x00", "\ud800", "\u202e", "\ufeff", "%", "'", '"', "\\", "💥", "ﷺ", "0", "-1", "1e999", "9" * 400, "self"]
text = some.one_of(some.sampled_from(NAUGHTY), some.text(max_size=40), some.text(printable, max_size=300))
plain = some.one_of(some.none(), some.booleans(), some.integers(), some.floats(), text)
anything = some.recursive(
    plain, lambda inner: some.lists(inner, max_size=4) | some.dictionaries(text, inner, max_size=4), max_leaves=12
)
moment = some.one_of(some.datetimes().map(str), some.dates().map(str), anything)
values = some.fixed_dictionaries(
    {}, optional={"purpose": anything, "expires_at": moment, "scopes": anything, "regenerate": anything, "x": anything}
)
policy = some.dictionaries(some.sampled_from(FIELDS) | text, anything, max_size=4)
terms = dict.fromkeys(("existing", "existing_end", "grace_days", "spread_days", "quote", "typed"), anything)
data = some.one_of(
    anything,
    some.fixed_dictionaries({}, optional={"token": values | anything, "reason": anything}),
    some.fixed_dictionaries({"token_policy": policy | anything}, optional=terms),
)
body = some.one_of(data.map(lambda value: json.dumps(value).encode()), some.binary(max_size=200))
content_type = some.sampled_from(
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "text/plain"]
)
segment = text.filter(lambda value: value and "/" not in value)  # a slash makes it another address
name = some.one_of(some.just("self"), some.integers(0, 10**20).map(str), segment, segment.map("sis_user_id:{}".format))
query = some.dictionaries(
    some.sampled_from(["page", "per_page", "include[]", "search_term", "reason", "x"]) | text, text, max_size=3
)

SCOPE = "url:GET|/api/v1/users/:id"


def encoded(value: str) -> str:
    """`value` in an address, halves of surrogate pairs too."""
    return quote(value.encode("utf-8", "surrogatepass"), safe="")


@pytest.fixture
def callers(school: School) -> list[Caller]:
    for owner in (school.student, school.admin):
        made(owner)
    people = [session_of(school.student), session_of(school.admin), bearer_of(school.student)]
    return [Caller(), *people, manager_of(school.admin), bearer_of(school.admin, scopes=(SCOPE,))]


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    endpoint=some.sampled_from(sorted(ENDPOINTS)),
    who=some.integers(0, 5),
    user=name,
    token=name,
    query=query,
    body=body,
    content_type=content_type,
)
def test_nothing_breaks_it(callers: list[Caller], endpoint: tuple[str, str], who: int, **said: Any) -> None:
    method, path = endpoint
    for place, value in (
        ("{user_id}", "user"),
        ("{token_id}", "token"),
        ("{account_id}", "token"),
        ("{request_id}", "token"),
    ):
        path = path.replace(place, encoded(said[value]))
    asked = "&".join(f"{encoded(key)}={encoded(value)}" for key, value in said["query"].items())
    answer = callers[who].send(method.upper(), f"{path[1:]}?{asked}", said["body"], said["content_type"])
    assert answer.status < 500
