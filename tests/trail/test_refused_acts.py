"""Each refusal of an administrator's act leaves a line, whatever the door; nobody else's does."""

import pytest
from django.db import connection

from accounts.audit import AuditEvent
from accounts.models import User
from accounts.roles import Base, Permission
from tests.api.caller import bearer_of, made, manager_of, session_of
from tests.cast import School, enroll, person, role
from tests.pages.visits import client_of, text_of, token_of
from tokenportal import refused_acts
from tokenportal.refused_acts import ACTION, MOST_AN_HOUR


def refused() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=ACTION).order_by("pk"))


@pytest.fixture
def helper(school: School) -> User:
    """Somebody who may see tokens and end none."""
    found = person("helper")
    enroll(found, role(Base.ADMIN, "Helper", (Permission.TOKENS_VIEW, Permission.USERS_VIEW)))
    return found


def test_a_page_that_says_no_leaves_a_line_about_the_owner(school: School, helper: User) -> None:
    token = token_of(school.student)
    assert client_of(helper).post(f"/tokens/{token.pk}/revoke/", {"reason": "x"}).status_code == 403
    [line] = refused()
    assert (line.actor, line.person) == (helper, school.student)
    assert line.after == {
        "codes": ["forbidden"],
        "tried": "POST /tokens/:token_id/revoke/",
        "named": {"token_id": str(token.pk)},
    }
    assert line.request_id
    assert "POST /tokens/:token_id/revoke/" in text_of(client_of(school.admin).get("/audit/?kind=act"))


def test_out_of_reach_leaves_one_too(school: School) -> None:
    token = token_of(school.student)
    assert client_of(school.science_admin).post(f"/tokens/{token.pk}/revoke/", {"reason": "x"}).status_code == 404
    assert client_of(school.science_admin).post(f"/accounts/{school.arts.pk}/settings/", {}).status_code == 404
    assert [(line.after["codes"], line.person, line.account) for line in refused()] == [
        (["not_found"], school.student, None),
        (["not_found"], None, school.arts),
    ]


def test_the_api_leaves_the_same_with_the_token_that_carried_the_call(school: School, helper: User) -> None:
    token, carried = token_of(school.student), bearer_of(helper)
    lookup_id = carried.headers["Authorization"].split("_")[1]
    assert carried.delete(f"users/{school.student.pk}/tokens/{token.lookup_id}").status == 403
    path = f"users/{school.student.pk}/tokens/{token.pk}"
    assert session_of(helper).put(path, {"token": {"purpose": "x"}}).status == 404
    one, other = refused()
    assert (one.actor, one.person, one.carried_by) == (helper, school.student, lookup_id)
    assert other.carried_by == ""
    assert one.after["tried"] == "DELETE /api/v1/users/:user_id/tokens/:token_id"


def test_what_a_rule_forbids_is_noted_with_its_codes(school: School) -> None:
    client, day = client_of(school.admin), "2027-12-31"
    answer = client.post(f"/people/{school.student.pk}/new/", {"purpose": "", "expires_on": day})
    assert answer.status_code == 200
    asked = {"token": {"purpose": "x", "expires_at": f"{day}T00:00:00Z"}}
    assert manager_of(school.admin).post(f"users/{school.student.pk}/tokens", asked).status == 400
    page, api = refused()
    assert "purpose_missing" in page.after["codes"] or "purpose_blank" in page.after["codes"]
    assert api.after["codes"] == ["expiry_beyond_cap"]
    assert {page.person, api.person} == {school.student}


def test_nothing_is_noted_of_what_is_ones_own_nor_of_who_may_act_on_nobody(school: School) -> None:
    own, of_student = token_of(school.admin), token_of(school.student)
    client_of(school.admin).post("/tokens/new/", {"purpose": ""})
    assert manager_of(school.admin).put(f"users/self/tokens/{own.pk}", {"token": {"purpose": " "}}).status == 400
    client_of(school.teacher).post(f"/tokens/{of_student.pk}/revoke/", {"reason": "x"})
    client_of(school.admin).get("/tokens/999999/")
    client_of(school.admin).post("/no/such/address/")
    assert refused() == []


def test_nothing_is_noted_of_what_is_done(school: School) -> None:
    token = token_of(school.student)
    assert client_of(school.admin).post(f"/tokens/{token.pk}/revoke/", {"reason": "x"}).status_code == 302
    assert refused() == []


def test_a_look_at_a_preview_and_a_forged_form_are_no_refused_acts(school: School) -> None:
    client_of(school.admin).post(f"/accounts/{school.root.pk}/settings/preview/", {"student_cap_days": "0"})
    carrying = session_of(school.admin)
    carrying.headers.clear()
    assert carrying.delete(f"users/{school.student.pk}/tokens/1").status == 403
    assert refused() == []


def test_no_secret_in_an_address_comes_into_the_trail(school: School, helper: User) -> None:
    secret = made(school.student).secret
    assert session_of(helper).delete(f"users/{school.student.pk}/tokens/{secret}").status in (403, 404)
    [line] = refused()
    assert secret.rpartition("_")[2] not in str(line.after)


def test_a_script_that_runs_into_a_wall_fills_no_disk(
    school: School, helper: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_AN_HOUR == 60
    monkeypatch.setattr(refused_acts, "MOST_AN_HOUR", 3)
    client = client_of(helper)
    for _time in range(5):
        client.post(f"/people/{school.student.pk}/revoke-all/", {"reason": "x"})
    assert len(refused()) == 3


def test_a_refusal_stands_where_its_line_cannot_be_written(school: School, helper: User) -> None:
    token = token_of(school.student)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE accounts_auditevent ADD CONSTRAINT disk_is_full CHECK (action <> 'act.refuse')")
    assert client_of(helper).post(f"/tokens/{token.pk}/revoke/", {"reason": "x"}).status_code == 403
