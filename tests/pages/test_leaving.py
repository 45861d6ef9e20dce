"""The pages on which a person is switched off, with what becomes of their tokens, and let in again."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import enrolling
from accounts.audit import AuditEvent
from accounts.models import User
from accounts.roles import Base, Permission
from tests.cast import School, enroll, person, role
from tests.pages.visits import client_of, text_of, token_of
from tokens import lifecycle
from tokens.models import AccessToken, Notice, State

pytestmark = pytest.mark.django_db


def leave(school: School, actor: User | None = None, **fields: Any) -> Any:
    page = f"/people/{school.student.pk}/deactivate/"
    return client_of(actor or school.admin).post(page, {"tokens": "end", "reason": "Left", **fields}, follow=True)


def is_active(who: User) -> bool:
    return User.objects.get(pk=who.pk).is_active


def test_the_page_names_the_tokens_and_ends_them_unless_something_else_is_chosen(school: School) -> None:
    made = token_of(school.student, purpose="Grade dashboard")
    page = text_of(client_of(school.admin).get(f"/people/{school.student.pk}/deactivate/"))
    assert "1 token that has not ended" in page
    assert "Grade dashboard" in page
    assert 'value="end" checked' in page

    said = text_of(leave(school))

    assert "Student is deactivated. Tokens ended: 1, suspended: 0." in said
    assert "Inactive" in said
    made.refresh_from_db()
    assert (made.state, made.revoked_code, made.revoked_by) == (State.REVOKED, "owner_left", school.admin)
    assert not is_active(school.student)
    line = AuditEvent.objects.get(action="person.deactivate")
    assert (line.person, line.actor, line.reason) == (school.student, school.admin, "Left")


def test_tokens_can_be_suspended_instead(school: School) -> None:
    made = token_of(school.student)

    assert "Tokens ended: 0, suspended: 1." in text_of(leave(school, tokens="suspend"))

    made.refresh_from_db()
    assert made.state == State.SUSPENDED


def test_their_sessions_end_at_once(school: School) -> None:
    theirs = client_of(school.student)
    assert theirs.get("/tokens/").status_code == 200

    leave(school)

    assert theirs.get("/tokens/").status_code == 302


def test_a_token_handed_over_ends_and_one_for_the_same_purpose_waits_for_the_successor(school: School) -> None:
    made, other = token_of(school.student, purpose="Sync"), token_of(school.student, purpose="Old")

    said = text_of(leave(school, hand_over=[made.pk], to="other-student", tokens="suspend"))

    assert "Tokens that wait for Other Student: 1." in said
    [inherited] = AccessToken.objects.filter(user=school.other_student)
    assert (inherited.purpose, inherited.state, inherited.creator) == ("Sync", State.PENDING, school.admin)
    assert inherited.lookup_id != made.lookup_id
    made.refresh_from_db()
    other.refresh_from_db()
    assert (made.state, made.revoked_reason) == (State.REVOKED, "Handed over to Other Student. Left")
    assert other.state == State.SUSPENDED
    assert AuditEvent.objects.get(action="token.issue", subject_id=inherited.pk).reason == "Formerly of Student."
    assert Notice.objects.get(person=school.other_student).facts["formerly"] == "Student"


def test_the_successor_makes_the_secret_that_nobody_has_seen(school: School) -> None:
    made = token_of(school.student, purpose="Sync")
    leave(school, hand_over=[made.pk], to="other-student")
    inherited, now = AccessToken.objects.get(user=school.other_student), timezone.now()

    issued = lifecycle.regenerate(inherited, actor=school.other_student, now=now)
    taken = lifecycle.activate(inherited, actor=school.other_student, now=now).token

    assert (taken.state, taken.lookup_id) == (State.ACTIVE, issued.token.lookup_id)


def test_what_is_handed_over_obeys_the_limit_of_the_successor(school: School) -> None:
    made, now = token_of(school.teacher, days=None), timezone.now()
    page = f"/people/{school.teacher.pk}/deactivate/"
    client_of(school.admin).post(page, {"tokens": "end", "reason": "", "hand_over": [made.pk], "to": "student"})

    end = AccessToken.objects.get(user=school.student).expires_at
    assert end is not None
    assert now < end <= timezone.now() + timedelta(days=120)


@pytest.mark.parametrize("to", ["", "nobody", "student", "admin", "e"], ids=["none", "unknown", "self", "me", "many"])
def test_without_one_other_person_nothing_happens_at_all(school: School, to: str) -> None:
    made = token_of(school.student)

    assert "Name one other person" in text_of(leave(school, hand_over=[made.pk], to=to))

    made.refresh_from_db()
    assert made.state == State.ACTIVE
    assert is_active(school.student)


def test_scopes_of_which_the_successor_may_have_none_do_not_become_all(school: School) -> None:
    manager = lifecycle.issue(
        school.arts_admin,
        purpose="Manages",
        expires_at=None,
        scopes=["tokens:manage"],
        actor=school.arts_admin,
        now=timezone.now(),
    ).token
    page = f"/people/{school.arts_admin.pk}/deactivate/"

    answer = client_of(school.admin).post(
        page, {"tokens": "end", "reason": "", "hand_over": [manager.pk], "to": "teacher"}
    )

    assert "may have none of the scopes" in text_of(answer)
    assert is_active(school.arts_admin)
    assert not AccessToken.objects.filter(user=school.teacher).exists()


def test_who_may_not_end_tokens_suspends_them(school: School) -> None:
    steward = person("steward")
    enroll(steward, role(Base.ADMIN, "Steward", (Permission.POLICY_EDIT, Permission.USERS_VIEW)), school.root)
    made = token_of(school.student)
    page = text_of(client_of(steward).get(f"/people/{school.student.pk}/deactivate/"))
    assert 'value="suspend" checked' in page
    assert 'value="end"' not in page

    assert leave(school, steward, tokens="end").status_code == 403
    assert leave(school, steward, tokens="suspend").status_code == 200

    made.refresh_from_db()
    assert made.state == State.SUSPENDED


def test_nobody_switches_themselves_or_who_is_above_them_and_the_right_is_one_of_the_root(school: School) -> None:
    for actor, whom, code in [
        (school.admin, school.admin, 403),
        (school.arts_admin, school.student, 403),
        (school.teacher, school.student, 404),
        (school.science_admin, school.student, 404),
    ]:
        for act in ("deactivate", "reactivate"):
            assert client_of(actor).post(f"/people/{whom.pk}/{act}/", {"tokens": "end"}).status_code == code
        assert is_active(whom)
    assert '/deactivate/"' not in text_of(client_of(school.arts_admin).get(f"/people/{school.student.pk}/"))
    assert '/deactivate/"' not in text_of(client_of(school.admin).get(f"/people/{school.admin.pk}/"))


def test_reactivating_lets_them_sign_in_and_brings_back_no_token(school: School) -> None:
    made = token_of(school.student)
    enrolling.set_active(school.student, False, actor=school.admin, now=timezone.now())
    admin = client_of(school.admin)
    assert "No token comes back to life." in text_of(admin.get(f"/people/{school.student.pk}/reactivate/"))

    answer = admin.post(f"/people/{school.student.pk}/reactivate/", {"reason": "Came back"}, follow=True)

    assert "Student may sign in again." in text_of(answer)
    assert is_active(school.student)
    assert AuditEvent.objects.get(action="person.reactivate").reason == "Came back"
    made.refresh_from_db()
    assert made.state == State.SUSPENDED
