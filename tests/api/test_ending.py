"""DELETE: one token, all of a person's, the one that carries the call; and GET /tokens/self."""

import pytest
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.roles import Base, Permission
from tests.api.caller import Caller, bearing, made, manager_of, session_of
from tests.cast import School, enroll, person, role
from tokens import lifecycle
from tokens.models import AccessToken, State


@pytest.fixture
def student(school: School) -> Caller:
    return session_of(school.student)


def test_a_deleted_token_is_refused_on_the_next_call_and_can_still_be_shown(school: School, student: Caller) -> None:
    issued = made(school.student)
    answer = student.delete(f"users/self/tokens/{issued.token.pk}", {"reason": "lost it"})
    assert (answer.status, answer.body["workflow_state"], answer.body["revoked_reason"]) == (200, "deleted", "lost it")
    assert bearing(issued.secret).get("users/self").refusal == (401, "revoked_token")
    assert student.get(f"users/self/tokens/{issued.token.pk}").body == answer.body


def test_deleting_again_changes_nothing(school: School, student: Caller) -> None:
    issued = made(school.student)
    first = student.delete(f"users/self/tokens/{issued.token.pk}", {"reason": "one"})
    lines = AuditEvent.objects.count()
    second = student.delete(f"users/self/tokens/{issued.token.pk}", {"reason": "two"})
    assert (second.status, second.body) == (200, first.body)
    assert AuditEvent.objects.count() == lines


def test_a_reason_comes_in_json_in_a_form_or_in_the_address(school: School, student: Caller) -> None:
    one, two, three = (made(school.student).token.pk for _ in range(3))
    answers = (
        student.delete(f"users/self/tokens/{one}", {"reason": "lost"}),
        student.form("DELETE", f"users/self/tokens/{two}", {"reason": "lost"}),
        student.delete(f"users/self/tokens/{three}?reason=lost"),
    )
    assert {answer.body["revoked_reason"] for answer in answers} == {"lost"}


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("x" * 256, "reason_too_long"),
        ("a\u202e", "reason_unreadable"),
        ("\x00", "reason_unreadable"),
        (5, "parameter_invalid"),
        (["x"], "parameter_invalid"),
        ({"a": 1}, "parameter_invalid"),
    ],
)
def test_a_bad_reason_ends_nothing(school: School, student: Caller, reason: object, code: str) -> None:
    issued = made(school.student)
    for path in (f"users/self/tokens/{issued.token.pk}", "users/self/user_generated_tokens"):
        answer = student.delete(path, {"reason": reason})
        assert answer.refusal == (400, code)
        assert answer.body["errors"][0]["field"] == "reason"
    assert AccessToken.objects.get(pk=issued.token.pk).state == State.ACTIVE


def test_who_may_only_look_may_not_end(school: School) -> None:
    looker = person("looker")
    enroll(looker, role(Base.ADMIN, "Looker", (Permission.TOKENS_VIEW,)))
    issued, caller = made(school.student), session_of(looker)
    assert caller.delete(f"users/{school.student.pk}/tokens/{issued.token.pk}").refusal == (403, "forbidden")
    assert caller.delete(f"users/{school.student.pk}/user_generated_tokens").refusal == (403, "forbidden")
    assert bearing(issued.secret).get("users/self").status == 200


def test_nobody_ends_the_token_of_a_person_who_holds_rights_they_lack(school: School) -> None:
    issued = made(school.admin)
    answer = session_of(school.arts_admin).delete(f"users/{school.admin.pk}/tokens/{issued.token.pk}")
    assert answer.refusal == (404, "not_found")


def test_all_of_a_persons_tokens_end_at_once(school: School) -> None:
    issued = [made(school.student) for _ in range(3)]
    already = made(school.student).token
    lifecycle.revoke(already, actor=None, now=timezone.now())
    answer = session_of(school.admin).delete(f"users/{school.student.pk}/user_generated_tokens", {"reason": "left"})
    assert (answer.status, answer.body) == (200, {"revoked": 3})
    assert {bearing(one.secret).get("users/self").code for one in issued} == {"revoked_token"}


def test_ending_all_of_somebody_out_of_reach_looks_like_nobody(school: School, student: Caller) -> None:
    for target in (school.teacher.pk, 99999):
        assert student.delete(f"users/{target}/user_generated_tokens").refusal == (404, "not_found")


@pytest.mark.parametrize("name", ["number", "lookup id", "beginning"])
def test_a_bearer_may_end_itself_under_any_of_its_names(school: School, name: str) -> None:
    issued = made(school.student)
    token = issued.token
    reference = {"number": token.pk, "lookup id": token.lookup_id, "beginning": token.lookup_id[:6]}[name]
    caller = bearing(issued.secret)
    for path in (f"users/{school.student.pk}/tokens/{reference}",):
        assert caller.delete(path).body["state"] == "revoked"
    assert caller.get("users/self").refusal == (401, "revoked_token")


def test_a_bearer_without_the_scope_ends_no_other(school: School) -> None:
    issued, other, theirs = made(school.student), made(school.student), made(school.teacher)
    caller = bearing(issued.secret)
    paths = (
        f"users/self/tokens/{other.token.pk}",
        f"users/self/tokens/{issued.token.lookup_id[:4]}",
        f"users/{school.teacher.pk}/tokens/{theirs.token.pk}",
        f"users/{school.teacher.pk}/tokens/{issued.token.pk}",
        "users/self/tokens/99999",
        "users/self/user_generated_tokens",
    )
    assert {caller.delete(path).refusal for path in paths} == {(403, "insufficient_scope")}
    assert caller.get("users/self").status == 200


def test_a_bearer_with_the_scope_ends_what_its_owner_may_end(school: School) -> None:
    issued, caller = made(school.student), manager_of(school.admin)
    assert caller.delete(f"users/{school.student.pk}/tokens/{issued.token.pk}").body["state"] == "revoked"
    assert caller.delete("users/self/user_generated_tokens").body == {"revoked": 1}
    assert caller.get("users/self").refusal == (401, "revoked_token")


def test_a_token_sees_itself(school: School) -> None:
    issued = made(school.student)
    body = bearing(issued.secret).get("tokens/self").body
    assert (body["id"], body["visible_token"]) == (issued.token.pk, f"{issued.token.lookup_id}...")


def test_a_token_ends_itself(school: School) -> None:
    issued = made(school.student)
    caller = bearing(issued.secret)
    answer = caller.form("DELETE", "tokens/self", {"reason": "done"})
    assert (answer.body["state"], answer.body["revoked_reason"]) == ("revoked", "done")
    assert caller.delete("tokens/self").refusal == (401, "revoked_token")


def test_a_session_is_not_a_token(student: Caller) -> None:
    assert student.get("tokens/self").refusal == (400, "not_a_token")
    assert student.delete("tokens/self/").refusal == (400, "not_a_token")
    assert Caller().get("tokens/self").refusal == (401, "unauthenticated")
