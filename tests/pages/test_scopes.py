"""Scopes where people meet them: making a token, changing one, looking at one, and the settings of an account."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.roles import Base, Permission
from policies import settings
from policies.models import Policy
from tests.cast import School, enroll, role
from tests.pages.saving import save
from tests.pages.visits import SECRET, client_of, text_of
from tokens import lifecycle, scopes
from tokens.models import AccessToken, Scope

SELF = "url:GET|/api/v1/users/:id"
SAME = {"audience": "everyone", "student_cap_days": "120", "observers_count_as_students": "no"}


@pytest.fixture
def grades(school: School) -> Scope:
    return scopes.define("grades:read", "Read grades", actor=school.admin, now=timezone.now())


def offered(user: User, path: str = "/tokens/new/") -> list[str]:
    return re.findall(r'name="scopes" value="([^"]+)"', text_of(client_of(user).get(path)))


def is_open(text: str) -> bool:
    return bool(re.search(r"<details[^>]* open>", text))


def make(user: User, *wanted: str) -> Any:
    return client_of(user).post("/tokens/new/", {"purpose": "x", "days": "7", "scopes": wanted})


def made_with(user: User, *wanted: str) -> AccessToken:
    now = timezone.now()
    end = now + timedelta(days=7)
    return lifecycle.issue(user, purpose="x", expires_at=end, scopes=wanted, actor=user, now=now).token


def change_policy(school: School, **values: object) -> None:
    settings.change(school.root, values, actor=school.admin, now=timezone.now())


def test_scopes_are_folded_away_and_said_in_words(school: School, grades: Scope) -> None:
    text = text_of(client_of(school.student).get("/tokens/new/"))
    assert not is_open(text)
    assert "With nothing ticked, the token may do what its owner may." in text
    assert offered(school.student) == [*scopes.OWN, scopes.ROTATE, "grades:read"]
    assert SECRET.search(text_of(make(school.student, "grades:read", SELF)))
    assert AccessToken.objects.get().scopes == ["grades:read", SELF]


def test_only_who_may_take_it_is_offered_to_manage_tokens(school: School) -> None:
    maker = role(Base.ADMIN, "Token desk", (Permission.TOKENS_CREATE,))
    enroll(school.teacher, maker)
    assert "tokens:manage" in offered(school.teacher)
    assert "tokens:manage" not in offered(school.student)
    refused = text_of(make(school.student, "tokens:manage"))
    assert "Only an administrator who may create tokens for others" in refused
    assert is_open(refused)


def test_a_scope_that_nobody_gives_out_is_refused_beside_the_boxes(school: School, grades: Scope) -> None:
    scopes.retire(grades, actor=school.admin, now=timezone.now())
    text = text_of(make(school.student, "grades:read"))
    assert "There is no scope “grades:read”." in text
    assert is_open(text)
    assert not AccessToken.objects.exists()


def test_where_scopes_are_demanded_the_boxes_are_open_and_one_must_be_ticked(school: School) -> None:
    change_policy(school, scopes_required=True)
    assert is_open(text_of(client_of(school.teacher).get("/tokens/new/")))
    text = text_of(make(school.teacher))
    assert "choose at least one scope." in text
    assert re.search(r'<input[^>]*name="scopes"[^>]*autofocus', text)


def test_a_student_is_offered_what_the_account_allows_students(school: School, grades: Scope) -> None:
    change_policy(school, student_scopes=["grades:read"])
    assert offered(school.student) == ["grades:read"]
    assert len(offered(school.teacher)) > 1
    assert "Students cannot take the scope" in text_of(make(school.student, SELF))
    assert SECRET.search(text_of(make(school.student, "grades:read")))


def test_a_change_of_scopes_is_a_change_of_the_token_and_told_in_its_history(school: School, grades: Scope) -> None:
    token = made_with(school.student, "grades:read")
    client = client_of(school.student)
    fields = {"purpose": "x", "days": "keep"}
    assert re.search(r'value="grades:read" checked', text_of(client.get(f"/tokens/{token.pk}/edit/")))
    page = text_of(client.post(f"/tokens/{token.pk}/edit/", {**fields, "scopes": [SELF]}, follow=True))
    assert f"Scopes changed to {SELF}" in page
    assert "Read who you are" in page
    page = text_of(client.post(f"/tokens/{token.pk}/edit/", fields, follow=True))
    assert "whatever its owner may" in page


def test_a_token_keeps_a_retired_scope_while_its_purpose_changes(school: School, grades: Scope) -> None:
    token = made_with(school.student, "grades:read")
    scopes.retire(grades, actor=school.admin, now=timezone.now())
    fields = {"purpose": "Another", "days": "keep", "scopes": offered(school.student, f"/tokens/{token.pk}/edit/")[-1:]}
    client_of(school.student).post(f"/tokens/{token.pk}/edit/", fields)
    token.refresh_from_db()
    assert (token.purpose, token.scopes) == ("Another", ["grades:read"])


def test_an_old_token_gets_its_scopes_when_it_is_regenerated(school: School) -> None:
    token = made_with(school.student)
    change_policy(school, scopes_required=True)
    client, path = client_of(school.student), f"/tokens/{token.pk}/regenerate/"
    assert "choose at least one scope." in text_of(client.post(path, {"days": "keep"}))
    assert SECRET.search(text_of(client.post(path, {"days": "keep", "scopes": [SELF]})))


def test_lists_say_in_words_what_a_token_may(school: School, grades: Scope) -> None:
    made_with(school.student, "grades:read")
    for user, path in ((school.student, "/tokens/"), (school.admin, f"/people/{school.student.pk}/")):
        assert "Read grades" in text_of(client_of(user).get(path))


def test_an_account_demands_scopes_and_limits_those_of_students(school: School, grades: Scope) -> None:
    client = client_of(school.admin)
    fields = {**SAME, "scopes_required": "yes", "student_scopes_set": "yes", "student_scopes": ["grades:read"]}
    page = " ".join(text_of(save(client, school.root, fields)).split())
    policy = Policy.objects.get()
    assert (policy.scopes_required, policy.student_scopes) == (True, ["grades:read"])
    assert "Scopes for students: not set → grades:read" in page
    assert re.search(r'value="grades:read" checked', page)
    below = text_of(client.get(f"/accounts/{school.arts.pk}/settings/"))
    assert "grades:read" in below
    assert f"set in {school.root.name}" in below
    fields = {**SAME, "scopes_required": "no", "student_scopes_set": "", "student_scopes": ["grades:read"]}
    save(client, school.root, fields)
    policy.refresh_from_db()
    assert (policy.scopes_required, policy.student_scopes) == (False, None)


def test_no_scope_at_all_for_students_is_refused_beside_the_boxes(school: School) -> None:
    fields = {**SAME, "student_scopes_set": "yes"}
    text = text_of(client_of(school.admin).post(f"/accounts/{school.root.pk}/settings/", fields))
    assert "Choose at least one scope for students" in text
    assert not Policy.objects.exists()


def test_a_flag_that_is_neither_yes_nor_no_is_refused(school: School) -> None:
    fields = {**SAME, "scopes_required": "perhaps"}
    text = text_of(client_of(school.admin).post(f"/accounts/{school.root.pk}/settings/", fields))
    assert "This value is not one the setting can take." in text
