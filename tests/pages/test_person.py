"""What administrators see of a person, and do."""

import re

import pytest
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Course, Enrollment, User
from accounts.roles import Base, EnrollmentState, Permission
from policies import settings
from tests.cast import School, endless_token, enroll, person, role
from tests.pages.visits import client_of, said_in, text_of, token_of
from tokens import usage
from tokens.models import AccessToken, State
from tokens.usage import ACCEPTED, DayUse, Use
from tokens.views.ending import MOST_NAMED


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


def test_the_person_page_says_because_of_which_role_and_what_follows_if_it_ends(school: School) -> None:
    enroll(school.student, role(Base.TA), course=school.history)
    endless_token(school.student)
    token_of(school.student, days=200)
    token_of(school.student, days=30)
    text = text_of(client_of(school.admin).get(f"/people/{school.student.pk}/"))
    assert "Tokens may live without an end, because of the role TA." in text
    assert "If TA ends, tokens need an end, at most 120 days away, as for students." in text
    assert "<b>2</b> tokens that live longer are shortened then." in text
    assert "New ones cannot be generated" not in text
    settings.change(school.root, {"audience": "no_students"}, actor=None, now=timezone.now())
    assert "New ones cannot be generated" in text_of(client_of(school.admin).get(f"/people/{school.student.pk}/"))


def test_roles_are_grouped_and_many_courses_do_not_flood_the_page(school: School) -> None:
    for number in range(40):
        course = Course.objects.create(code=f"C {number:02}", name="A course", account=school.arts)
        enroll(school.student, role(Base.TA), course=course)
    enroll(school.student, role(Base.DESIGNER), school.arts, state=EnrollmentState.COMPLETED)
    client, path = client_of(school.admin), f"/people/{school.student.pk}/"
    answer = client.get(path)
    seen = [(held.role.label, held.counts, held.total, len(held.places)) for held in answer.context["holdings"]]
    assert seen == [("Student", True, 1, 1), ("TA", True, 40, 6), ("Designer", False, 1, 1)]
    text = text_of(answer)
    assert "C 05" in text
    assert "C 06" not in text
    assert "and 34 more" in text
    assert "Faculty of Arts" in text
    assert "C 39" in text_of(client.get(f"{path}?roles=all"))


def test_two_sections_of_a_course_are_one_place(school: School) -> None:
    for section in ("a", "b"):
        Enrollment.objects.create(
            user=school.outsider,
            role=role(Base.TA),
            account=school.arts,
            course=school.history,
            sis_section_id=section,
        )
    [held] = client_of(school.admin).get(f"/people/{school.outsider.pk}/").context["holdings"]
    assert [place.where for place in held.places.values()] == [school.history]


def test_the_way_to_the_settings_is_shown_to_whoever_may_edit_them(school: School) -> None:
    path, link = f"/people/{school.student.pk}/", f'href="/accounts/{school.arts.pk}/settings/"'
    assert link in text_of(client_of(school.arts_admin).get(path))
    helpdesk = person("helpdesk")
    enroll(helpdesk, role(Base.ADMIN, "Help desk", (Permission.USERS_VIEW, Permission.TOKENS_VIEW)))
    assert link not in text_of(client_of(helpdesk).get(path))


def test_a_person_out_of_reach_answers_like_nobody(school: School) -> None:
    for user in (school.science_admin, school.student, school.teacher):
        client = client_of(user)
        out_of_reach, nobody = client.get(f"/people/{school.other_student.pk}/"), client.get("/people/999999/")
        assert out_of_reach.status_code == nobody.status_code == 404
        assert said_in(out_of_reach) == said_in(nobody)


def test_revoking_all_says_how_each_is_used_and_whether_the_owner_hears_of_it(school: School) -> None:
    used = token_of(school.student, purpose="Busy")
    token_of(school.student, purpose="Idle")
    use = Use(timezone.now(), ACCEPTED, "GET /x", None, "")
    day = DayUse()
    day.add(use)
    day.add(use)
    usage.write({use.key(used.pk): day}, now=timezone.now())
    client, path = client_of(school.admin), f"/people/{school.student.pk}/revoke-all/"
    text = text_of(client.get(path))
    assert re.findall(r"Busy|Idle|2 requests in 30 days|never used", text) == [
        "Busy",
        "2 requests in 30 days",
        "Idle",
        "never used",
    ]
    assert "Student gets one e-mail that names the tokens and the reason." in text
    User.objects.filter(pk=school.student.pk).update(email="")
    assert "has no e-mail address here" in text_of(client.get(path))


def test_of_many_tokens_the_most_used_are_named_and_all_end(school: School) -> None:
    for number in range(MOST_NAMED + 3):
        token_of(school.student, purpose=f"Token {number:02}")
    client, path = client_of(school.admin), f"/people/{school.student.pk}/revoke-all/"
    text = text_of(client.get(path))
    assert len(re.findall(r"Token \d\d", text)) == MOST_NAMED
    assert "and 3 more, used less than these" in text
    assert f"Revoked {MOST_NAMED + 3} tokens." in text_of(client.post(path, follow=True))


def test_only_the_tokens_that_were_ticked_end(school: School) -> None:
    ticked, kept = token_of(school.student), token_of(school.student)
    foreign = token_of(school.other_student)
    path = f"/people/{school.student.pk}/revoke/?id={ticked.pk}&id={foreign.pk}&id=x"
    client = client_of(school.admin)
    assert "Revoke 1 token of Student?" in text_of(client.get(path))
    nothing = client.get(f"/people/{school.student.pk}/revoke/?id={foreign.pk}")
    assert nothing.headers["Location"] == f"/people/{school.student.pk}/"
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
    page = text_of(client.get(f"/tokens/{token.pk}/"))
    assert "Resume" in page
    assert f"/tokens/{token.pk}/regenerate/" not in page
    client.post(f"/tokens/{token.pk}/resume/", {"reason": "it was fine"})
    events = AuditEvent.objects.filter(subject_id=token.pk).order_by("pk").values_list("action", "reason")
    assert list(events)[1:] == [("token.suspend", "unusual use"), ("token.resume", "it was fine")]
