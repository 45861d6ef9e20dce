"""The roles of the school where people meet them: their list, their forms, and the page of a person."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from accounts import defining, granting
from accounts.audit import AuditEvent
from accounts.models import Role
from accounts.roles import Base, EnrollmentState, Permission
from policies.exemptions import exempt
from policies.models import Exemption
from tests.cast import School, enroll, person, role
from tests.pages.visits import client_of, text_of

PAGES = ("/roles/", "/roles/new/")
NEW = {"label": "Help desk", "base": "admin", "permissions": ["tokens.view", "users.view"]}


def desk(permissions: tuple[str, ...] = ("tokens.view", "users.view")) -> Role:
    return defining.define("Help desk", "admin", permissions, actor=None, now=timezone.now())


def plain(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text_of(answer)).split())


@pytest.mark.parametrize("page", PAGES)
def test_they_belong_to_who_edits_the_policy_of_the_whole_school(school: School, page: str) -> None:
    assert client_of(school.admin).get(page).status_code == 200
    for user in (school.student, school.teacher, school.arts_admin):
        assert client_of(user).get(page).status_code == 403
        assert 'href="/roles/"' not in text_of(client_of(user).get("/tokens/"))
    assert 'href="/roles/"' in text_of(client_of(school.admin).get("/tokens/"))


def test_a_role_is_made_given_and_ended(school: School) -> None:
    client, page = client_of(school.admin), f"/people/{school.student.pk}/"
    assert "No role of your own yet" in text_of(client.get("/roles/"))
    assert "“Help desk” can now be given" in text_of(client.post("/roles/new/", NEW, follow=True))
    made = Role.objects.get(label="Help desk")
    fields = {"role": made.pk, "account": school.arts.pk, "until": ""}
    said = plain(client.post(f"{page}roles/new/", fields, follow=True))
    assert "Student now holds the role Help desk in Faculty of Arts." in said
    assert "Help desk Administrator See tokens · See people 1 person" in plain(client.get("/roles/"))
    end = f"{page}roles/{made.pk}/end/"
    assert f'href="{end}"' in text_of(client.get(page))
    place = school.student.enrollments.get(role=made)
    said = plain(client.post(end, {"places": [place.pk]}, follow=True))
    assert "Student no longer holds the role Help desk in 1 place." in said
    place.refresh_from_db()
    assert place.state == EnrollmentState.COMPLETED


def test_a_role_ends_with_the_day_that_was_picked_where_the_giver_lives(school: School) -> None:
    school.admin.time_zone = "Asia/Tokyo"
    school.admin.save()
    day = (timezone.now() + timedelta(days=9)).date()
    fields = {"role": role(Base.TA).pk, "account": school.arts.pk, "until": day.isoformat()}
    client_of(school.admin).post(f"/people/{school.student.pk}/roles/new/", fields)
    ends_at = school.student.enrollments.get(role=role(Base.TA)).ends_at
    assert ends_at is not None
    assert ends_at.isoformat() == f"{day}T14:59:59+00:00"
    assert f"(until {date_format(day, 'j M Y')})" in text_of(
        client_of(school.admin).get(f"/people/{school.student.pk}/")
    )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"label": " "}, "Give the role a name."),
        ({"label": "x" * 256}, "The name cannot be longer than 255 characters."),
        ({"label": "a\u202eb"}, "a character that cannot be seen (U+202E)"),
        ({"label": "Student"}, "“Student” is the name of another role"),
        ({"base": ""}, "Choose what kind of role it is."),
        ({"permissions": ["tokens.steal"]}, "Nobody gives a right that they do not hold"),
    ],
)
def test_what_is_wrong_with_a_role_is_said_beside_it(school: School, fields: dict[str, Any], sentence: str) -> None:
    text = text_of(client_of(school.admin).post("/roles/new/", {**NEW, **fields}))
    assert sentence in text
    assert 'class="err"' in text
    assert not Role.objects.filter(is_builtin=False).exists()


def test_all_that_is_wrong_with_a_role_is_said_at_once(school: School) -> None:
    text = text_of(client_of(school.admin).post("/roles/new/", {**NEW, "label": "", "base": "dean"}))
    assert "Give the role a name." in text
    assert "Choose what kind of role it is." in text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"role": ""}, "Choose one of the roles in the list."),
        ({"account": "999999"}, "Choose one of the accounts in the list."),
        ({"until": "yesterday"}, "Choose a day that is not past"),
        ({"until": "2020-01-01"}, "Choose a day that is not past"),
    ],
)
def test_what_is_wrong_with_a_gift_is_said_beside_it(school: School, fields: dict[str, Any], sentence: str) -> None:
    given = {"role": role(Base.TA).pk, "account": school.arts.pk, "until": "", **fields}
    text = text_of(client_of(school.admin).post(f"/people/{school.student.pk}/roles/new/", given))
    assert sentence in text
    assert school.student.enrollments.count() == 1


def test_an_edit_says_how_many_hold_the_role_and_is_told_in_the_audit_log(school: School) -> None:
    made = desk()
    granting.give(school.outsider, made, school.root, actor=school.admin, now=timezone.now())
    client, path = client_of(school.admin), f"/roles/{made.pk}/edit/"
    text = text_of(client.get(path))
    assert "held by 1 person now" in text
    assert 'name="base"' not in text
    fields = {"label": "Service desk", "permissions": ["audit.view"]}
    assert "“Service desk” is saved." in text_of(client.post(path, fields, follow=True))
    assert "Nothing had changed." in text_of(client.post(path, fields, follow=True))
    made.refresh_from_db()
    assert (made.base, made.permissions) == ("admin", ["audit.view"])
    log = plain(client.get("/audit/?kind=role"))
    for words in ("Role “Help desk” renamed to “Service desk”", "See tokens, See people", "Read the audit log"):
        assert words in log


def test_the_last_keeper_sees_why_their_role_cannot_end(school: School) -> None:
    path = f"/people/{school.admin.pk}/roles/{role(Base.ADMIN).pk}/end/"
    place = school.admin.enrollments.get()
    text = text_of(client_of(school.admin).post(path, {"places": [place.pk]}))
    assert "Nobody would be left who may change the policy of the whole school." in text
    place.refresh_from_db()
    assert place.state == EnrollmentState.ACTIVE


def test_nothing_ticked_ends_nothing(school: School) -> None:
    path = f"/people/{school.student.pk}/roles/{role(Base.STUDENT).pk}/end/"
    client = client_of(school.admin)
    assert "Tick at least one place." in text_of(client.post(path, {"places": ["x"]}))
    assert not AuditEvent.objects.exists()


def test_a_held_role_is_retired_and_says_who_keeps_it_and_an_unheld_one_goes(school: School) -> None:
    client, made = client_of(school.admin), desk()
    path = f"/roles/{made.pk}/retire/"
    assert "Nobody ever held it, so it goes altogether" in text_of(client.get(path))
    granting.give(school.outsider, made, school.root, actor=school.admin, now=timezone.now())
    assert "The 1 person who holds it keeps it" in text_of(client.get(path))
    assert "“Help desk” is retired" in text_of(client.post(path, follow=True))
    assert "Help desk" not in text_of(client.get(f"/people/{school.student.pk}/roles/new/"))
    other = defining.define("Other", "ta", (), actor=None, now=timezone.now())
    assert "“Other” is gone." in text_of(client.post(f"/roles/{other.pk}/retire/", follow=True))


def test_an_exempted_role_that_nobody_held_is_retired_and_stays_for_its_exemption(school: School) -> None:
    client, made, now = client_of(school.admin), desk(), timezone.now()
    exempt(made, school.root, reason="A lab", ends_at=now + timedelta(days=9), actor=school.admin, now=now)
    path = f"/roles/{made.pk}/retire/"
    assert "so it stays in the list, and its name stays taken" in text_of(client.get(path))
    assert "“Help desk” is retired" in text_of(client.post(path, follow=True))
    assert Exemption.objects.get().role == made


def test_built_in_roles_and_those_with_rights_one_lacks_have_no_form(school: School) -> None:
    editor = person("editor")
    enroll(editor, role(Base.ADMIN, "Editor", (Permission.POLICY_EDIT,)), school.root)
    made = desk()
    for path in (f"/roles/{made.pk}/", f"/roles/{role(Base.TA).pk}/"):
        for act in ("edit/", "retire/"):
            assert client_of(editor).get(path + act).status_code == 404
            assert f'href="{path}{act}"' not in text_of(client_of(editor).get("/roles/"))


def test_whoever_may_only_look_finds_no_link_and_the_door_shut(school: School) -> None:
    viewer = person("viewer")
    enroll(viewer, role(Base.ADMIN, "Viewer", (Permission.USERS_VIEW,)), school.root)
    client, page = client_of(viewer), f"/people/{school.student.pk}/"
    assert "/roles/" not in text_of(client.get(page))
    for path in (f"{page}roles/new/", f"{page}roles/{role(Base.STUDENT).pk}/end/"):
        assert client.post(path).status_code == 403
    assert client_of(school.science_admin).get(f"{page}roles/new/").status_code == 404


def test_the_list_asks_the_database_as_often_for_many_as_for_one(
    school: School, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        defining.define(f"Role {number}", "ta", (), actor=None, now=timezone.now())
    client = client_of(school.admin)
    with django_assert_max_num_queries(10):
        client.get("/roles/")
