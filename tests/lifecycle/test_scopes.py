"""Scopes: which a token may carry, under which policy, and what they let it read."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import User
from policies import settings as policy_settings
from policies.refusals import Code, Refused
from tests.cast import NOW, School, token
from tokens import lifecycle, scopes
from tokens.lifecycle import Change
from tokens.models import AccessToken

SELF = "url:GET|/api/v1/users/:id"


def made_with(owner: User, *wanted: str) -> AccessToken:
    end = NOW + timedelta(days=1)
    return lifecycle.issue(owner, purpose="x", expires_at=end, scopes=wanted, actor=owner, now=NOW).token


def code_of(owner: User, *wanted: str) -> Code:
    with pytest.raises(Refused) as refused:
        made_with(owner, *wanted)
    assert refused.value.refusals[0].field == "scopes"
    return refused.value.code


def test_a_scope_of_the_school_can_be_taken_once_it_is_defined(school: School) -> None:
    assert code_of(school.student, "grades:read") == Code.SCOPE_UNKNOWN
    scope = scopes.define("grades:read", "Read grades", actor=school.admin, now=NOW)
    assert made_with(school.student, "grades:read", "grades:read").scopes == ["grades:read"]
    scopes.retire(scope, actor=school.admin, now=NOW)
    scopes.retire(scope, actor=school.admin, now=NOW)
    assert code_of(school.student, "grades:read") == Code.SCOPE_UNKNOWN
    assert list(AuditEvent.objects.filter(action__startswith="scope").values_list("action", flat=True)) == [
        "scope.define",
        "scope.retire",
    ]


@pytest.mark.parametrize(
    "name", ["", "grades", "Grades:read", "url:GET|/x", "tokens:all", "a b:c", "x:" + "y" * 99, "é:x"]
)
def test_a_scope_has_a_plain_name_of_its_own(school: School, name: str) -> None:
    with pytest.raises(Refused) as refused:
        scopes.define(name, "Words", actor=school.admin, now=NOW)
    assert refused.value.code == Code.SCOPE_INVALID


def test_a_name_is_given_once(school: School) -> None:
    scopes.define("grades:read", "Read grades", actor=school.admin, now=NOW)
    with pytest.raises(Refused) as refused:
        scopes.define("grades:read", "Again", actor=school.admin, now=NOW)
    assert refused.value.code == Code.SCOPE_TAKEN


def test_a_school_can_demand_scopes_of_everybody(school: School) -> None:
    policy_settings.change(school.root, {"scopes_required": True}, actor=school.admin, now=NOW)
    assert code_of(school.teacher) == Code.SCOPES_REQUIRED
    assert made_with(school.teacher, SELF).scopes == [SELF]


def test_a_school_can_limit_the_scopes_of_students(school: School) -> None:
    policy_settings.change(school.root, {"student_scopes": [SELF]}, actor=school.admin, now=NOW)
    scopes.define("grades:read", "Read grades", actor=school.admin, now=NOW)
    assert code_of(school.student) == Code.SCOPES_REQUIRED
    assert code_of(school.student, "grades:read") == Code.SCOPE_NOT_FOR_STUDENTS
    assert made_with(school.student, SELF).scopes == [SELF]
    assert made_with(school.teacher, "grades:read").scopes == ["grades:read"]
    assert made_with(school.teacher).scopes == []


def test_a_new_secret_comes_under_the_scopes_of_today(school: School) -> None:
    old = token(school.student).token
    policy_settings.change(school.root, {"student_scopes": [SELF]}, actor=school.admin, now=NOW)
    with pytest.raises(Refused) as refused:
        lifecycle.regenerate(old, actor=school.student, now=NOW)
    assert refused.value.code == Code.SCOPES_REQUIRED
    assert lifecycle.regenerate(old, Change(scopes=[SELF]), actor=school.student, now=NOW).token.scopes == [SELF]


@pytest.mark.parametrize("value", ["x", 1, [1], {"a": 1}])
def test_a_list_of_scopes_is_a_list_of_texts(school: School, value: object) -> None:
    with pytest.raises(Refused):
        policy_settings.change(school.root, {"student_scopes": value}, actor=school.admin, now=NOW)


def call(secret: str, path: str) -> tuple[int, str]:
    answer = Client().get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {secret}"})
    return answer.status_code, answer.headers.get("WWW-Authenticate", "")


def test_a_token_with_scopes_reads_only_what_they_name(school: School) -> None:
    now = timezone.now()
    end = now + timedelta(days=1)
    secret = lifecycle.issue(
        school.student, purpose="x", expires_at=end, scopes=[SELF], actor=school.student, now=now
    ).secret
    assert call(secret, "users/self")[0] == 200
    assert call(secret, "tokens/self")[0] == 200
    status, challenge = call(secret, "users/self/profile")
    assert status == 403
    assert challenge.endswith('scope="url:GET|/api/v1/users/:user_id/profile"')


def test_a_managing_token_reads_too(school: School) -> None:
    now = timezone.now()
    secret = lifecycle.issue(
        school.admin, purpose="x", expires_at=None, scopes=[scopes.MANAGE], actor=school.admin, now=now
    ).secret
    assert call(secret, f"users/{school.student.pk}/user_generated_tokens")[0] == 200


def test_every_endpoint_that_reads_has_a_scope() -> None:
    names = {str(name) for name in get_resolver().reverse_dict if str(name).startswith("api_")}
    changing = {"api_new_token", "api_activate_token", "api_suspend_token", "api_resume_token"}
    changing |= {
        "api_token_request",
        "api_approve_token_request",
        "api_refuse_token_request",
        "api_token_policy_change",
        "api_flag",
        "api_retry_notices",
        "api_own_flag",
        "api_lift_pause",
        "api_own_review_item",
        "api_revoke_paused",
        "api_token_imports",
        "api_rotate_token",
        "api_rotate_token_self",
        "api_token_overlap",
        "api_test_webhook",
        "api_replay_webhook",
        "api_replay_webhook_message",
    }
    about_the_api = {"api_schema", "api_docs"}
    assert names - changing - about_the_api - scopes.FREE - set(scopes.LOOKING) == set(scopes.PATHS)
