"""POST /users/:user_id/tokens."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Account, User
from accounts.roles import Base, Permission
from policies import settings as policy
from policies.rules import Audience
from tests.api.caller import Caller, bearer_of, bearing, manager_of, session_of
from tests.cast import School, enroll, person, role
from tests.rules.truth_table import CASES, Row, case_id, person_of
from tokens.models import AccessToken


def day(days: int) -> str:
    return (timezone.now() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def values(**changes: Any) -> dict[str, Any]:
    return {"token": {"purpose": "Grade dashboard", "expires_at": day(30), **changes}}


@pytest.fixture
def student(school: School) -> Caller:
    return session_of(school.student)


def test_a_student_makes_a_token_and_sees_its_secret_this_once(school: School, student: Caller) -> None:
    made = student.post("users/self/tokens", values())
    assert made.status == 200
    assert bearing(made.body["visible_token"]).get("users/self").body["login_id"] == "student"
    again = student.get(f"users/self/tokens/{made.body['id']}")
    assert again.body["visible_token"] == f"{made.body['hint']}..."
    assert made.body["visible_token"].split("_")[1] == made.body["hint"]


def test_the_answer_has_canvas_fields_and_ours(student: Caller) -> None:
    body = student.post("users/self/tokens", values(expires_at="2026-12-24")).body
    assert {name: body[name] for name in ("purpose", "app_name", "workflow_state", "state", "scopes")} == {
        "purpose": "Grade dashboard",
        "app_name": "User-Generated",
        "workflow_state": "active",
        "state": "active",
        "scopes": [],
    }
    nothing = ("remember_access", "real_user_id", "revoked_at", "last_used_at", "last_used_ip")
    assert {body[name] for name in nothing} == {None}
    assert (body["limited_by"], body["can_manually_regenerate"]) == ("student_cap", True)
    assert body["created_at"] == body["updated_at"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2099-03-23T12:00:00Z", "2099-03-23T12:00:00Z"),
        ("2099-03-23T12:00:00", "2099-03-23T12:00:00Z"),
        ("2099-03-23T12:00:00.5+02:00", "2099-03-23T10:00:00Z"),
        ("2099-07-01", "2099-07-01T21:59:59Z"),
        (" 2099-07-01 ", "2099-07-01T21:59:59Z"),
        (None, None),
        ("", None),
    ],
)
def test_an_end_means_what_the_contract_says(school: School, written: str | None, meant: str | None) -> None:
    teacher = school.teacher
    User.objects.filter(pk=teacher.pk).update(time_zone="Europe/Berlin")
    answer = session_of(teacher).post("users/self/tokens", values(expires_at=written))
    assert answer.body["expires_at"] == meant


def test_a_day_ends_in_the_owners_zone_not_the_callers(school: School) -> None:
    User.objects.filter(pk=school.teacher.pk).update(time_zone="America/New_York")
    answer = session_of(school.admin).post(f"users/{school.teacher.pk}/tokens", values(expires_at="2099-07-01"))
    assert answer.body["expires_at"] == "2099-07-02T03:59:59Z"


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        ({"expires_at": day(30)}, "purpose_missing", "token[purpose] is missing"),
        ({"purpose": None, "expires_at": day(30)}, "purpose_missing", "token[purpose] is missing"),
        ({"purpose": " \t ", "expires_at": day(30)}, "purpose_blank", "Purpose is required."),
        ({"purpose": "x" * 256, "expires_at": day(30)}, "purpose_too_long", "Purpose cannot be longer than 255"),
        ({"purpose": "a\u202eb", "expires_at": day(30)}, "purpose_unreadable", "U+202E"),
        ({"purpose": "a\x00b", "expires_at": day(30)}, "purpose_unreadable", "U+0000"),
        ({"purpose": "x"}, "expiry_required", "Expiration date is required"),
        ({"purpose": "x", "expires_at": None}, "expiry_required", "Expiration date is required"),
        ({"purpose": "x", "expires_at": day(121)}, "expiry_beyond_cap", "cannot be more than 120 days in the future"),
        ({"purpose": "x", "expires_at": "2020-01-01"}, "expiry_in_past", "Expiration date must be in the future"),
        ({"purpose": "x", "expires_at": "soon"}, "expiry_invalid", "Invalid expiration date format"),
        ({"purpose": "x", "expires_at": "3000-01-01"}, "expiry_invalid", "Invalid expiration date format"),
        ({"purpose": "x", "expires_at": "9" * 400}, "expiry_invalid", "Invalid expiration date format"),
        ({"purpose": "x", "expires_at": 5}, "expiry_invalid", "Invalid expiration date format"),
        ({"purpose": "x", "expires_at": ["2027-01-01"]}, "expiry_invalid", "Invalid expiration date format"),
        ({"purpose": "x", "expires_at": day(3), "scopes": ["all"]}, "scope_unknown", "all"),
        ({"purpose": "x", "expires_at": day(3), "scopes": ["tokens:manage"]}, "scope_not_allowed", "tokens:manage"),
        ({"purpose": 5, "expires_at": day(3)}, "parameter_invalid", "must be a text"),
        ({"purpose": ["x"], "expires_at": day(3)}, "parameter_invalid", "must be a text"),
        ({"purpose": True, "expires_at": day(3)}, "parameter_invalid", "must be a text"),
        ({"purpose": {}, "expires_at": day(3)}, "parameter_invalid", "must be a text"),
        ({"purpose": "x", "expires_at": day(3), "scopes": "tokens:manage"}, "parameter_invalid", "list of texts"),
        ({"purpose": "x", "expires_at": day(3), "scopes": [1]}, "parameter_invalid", "list of texts"),
        ({"purpose": "x", "expires_at": day(3), "scopes": None}, "parameter_invalid", "list of texts"),
    ],
)
def test_a_refusal_has_its_code_its_words_and_its_field(
    student: Caller, given: dict[str, Any], code: str, message: str
) -> None:
    answer = student.post("users/self/tokens", {"token": given})
    [error] = answer.body["errors"]
    assert (answer.status, error["code"]) == (400, code)
    assert message in error["message"]
    wrong = "scopes" if "scopes" in given else "purpose"
    assert error["field"] == {"purp": "purpose", "expi": "expires_at"}.get(code[:4], wrong)
    assert not AccessToken.objects.exists()


def test_every_reason_is_said_at_once(student: Caller) -> None:
    assert student.post("users/self/tokens", {}).codes == ["purpose_missing", "expiry_required"]


def test_exactly_the_cap_is_allowed(student: Caller) -> None:
    ceiling = student.get("users/self/standing").body["ceiling"]
    made = student.post("users/self/tokens", values(expires_at=ceiling))
    assert (made.status, made.body["expires_at"]) == (200, ceiling)


def test_what_the_schools_shorter_cap_says_is_said_with_its_number(school: School, student: Caller) -> None:
    policy.change(school.root, {"student_cap_days": 7}, actor=None, now=timezone.now())
    [error] = student.post("users/self/tokens", values(expires_at=day(8))).body["errors"]
    assert error["message"] == "Expiration date cannot be more than 7 days in the future"


@pytest.mark.parametrize(
    "body",
    [
        b"token[purpose]=Form&token[expires_at]=%s",
        b"token%%5Bpurpose%%5D=Form&token%%5Bexpires_at%%5D=%s&token%%5Bscopes%%5D%%5B%%5D=",
        b"token[purpose]=Form&token[expires_at]=%s&other[a][b][]=1&other[a][b][]=2&c=3",
    ],
)
def test_a_form_is_as_good_as_json(student: Caller, body: bytes) -> None:
    answer = student.send("POST", "users/self/tokens", body % day(3).encode(), "application/x-www-form-urlencoded")
    assert (answer.status, answer.body["purpose"], answer.body["scopes"]) == (200, "Form", [])


def test_a_form_of_several_parts_is_as_good_as_json(school: School) -> None:
    fields = {"token[purpose]": "Löwe", "token[scopes][]": ["tokens:manage", "tokens:manage"]}
    caller = session_of(school.admin)
    answer = caller.client.post("/api/v1/users/self/tokens", fields, headers=caller.headers)
    assert (answer.json()["purpose"], answer.json()["scopes"]) == ("Löwe", ["tokens:manage"])


def test_nobody_chooses_a_secret_an_owner_or_a_state(school: School, student: Caller) -> None:
    chosen = {"id": 7, "user_id": school.admin.pk, "state": "revoked", "visible_token": "mine", "lookup_id": "a" * 16}
    body = student.post("users/self/tokens", values(**chosen) | {"user_id": 7, "per_page": "x"}).body
    assert (body["user_id"], body["state"]) == (school.student.pk, "active")
    assert body["visible_token"] != "mine"


def test_a_token_for_another_is_pending_and_names_its_maker(school: School) -> None:
    body = session_of(school.admin).post(f"users/{school.student.pk}/tokens", values()).body
    assert (body["state"], body["workflow_state"]) == ("pending", "pending")
    assert (body["user_id"], body["real_user_id"]) == (school.student.pk, school.admin.pk)


def test_a_token_for_another_obeys_their_cap(school: School) -> None:
    answer = session_of(school.admin).post(f"users/{school.student.pk}/tokens", values(expires_at=None))
    assert answer.refusal == (400, "expiry_required")


def test_whoever_lacks_the_right_hears_the_same_of_everybody_and_nobody(school: School) -> None:
    for caller in (school.student, school.teacher, school.science_admin):
        session = session_of(caller)
        targets = (school.other_student.pk, 999_999, "sis_user_id:nobody", "x")
        answers = [session.post(f"users/{target}/tokens", values()) for target in targets]
        assert {str(answer.body) for answer in answers} == {str(answers[0].body)}
        assert answers[0].refusal == (403, "forbidden")
        assert answers[0].body["status"] == "unauthorized"


def test_the_right_comes_before_the_values(school: School, student: Caller) -> None:
    assert student.post(f"users/{school.admin.pk}/tokens", {"token": 5}).refusal == (403, "forbidden")


def test_tokens_make_no_tokens(school: School) -> None:
    for user in (school.student, school.admin):
        answer = bearer_of(user).post("users/self/tokens", values())
        assert answer.refusal == (403, "insufficient_scope")
        assert answer.headers["WWW-Authenticate"] == (
            'Bearer realm="tokenportal", error="insufficient_scope", scope="tokens:manage"'
        )


def test_the_lacking_scope_is_said_before_the_lacking_right(school: School) -> None:
    assert bearer_of(school.student).post("users/999999/tokens").refusal == (403, "insufficient_scope")


def test_a_token_made_for_it_makes_tokens(school: School) -> None:
    manager = manager_of(school.admin)
    assert manager.post("users/self/tokens", values()).body["state"] == "active"
    assert manager.post(f"users/{school.student.pk}/tokens", values()).body["state"] == "pending"


def test_a_token_for_somebody_who_may_not_sign_in_is_refused(school: School) -> None:
    User.objects.filter(pk=school.student.pk).update(is_active=False)
    answer = session_of(school.admin).post(f"users/{school.student.pk}/tokens", values())
    assert answer.refusal == (400, "inactive_owner")


def test_use_is_shown_to_the_owner_and_with_the_right_only(school: School, student: Caller) -> None:
    maker = person("maker")
    enroll(maker, role(Base.ADMIN, "Maker", (Permission.TOKENS_CREATE,)))
    by_maker = session_of(maker).post(f"users/{school.student.pk}/tokens", values()).body
    own, by_admin = (
        caller.get(f"users/{school.student.pk}/tokens/{by_maker['id']}").body
        for caller in (student, session_of(school.admin))
    )
    use = {"use_count", "last_used_ip", "last_used_agent"}
    assert use <= own.keys() & by_admin.keys()
    assert not use & by_maker.keys()


@pytest.mark.parametrize(("row", "audience"), CASES, ids=case_id)
def test_the_truth_table_holds_at_this_door(db: None, row: Row, audience: Audience) -> None:
    settings = {"audience": audience, "observers_count_as_students": row.observers_count_as_students}
    policy.change(Account.objects.root(), settings, actor=None, now=timezone.now())
    caller = session_of(person_of(row, now=timezone.now()))
    capped, free = (caller.post("users/self/tokens", values(expires_at=end)) for end in (day(119), None))
    if audience not in row.may:
        assert capped.refusal == free.refusal == (403, "creation_not_allowed")
    else:
        assert capped.status == 200
        assert free.body.get("expires_at", "refused") is None if not row.capped else free.code == "expiry_required"


def test_the_clock_is_ours(student: Caller) -> None:
    created = student.post("users/self/tokens", values()).body["created_at"]
    assert abs(datetime.fromisoformat(created) - datetime.now(UTC)) < timedelta(minutes=5)
