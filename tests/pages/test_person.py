"""What administrators see and do: people, a person, the audit log."""

import re

import pytest
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import User
from accounts.roles import Base, Permission
from tests.cast import School, enroll, person, role
from tests.pages.visits import client_of, text_of, token_of
from tokens.models import AccessToken, State


def names_in(text: str) -> list[str]:
    return re.findall(r'class="title" href="/people/\d+/">([^<]+)', text)


@pytest.mark.parametrize("term", ["other-stu", "OTHER STUDENT", "other-student@school", "S-77"])
def test_people_are_found_by_name_sign_in_email_and_sis_id(school: School, term: str) -> None:
    User.objects.filter(pk=school.other_student.pk).update(sis_user_id="S-77")
    assert names_in(text_of(client_of(school.admin).get("/people/", {"q": term}))) == ["Other Student"]


def test_people_are_filtered_by_the_kind_of_their_roles(school: School) -> None:
    assert names_in(text_of(client_of(school.admin).get("/people/?role=teacher"))) == ["Teacher"]


def test_an_administrator_of_a_faculty_finds_its_people_only(school: School) -> None:
    assert set(names_in(text_of(client_of(school.arts_admin).get("/people/")))) == {
        "Student",
        "Other Student",
        "Teacher",
        "Arts Admin",
    }


def test_a_long_list_of_people_goes_on_page_by_page(school: School) -> None:
    for number in range(40):
        User.objects.create(login_id=f"p{number:02}", name=f"P {number:02}", sortable_name=f"P {number % 3}")
    client, seen, path = client_of(school.admin), [], "/people/"
    while path:
        text = text_of(client.get(path))
        seen += names_in(text)
        onward = re.search(r'href="(\?after=\d+)">Next page', text)
        path = f"/people/{onward[1]}" if onward else ""
    assert len(seen) == len(set(seen)) == User.objects.count()


@pytest.mark.parametrize("path", ["/people/", "/audit/", "/settings/"])
def test_administration_is_closed_to_everybody_else(school: School, path: str) -> None:
    for user in (school.student, school.teacher, school.outsider):
        client = client_of(user)
        assert client.get(path).status_code == 403
        assert f'href="{path}"' not in text_of(client.get("/tokens/"))


def test_the_person_page_tells_roles_policy_and_tokens(school: School) -> None:
    token_of(school.student, purpose="Grade dashboard", days=80)
    text = text_of(client_of(school.admin).get(f"/people/{school.student.pk}/"))
    for words in ("HIST 101", "Every role is a student role", "May generate tokens", "Grade dashboard", "in 80 days"):
        assert words in text


def test_a_person_out_of_reach_answers_like_nobody(school: School) -> None:
    for user in (school.science_admin, school.student, school.teacher):
        client = client_of(user)
        out_of_reach, nobody = client.get(f"/people/{school.other_student.pk}/"), client.get("/people/999999/")
        assert out_of_reach.status_code == nobody.status_code == 404
        assert out_of_reach.content == nobody.content


def test_from_search_to_revoked_it_is_two_clicks(school: School) -> None:
    token = token_of(school.student)
    client = client_of(school.admin)
    path = f"/people/{school.student.pk}/revoke-all/"
    assert f'href="{path}"' in text_of(client.get("/people/?q=student"))
    assert "Revoke 1 token" in text_of(client.get(path))
    assert "Revoked 1 token." in text_of(client.post(path, {"reason": "misuse"}, follow=True))
    token.refresh_from_db()
    assert (token.state, token.revoked_by, token.revoked_reason) == (State.REVOKED, school.admin, "misuse")


def test_only_the_tokens_that_were_ticked_end(school: School) -> None:
    ticked, kept = token_of(school.student), token_of(school.student)
    foreign = token_of(school.other_student)
    path = f"/people/{school.student.pk}/revoke/?id={ticked.pk}&id={foreign.pk}&id=x"
    client = client_of(school.admin)
    assert "Revoke 1 token of Student?" in text_of(client.get(path))
    client.post(path)
    live = set(AccessToken.objects.filter(state=State.ACTIVE))
    assert live == {kept, foreign}


def test_whoever_may_only_look_sees_no_button_and_finds_the_door_shut(school: School) -> None:
    helpdesk = person("helpdesk")
    enroll(helpdesk, role(Base.ADMIN, "Help desk", (Permission.USERS_VIEW, Permission.TOKENS_VIEW)))
    token = token_of(school.student)
    client = client_of(helpdesk)
    text = text_of(client.get(f"/people/{school.student.pk}/"))
    assert token.purpose in text
    assert "Revoke" not in text
    assert "Generate for them" not in text
    for path in (f"/people/{school.student.pk}/revoke-all/", f"/tokens/{token.pk}/revoke/"):
        assert client.post(path).status_code == 403
    token.refresh_from_db()
    assert token.state == State.ACTIVE


def test_whoever_may_see_people_but_not_tokens_sees_no_tokens(school: School) -> None:
    registrar = person("registrar")
    enroll(registrar, role(Base.ADMIN, "Registrar", (Permission.USERS_VIEW,)))
    token = token_of(school.student, purpose="Private business")
    client = client_of(registrar)
    assert "Private business" not in text_of(client.get(f"/people/{school.student.pk}/"))
    assert client.get(f"/tokens/{token.pk}/").status_code == 404


def test_nobody_ends_the_tokens_of_whoever_holds_more_rights(school: School) -> None:
    token = token_of(school.admin)
    assert client_of(school.arts_admin).post(f"/tokens/{token.pk}/revoke/").status_code == 404


def test_suspending_and_resuming_tell_the_owner_why(school: School) -> None:
    token = token_of(school.student)
    client = client_of(school.admin)
    client.post(f"/tokens/{token.pk}/suspend/", {"reason": "unusual use"})
    assert "Resume" in text_of(client.get(f"/tokens/{token.pk}/"))
    client.post(f"/tokens/{token.pk}/resume/", {"reason": "it was fine"})
    events = AuditEvent.objects.filter(subject_id=token.pk).order_by("pk").values_list("action", "reason")
    assert list(events)[1:] == [("token.suspend", "unusual use"), ("token.resume", "it was fine")]


def test_the_audit_log_is_for_those_within_reach_and_can_be_filtered(school: School) -> None:
    token_of(school.student, purpose="In the arts")
    scientist = person("scientist")
    enroll(scientist, role(Base.STUDENT), course=school.physics)
    token_of(scientist, purpose="In the sciences")
    everything = text_of(client_of(school.admin).get("/audit/"))
    assert "In the arts" in everything
    assert "In the sciences" in everything
    arts = text_of(client_of(school.arts_admin).get("/audit/"))
    assert "In the arts" in arts
    assert "In the sciences" not in arts
    narrowed = text_of(client_of(school.admin).get("/audit/?kind=token&q=scientist"))
    assert "In the sciences" in narrowed
    assert "In the arts" not in narrowed
    assert "Nothing matches" in text_of(client_of(school.admin).get("/audit/?kind=policy"))


@pytest.mark.parametrize("tokens", [1, 60])
def test_the_person_page_asks_the_database_a_dozen_times_however_many_tokens(
    school: School, django_assert_max_num_queries: object, tokens: int
) -> None:
    now = timezone.now()
    rows = [
        AccessToken(
            user=school.student,
            purpose=f"Token {number}",
            state=State.ACTIVE,
            created_at=now,
            updated_at=now,
            secret_made_at=now,
            lookup_id=f"A{number:015}",
            tag=b"",
            tag_key="k",
            verifier="v",
        )
        for number in range(tokens)
    ]
    AccessToken.objects.bulk_create(rows)
    client = client_of(school.admin)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        assert client.get(f"/people/{school.student.pk}/").status_code == 200
