"""Class tokens on the pages: a teacher makes them and sees who has picked theirs up, a student picks theirs up."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import User
from accounts.roles import Base
from policies import settings as policy
from tests.cast import School, enroll, person, role
from tests.pages.visits import SECRET, client_of, key_in, text_of
from tokens import classes
from tokens.models import AccessToken, ClassIssue, State
from tokens.verification import verify

PURPOSE = "HIST 101 archive"


def made(school: School) -> ClassIssue:
    now = timezone.now()
    end = now + timedelta(days=60)
    return classes.make(school.history, purpose=PURPOSE, expires_at=end, actor=school.teacher, now=now)


def waiting(issue: ClassIssue, student: User) -> AccessToken:
    return AccessToken.objects.get(class_item__issue=issue, user=student)


def words_of(answer: object) -> str:
    return " ".join(text_of(answer).split())


def test_a_teacher_makes_them_after_a_look_and_a_second_click_leads_to_the_same(school: School) -> None:
    policy.change(school.root, {"student_cap_days": 30}, actor=None, now=timezone.now())
    policy.change(school.arts, {"student_cap_days": 60}, actor=None, now=timezone.now())
    enroll(school.student, role(Base.STUDENT), course=school.physics)
    teacher, place = client_of(school.teacher), f"/classes/new/{school.history.pk}/"
    listed = text_of(teacher.get("/classes/"))
    assert "Make tokens for HIST 101" in listed
    assert "PHYS 101" not in listed
    page = teacher.get(place)
    sent = {"purpose": PURPOSE, "days": "60", "key": key_in(page)}
    looked = words_of(teacher.post(place, {**sent, "days": "7", "look": "1"}))
    assert "2 students get one." in looked
    looked = words_of(teacher.post(place, {**sent, "look": "1"}))
    assert "1 student gets one. 1 gets none:" in looked
    assert "Their tokens can last 30 days at most." in looked
    assert not ClassIssue.objects.exists()
    first, second = teacher.post(place, sent), teacher.post(place, sent)
    issue = ClassIssue.objects.get()
    assert first["Location"] == second["Location"] == f"/classes/{issue.pk}/"
    page = teacher.get(first["Location"])
    assert "0 of 1 picked up" in words_of(page)
    assert "Not picked up yet" in text_of(page)
    assert not SECRET.search(text_of(page))


def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_made(school: School) -> None:
    answer = client_of(school.teacher).post(f"/classes/new/{school.history.pk}/", {"purpose": " ", "days": "60"})
    assert "Purpose is required." in text_of(answer)
    assert not ClassIssue.objects.exists()


def test_a_student_picks_theirs_up_and_sees_it_once(school: School) -> None:
    token = waiting(made(school), school.student)
    student = client_of(school.student)
    page = words_of(student.get("/tokens/"))
    assert "Teacher made a token for you in HIST 101" in page
    assert "Pick up" in words_of(student.get(f"/tokens/{token.pk}/"))
    answer = student.post(f"/tokens/{token.pk}/activate/")
    [secret] = set(SECRET.findall(text_of(answer)))
    assert verify(secret, now=timezone.now()).is_live
    again = student.post(f"/tokens/{token.pk}/activate/", follow=True)
    assert "its secret was shown then" in text_of(again)
    assert not SECRET.search(text_of(again))
    assert "Pick up" not in words_of(student.get("/tokens/"))


def test_the_teacher_sees_who_has_and_never_a_secret_or_another_token(school: School) -> None:
    issue, teacher = made(school), client_of(school.teacher)
    token = waiting(issue, school.student)
    client_of(school.student).post(f"/tokens/{token.pk}/activate/")
    page = text_of(teacher.get(f"/classes/{issue.pk}/"))
    assert "1 of 2 picked up" in " ".join(page.split())
    export = b"".join(teacher.get(f"/classes/{issue.pk}/list.csv")).decode()
    states = dict(re.findall(r"(?m)^[^,]+,([\w-]+),(\w+),", export))
    assert states == {"sign_in": "state", "student": "picked_up", "other-student": "waiting"}
    for text in (page, export):
        assert token.lookup_id not in text
        assert not SECRET.search(text)
    assert teacher.get(f"/tokens/{token.pk}/").status_code == 404
    assert teacher.post(f"/tokens/{token.pk}/revoke/", {}).status_code == 404
    assert AuditEvent.objects.filter(action="class.export", actor=school.teacher).count() == 1


def test_who_comes_later_is_offered_to_the_teacher_and_gets_theirs(school: School) -> None:
    issue, teacher = made(school), client_of(school.teacher)
    enroll(person("late"), role(Base.STUDENT), course=school.history)
    assert "Also for 1 new student" in text_of(teacher.get(f"/classes/{issue.pk}/"))
    teacher.post(f"/classes/{issue.pk}/add/")
    page = text_of(teacher.get(f"/classes/{issue.pk}/"))
    assert "Also for" not in page
    assert "0 of 3 picked up" in " ".join(page.split())


def test_reminding_and_revoking_say_what_they_did(school: School) -> None:
    issue, teacher = made(school), client_of(school.teacher)
    said = text_of(teacher.post(f"/classes/{issue.pk}/remind/", follow=True))
    assert "told within the last 24 hours" in said
    assert "Revoke 2 tokens of the class?" in text_of(teacher.get(f"/classes/{issue.pk}/revoke/"))
    assert AccessToken.objects.filter(state=State.PENDING).count() == 2
    said = text_of(teacher.post(f"/classes/{issue.pk}/revoke/", {"reason": "The term is over."}, follow=True))
    assert "Revoked 2 tokens." in said
    assert {each.revoked_reason for each in AccessToken.objects.all()} == {"The term is over."}
    assert "Also for" not in said


@pytest.mark.parametrize("login", ["student", "admin", "arts_admin", "outsider"])
def test_who_does_not_teach_the_course_finds_nothing(school: School, login: str) -> None:
    issue, client = made(school), client_of(getattr(school, login))
    _requires_404(client, issue, school)
    assert "Class tokens" not in text_of(client.get("/tokens/"))


def test_a_teacher_of_another_course_finds_nothing(school: School) -> None:
    other = person("other-teacher")
    enroll(other, role(Base.TEACHER), course=school.physics)
    client = client_of(other)
    _requires_404(client, made(school), school)
    assert "Class tokens" in text_of(client.get("/tokens/"))


def _requires_404(client: Client, issue: ClassIssue, school: School) -> None:
    for place in (f"{issue.pk}/", f"{issue.pk}/list.csv", f"{issue.pk}/revoke/", f"new/{school.history.pk}/"):
        assert client.get(f"/classes/{place}").status_code == 404
    for act in ("add", "remind", "revoke"):
        assert client.post(f"/classes/{issue.pk}/{act}/").status_code == 404
    assert {each.state for each in AccessToken.objects.all()} == {State.PENDING}


def test_where_nobody_may_make_any_the_page_says_why_and_what_exists_is_seen_to(school: School) -> None:
    issue, teacher = made(school), client_of(school.teacher)
    policy.change(school.arts, {"class_tokens": "nobody"}, actor=None, now=timezone.now())
    enroll(person("late"), role(Base.STUDENT), course=school.history)
    page = text_of(teacher.get("/classes/"))
    assert "no course for which you may make tokens" in page
    assert PURPOSE in page
    assert "Also for" not in text_of(teacher.get(f"/classes/{issue.pk}/"))
    assert teacher.post(f"/classes/{issue.pk}/add/").status_code == 404
    assert teacher.get(f"/classes/new/{school.history.pk}/").status_code == 404
    assert teacher.post(f"/classes/{issue.pk}/revoke/", {}).status_code == 302


def test_administrators_read_in_the_log_what_was_made_for_a_class(school: School) -> None:
    made(school)
    page = text_of(client_of(school.admin).get("/audit/"))
    assert f"Made tokens for 2 students of HIST 101: {PURPOSE}" in page
