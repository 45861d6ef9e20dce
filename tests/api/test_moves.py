"""POST …/activate, …/suspend, …/resume."""

import pytest

from accounts.roles import Base, Permission
from tests.api.caller import bearer_of, bearing, made, manager_of, session_of
from tests.cast import School, enroll, person, role


def test_the_owner_activates_what_was_made_for_them_in_a_browser(school: School) -> None:
    issued = made(school.student, actor=school.admin)
    answer = session_of(school.student).post(f"users/self/tokens/{issued.token.pk}/activate")
    assert (answer.status, answer.body["state"]) == (200, "active")
    assert bearing(issued.secret).get("users/self").status == 200


def test_activating_twice_says_so_in_canvas_words(school: School) -> None:
    issued = made(school.student)
    answer = session_of(school.student).post(f"users/self/tokens/{issued.token.pk}/activate/")
    assert answer.refusal == (400, "already_active")
    assert answer.body["errors"][0]["message"] == "is already active"


def test_nobody_else_activates(school: School) -> None:
    issued = made(school.student, actor=school.admin)
    admin = session_of(school.admin)
    assert admin.post(f"users/self/tokens/{issued.token.pk}/activate").refusal == (404, "not_found")
    assert admin.post(f"users/{school.student.pk}/tokens/{issued.token.pk}/activate").status == 404


def test_no_bearer_activates_whatever_its_scopes(school: School) -> None:
    path = f"users/self/tokens/{made(school.admin).token.pk}/activate"
    assert bearer_of(school.admin).post(path).refusal == (403, "insufficient_scope")
    assert manager_of(school.admin).post(path).refusal == (403, "session_required")


def test_an_administrator_stops_a_token_and_lets_it_work_again(school: School) -> None:
    issued, admin = made(school.student), session_of(school.admin)
    path = f"users/{school.student.pk}/tokens/{issued.token.pk}"
    assert admin.post(f"{path}/suspend", {"reason": "odd use"}).body["state"] == "suspended"
    assert bearing(issued.secret).get("users/self").refusal == (401, "suspended_token")
    assert admin.post(f"{path}/suspend").refusal == (400, "not_active")
    assert admin.put(path, {"token": {"regenerate": True}}).refusal == (400, "resume_first")
    assert admin.post(f"{path}/resume").body["state"] == "active"
    assert bearing(issued.secret).get("users/self").status == 200
    assert admin.post(f"{path}/resume").refusal == (400, "not_suspended")


@pytest.mark.parametrize("move", ["suspend", "resume"])
def test_owning_a_token_is_no_right_to_suspend_it(school: School, move: str) -> None:
    issued = made(school.student)
    path = f"users/self/tokens/{issued.token.pk}/{move}"
    assert session_of(school.student).post(path).refusal == (403, "forbidden")
    assert session_of(school.teacher).post(f"users/{school.student.pk}/tokens/{issued.token.pk}/{move}").status == 404


def test_who_may_only_look_may_not_suspend(school: School) -> None:
    looker = person("looker")
    enroll(looker, role(Base.ADMIN, "Looker", (Permission.TOKENS_VIEW,)))
    path = f"users/{school.student.pk}/tokens/{made(school.student).token.pk}/suspend"
    assert session_of(looker).post(path).refusal == (403, "forbidden")


def test_a_bearer_needs_the_scope_to_suspend(school: School) -> None:
    path = f"users/{school.student.pk}/tokens/{made(school.student).token.pk}/suspend"
    assert bearer_of(school.admin).post(path).refusal == (403, "insufficient_scope")
    assert manager_of(school.admin).post(path).body["state"] == "suspended"


def test_a_bad_reason_suspends_nothing(school: School) -> None:
    issued = made(school.student)
    path = f"users/{school.student.pk}/tokens/{issued.token.pk}/suspend"
    assert session_of(school.admin).post(path, {"reason": "x" * 300}).refusal == (400, "reason_too_long")
    assert bearing(issued.secret).get("users/self").status == 200
