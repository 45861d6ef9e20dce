"""GET /accounts/:id/tokens: what administrators filter and sort in the page "All tokens"."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from tests.api.caller import Caller, bearer_of, bearing, made, session_of
from tests.api.test_listing import walk
from tests.cast import School
from tokens import lifecycle
from tokens.inventory.filters import FILTERS
from tokens.lifecycle import Issued
from tokens.models import AccessToken

ALL = "accounts/self/tokens"


@pytest.fixture
def known(school: School) -> dict[str, Issued]:
    return {
        "history": made(school.student, purpose="Essay helper"),
        "other": made(school.other_student, purpose="Grade dashboard"),
        "teacher": made(school.teacher, purpose="Roster sync"),
        "outside": made(school.outsider, purpose="Left over"),
    }


def purposes(caller: Caller, query: str = "") -> list[str]:
    answer = caller.get(f"{ALL}?{query}")
    assert answer.status == 200, answer.body
    return [token["purpose"] for token in answer.body]


def test_a_token_is_told_with_its_owner_and_without_its_secret(school: School, known: dict[str, Issued]) -> None:
    answer = session_of(school.admin).get(f"{ALL}?owner=other-student")
    [told] = answer.body
    token = known["other"].token
    assert (told["id"], told["hint"], told["user_id"]) == (token.pk, token.lookup_id, school.other_student.pk)
    assert (told["sign_in"], told["state"]) == ("other-student", "active")
    assert known["other"].secret not in str(answer.body)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Left over", "Roster sync", "Grade dashboard", "Essay helper"]),
        ("order=created", ["Essay helper", "Grade dashboard", "Roster sync", "Left over"]),
        ("search_term=dashboard", ["Grade dashboard"]),
        ("purpose=essay", ["Essay helper"]),
        ("role=teacher", ["Roster sync"]),
        ("role=none", ["Left over"]),
        ("course=HIST 101", ["Roster sync", "Grade dashboard", "Essay helper"]),
        ("limited_by=none", ["Roster sync"]),
        ("capped=false", ["Roster sync"]),
        ("capped=1&role=student", ["Grade dashboard", "Essay helper"]),
        ("state=revoked", []),
        ("expires_before=2020-01-01T00:00:00Z", []),
        ("expires_after=2020-01-01T00:00:00Z&role=teacher", ["Roster sync"]),
        ("unused_since=2020-01-01&role=teacher", ["Roster sync"]),
        ("use=recent", []),
        ("unknown=1&role=teacher", ["Roster sync"]),
    ],
)
def test_filters_and_orders_are_those_of_the_page(
    school: School, known: dict[str, Issued], query: str, expected: list[str]
) -> None:
    assert purposes(session_of(school.admin), query) == expected


@pytest.mark.parametrize(
    "query",
    [
        *(f"{each.name}=nonsense" for each in FILTERS),
        "capped=perhaps",
        "order=colour",
        "created_from=yesterday",
        "ends_to=2026-02-30",
        "role=%00",
    ],
)
def test_a_value_that_means_nothing_is_refused(school: School, known: dict[str, Issued], query: str) -> None:
    answer = session_of(school.admin).get(f"{ALL}?{query}")
    assert answer.refusal == (400, "parameter_invalid")
    assert answer.body["errors"][0]["field"] == query.split("=", maxsplit=1)[0]


@pytest.mark.parametrize("query", ["expires_before=soon", "unused_since=9999-99-99", "expires_after=1"])
def test_a_moment_that_is_none_is_refused(school: School, query: str) -> None:
    assert session_of(school.admin).get(f"{ALL}?{query}").refusal == (400, "expiry_invalid")


def test_nobody_sees_beyond_their_accounts(school: School, known: dict[str, Issued]) -> None:
    arts = session_of(school.arts_admin)
    path = f"accounts/{school.arts.pk}/tokens"
    assert {token["purpose"] for token in arts.get(path).body} == {"Essay helper", "Grade dashboard", "Roster sync"}
    assert session_of(school.science_admin).get(path).refusal == (404, "not_found")
    assert arts.get(ALL).status == session_of(school.student).get(ALL).status == 404
    assert session_of(school.admin).get("accounts/999999/tokens").refusal == (404, "not_found")


@pytest.mark.parametrize("order", ["created", "-created", "ends", "-ends", "used", "-used", "requests", "-requests"])
def test_pages_of_every_order_hold_each_token_once(school: School, known: dict[str, Issued], order: str) -> None:
    pages = walk(session_of(school.admin), f"{ALL}?order={order}&per_page=3&state=all")
    found = [pk for page in pages for pk in page]
    assert sorted(found) == sorted(AccessToken.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("page", ["x", "MQ", "w6Q", "2", "_" * 40])
def test_a_page_that_no_link_named_is_refused(school: School, page: str) -> None:
    assert session_of(school.admin).get(f"{ALL}?page={page}").refusal == (400, "page_invalid")


def test_a_bearer_needs_the_scope_of_the_list(school: School, known: dict[str, Issued]) -> None:
    assert purposes(bearer_of(school.admin), "role=teacher") == ["Roster sync"]
    narrow = issued_with(school.admin, "url:GET|/api/v1/users/:id")
    assert bearing(narrow.secret).get(ALL).refusal == (403, "insufficient_scope")
    fitting = issued_with(school.admin, "url:GET|/api/v1/accounts/:account_id/tokens")
    assert bearing(fitting.secret).get(ALL).status == 200


def issued_with(owner: User, scope: str) -> Issued:
    now = timezone.now()
    end = now + timedelta(days=1)
    return lifecycle.issue(owner, purpose="x", expires_at=end, scopes=[scope], actor=owner, now=now)


def test_more_tokens_take_no_more_queries(school: School, known: dict[str, Issued]) -> None:
    caller = session_of(school.admin)
    caller.get(ALL)
    with CaptureQueriesContext(connection) as few:
        caller.get(f"{ALL}?per_page=1")
    with CaptureQueriesContext(connection) as many:
        caller.get(f"{ALL}?per_page=100")
    assert len(few) == len(many) <= 10
