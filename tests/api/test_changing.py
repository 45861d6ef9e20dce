"""GET and PUT /users/:user_id/tokens/:id."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Account
from accounts.roles import Base, Permission
from policies import settings as policy
from policies.rules import Audience
from tests.api.caller import Caller, bearer_of, bearing, made, manager_of, session_of
from tests.api.test_making import day
from tests.cast import School, enroll, person, role
from tokens import lifecycle
from tokens.lifecycle import Issued
from tokens.models import AccessToken


@pytest.fixture
def student(school: School) -> Caller:
    return session_of(school.student)


@pytest.fixture
def issued(school: School) -> Issued:
    return made(school.student)


def change(caller: Caller, issued: Issued, **values: Any) -> Any:
    return caller.put(f"users/{issued.token.user_id}/tokens/{issued.token.pk}", {"token": values})


def test_a_token_is_named_by_number_by_lookup_id_or_its_beginning(student: Caller, issued: Issued) -> None:
    lookup_id = issued.token.lookup_id
    for reference in (issued.token.pk, lookup_id, lookup_id[:5], lookup_id[:15]):
        assert student.get(f"users/self/tokens/{reference}").body["id"] == issued.token.pk


def test_a_name_is_compared_exactly_and_never_guessed(student: Caller, issued: Issued) -> None:
    lookup_id = issued.token.lookup_id
    near = [
        lookup_id[:4],
        lookup_id.swapcase(),
        lookup_id[:4] + "%25",
        lookup_id[:4] + "_",
        f"{lookup_id}x",
        "0",
        "9" * 30,
    ]
    for reference in [*near, "%00", "-1", f"{issued.token.pk}.0", "٣", "%F0", f"0x{issued.token.pk}"]:
        assert student.get(f"users/self/tokens/{reference}").refusal == (404, "not_found")


def test_a_beginning_that_fits_several_is_nobodys(school: School, student: Caller) -> None:
    rows = [made(school.student).token for _ in range(2)]
    for row, tail in zip(rows, "ab", strict=True):
        AccessToken.objects.filter(pk=row.pk).update(lookup_id="Same567890abcde" + tail)
    assert student.get("users/self/tokens/Same5").refusal == (404, "not_found")
    assert student.get("users/self/tokens/Same567890abcdea").body["id"] == rows[0].pk


def test_anothers_token_looks_like_none(school: School, student: Caller) -> None:
    theirs = made(school.teacher).token
    for method in ("GET", "PUT", "DELETE"):
        answers = [
            student.call(method, f"users/{who}/tokens/{reference}", {})
            for who in ("self", school.teacher.pk, 99999)
            for reference in (theirs.pk, theirs.lookup_id, 99999)
        ]
        assert {answer.refusal for answer in answers} == {(404, "not_found")}
        assert answers[0].body["errors"][0]["message"] == "The specified resource does not exist."


def test_what_is_not_named_stays(student: Caller, issued: Issued) -> None:
    before = student.get(f"users/self/tokens/{issued.token.pk}").body
    after = change(student, issued, purpose="New").body
    assert after["purpose"] == "New"
    same = set(before) - {"purpose", "updated_at"}
    assert {name: before[name] for name in same} == {name: after[name] for name in same}
    assert bearing(issued.secret).get("users/self").status == 200


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_an_end_is_taken_away_where_the_owner_is_not_capped(school: School, nothing: str | None) -> None:
    mine = made(school.teacher)
    assert change(session_of(school.teacher), mine, expires_at=nothing).body["expires_at"] is None
    theirs = made(school.student)
    assert change(session_of(school.student), theirs, expires_at=nothing).refusal == (400, "expiry_required")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"purpose": None}, "purpose_missing"),
        ({"purpose": ""}, "purpose_blank"),
        ({"expires_at": day(-1)}, "expiry_in_past"),
        ({"expires_at": day(200)}, "expiry_beyond_cap"),
        ({"expires_at": "2027-02-30"}, "expiry_invalid"),
        ({"scopes": ["x"]}, "scope_unknown"),
        ({"scopes": {}}, "parameter_invalid"),
        ({"regenerate": "maybe"}, "parameter_invalid"),
        ({"regenerate": [1]}, "parameter_invalid"),
        ({"regenerate": 2}, "parameter_invalid"),
        ({"regenerate": 1.0}, "parameter_invalid"),
    ],
)
def test_a_refused_change_changes_nothing(student: Caller, issued: Issued, values: dict[str, Any], code: str) -> None:
    before = AccessToken.objects.values().get(pk=issued.token.pk)
    answer = change(student, issued, **{"purpose": "Other", **values})
    assert answer.refusal == (400, code)
    assert answer.body["errors"][0]["field"] in values
    assert AccessToken.objects.values().get(pk=issued.token.pk) == before


@pytest.mark.parametrize("yes", [1, "1", True, "true", "True"])
def test_regenerating_kills_the_old_secret_and_shows_the_new_one(student: Caller, issued: Issued, yes: Any) -> None:
    answer = change(student, issued, regenerate=yes)
    assert bearing(issued.secret).get("users/self").refusal == (401, "invalid_token")
    assert bearing(answer.body["visible_token"]).get("users/self").status == 200
    assert answer.body["id"] == issued.token.pk


@pytest.mark.parametrize("no", [0, "0", False, "false", "", None])
def test_no_is_an_answer_too(student: Caller, issued: Issued, no: Any) -> None:
    assert change(student, issued, regenerate=no).body["visible_token"] == f"{issued.token.lookup_id}..."


def test_a_form_regenerates_as_canvas_clients_do(student: Caller, issued: Issued) -> None:
    answer = student.form("PUT", f"users/self/tokens/{issued.token.pk}", {"token[regenerate]": "1"})
    assert bearing(answer.body["visible_token"]).get("users/self").status == 200


def test_an_expired_token_lives_again_only_with_a_new_secret_and_a_new_end(student: Caller, issued: Issued) -> None:
    AccessToken.objects.filter(pk=issued.token.pk).update(expires_at=timezone.now())
    for values in ({"expires_at": day(3)}, {"regenerate": 1}, {"regenerate": 1, "expires_at": None}):
        assert change(student, issued, **values).refusal == (400, "expired_needs_expiry")
    assert change(student, issued, regenerate=1, expires_at=day(3)).body["state"] == "active"


def test_a_revoked_token_never_changes(school: School, student: Caller, issued: Issued) -> None:
    lifecycle.revoke(issued.token, actor=school.student, now=timezone.now())
    for values in ({"purpose": "x"}, {"regenerate": 1, "expires_at": day(3)}):
        assert change(student, issued, **values).refusal == (400, "token_ended")


def test_the_policy_blocks_changing_ones_own_but_not_looking_or_ending(student: Caller, issued: Issued) -> None:
    policy.change(Account.objects.root(), {"audience": Audience.ADMINS_ONLY}, actor=None, now=timezone.now())
    assert change(student, issued, purpose="x").refusal == (403, "creation_not_allowed")
    assert change(student, issued, regenerate=1).refusal == (403, "creation_not_allowed")
    shown = student.get(f"users/self/tokens/{issued.token.pk}")
    assert shown.body["can_manually_regenerate"] is False
    assert student.delete(f"users/self/tokens/{issued.token.pk}").body["workflow_state"] == "deleted"


def test_an_administrator_regenerates_for_somebody_who_then_has_to_activate(school: School, issued: Issued) -> None:
    answer = change(session_of(school.admin), issued, regenerate=1)
    assert (answer.status, answer.body["state"]) == (200, "pending")
    assert bearing(answer.body["visible_token"]).get("users/self").refusal == (401, "pending_token")


def test_who_may_only_look_finds_nothing_to_change(school: School, issued: Issued) -> None:
    looker = person("looker")
    enroll(looker, role(Base.ADMIN, "Looker", (Permission.TOKENS_VIEW,)))
    caller = session_of(looker)
    assert caller.get(f"users/{issued.token.user_id}/tokens/{issued.token.pk}").status == 200
    assert change(caller, issued, purpose="x").refusal == (404, "not_found")


def test_a_bearer_changes_nothing_without_the_scope(school: School) -> None:
    own = made(school.admin)
    assert change(bearing(own.secret), own, regenerate=1).refusal == (403, "insufficient_scope")
    assert bearer_of(school.admin).put("users/self/tokens/999").refusal == (403, "insufficient_scope")
    assert change(manager_of(school.admin), own, purpose="x").status == 200


def test_the_time_of_a_change_is_written(student: Caller, issued: Issued) -> None:
    AccessToken.objects.filter(pk=issued.token.pk).update(updated_at=timezone.now() - timedelta(days=1))
    body = change(student, issued, purpose="x").body
    assert body["updated_at"] >= body["created_at"]
