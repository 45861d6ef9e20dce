"""The settings of an account."""

import re
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import User
from accounts.roles import Base, Permission
from policies import settings
from policies.models import Policy
from tests.cast import School, enroll, person, role
from tests.pages.visits import client_of, said_in, text_of, token_of
from tokens import receivers, tasks
from tokens.models import AccessToken, Notice, State

SAME = {"audience": "everyone", "student_cap_days": "120", "observers_count_as_students": "no"}


def path(account: object) -> str:
    return f"/accounts/{account.pk}/settings/"  # type: ignore[attr-defined]


def test_settings_lead_to_the_account_that_one_administers(school: School) -> None:
    assert client_of(school.admin).get("/settings/").headers["Location"] == path(school.root)
    assert client_of(school.arts_admin).get("/settings/").headers["Location"] == path(school.arts)


def test_a_change_holds_at_once_and_is_told_in_the_trail(school: School) -> None:
    client = client_of(school.admin)
    answer = client.post(path(school.root), {**SAME, "audience": "no_students", "student_cap_days": "30"}, follow=True)
    assert "Settings saved." in text_of(answer)
    assert "Who may create tokens: not set → everyone except students" in " ".join(text_of(answer).split())
    assert "Students cannot create" in text_of(client_of(school.student).get("/tokens/"))
    [event] = AuditEvent.objects.filter(action="policy.change")
    assert event.actor == school.admin


def test_a_shorter_limit_shortens_the_tokens_that_exist(school: School) -> None:
    token = token_of(school.student, days=100)
    client_of(school.admin).post(path(school.root), {**SAME, "student_cap_days": "10"})
    after = AccessToken.objects.get()
    assert token.expires_at
    assert after.expires_at
    assert after.expires_at < token.expires_at


def test_saving_what_nobody_touched_changes_nothing(school: School) -> None:
    answer = client_of(school.admin).post(path(school.root), SAME, follow=True)
    assert "Nothing had changed." in text_of(answer)
    assert not Policy.objects.exists()


@pytest.mark.parametrize("days", ["0", "121", "-1", "ten", "1.5", "9" * 30])
def test_a_limit_out_of_range_is_refused_beside_its_field(school: School, days: str) -> None:
    text = text_of(client_of(school.admin).post(path(school.root), {**SAME, "student_cap_days": days}))
    assert "The student limit must be a whole number of days from 1 to 120." in text
    [control] = re.findall(r'<input[^>]*id="id_student_cap_days"[^>]*>', text)
    assert 'aria-invalid="true"' in control
    assert f'value="{days}"' in control
    assert not Policy.objects.exists()


def test_an_audience_that_does_not_exist_is_refused(school: School) -> None:
    text = text_of(client_of(school.admin).post(path(school.root), {**SAME, "audience": "friends"}))
    assert "Choose who may create tokens" in text


def test_a_sub_account_shows_what_it_inherits_and_from_where(school: School) -> None:
    settings.change(school.root, {"audience": "admins_only", "student_cap_days": 60}, actor=None, now=timezone.now())
    client = client_of(school.arts_admin)
    text = text_of(client.get(path(school.arts)))
    assert "administrators only · set in My school" in text
    assert 'placeholder="60"' in text
    client.post(path(school.arts), {"audience": "", "student_cap_days": "15", "observers_count_as_students": ""})
    own = Policy.objects.get(account=school.arts)
    assert (own.audience, own.student_cap_days, own.observers_count_as_students) == (None, 15, None)


def test_settings_out_of_reach_answer_like_no_account(school: School) -> None:
    for user, account in (
        (school.arts_admin, school.root),
        (school.arts_admin, school.science),
        (school.student, school.arts),
    ):
        client = client_of(user)
        assert client.get(path(account)).status_code == 404
        out_of_reach, nobody = client.post(path(account), SAME), client.post("/accounts/999999/settings/", SAME)
        assert said_in(out_of_reach) == said_in(nobody)
    assert not Policy.objects.exists()


def test_the_settings_offer_the_accounts_below(school: School) -> None:
    assert path(school.science) in text_of(client_of(school.admin).get(path(school.root)))
    assert path(school.science) not in text_of(client_of(school.arts_admin).get(path(school.arts)))


def figures(text: str) -> list[str]:
    """The numbers beside the choices of who may create."""
    return [" ".join(found) for found in re.findall(r'<span class="fig"><b>(\d+)</b> (\w+)', text)]


def test_each_choice_says_how_many_people_it_lets_create(school: School) -> None:
    text = text_of(client_of(school.admin).get(path(school.root)))
    assert figures(text) == ["7 people", "4 people", "3 people"]
    User.objects.filter(pk=school.teacher.pk).update(is_active=False)
    text = text_of(client_of(school.arts_admin).get(path(school.arts)))
    above = "3 people"
    assert figures(text) == [above, "3 people", "1 person", "1 person"]


def test_a_change_is_previewed_and_nothing_is_saved(school: School) -> None:
    token = token_of(school.student, days=100)
    end = token.expires_at
    assert "Nothing is changed yet" in text_of(client_of(school.admin).get(path(school.root)))
    changed = {**SAME, "audience": "no_students", "student_cap_days": "10"}
    text = " ".join(text_of(client_of(school.admin).post(path(school.root) + "preview/", changed)).split())
    for words in (
        "<b>3</b> people lose “Generate token”",
        "<b>1</b> token of theirs stays valid, until",
        "<b>1</b> token gets an earlier end",
        "0 of them within 7 days after the change takes effect, 1 within 30.",
        "None of these tokens was used in the last 30 days",
        "2 unsaved changes",
        "Who may create tokens, Student limit",
        "Also revoke that 1 token now",
    ):
        assert words in text
    assert not Policy.objects.exists()
    token.refresh_from_db()
    assert token.expires_at == end


def test_what_would_change_nothing_says_so(school: School) -> None:
    settings.change(school.arts, {"audience": "admins_only"}, actor=None, now=timezone.now())
    text = text_of(client_of(school.admin).post(f"{path(school.arts)}preview/", {"audience": "admins_only"}))
    assert "Nothing is changed yet" in text
    text = text_of(client_of(school.admin).post(f"{path(school.science)}preview/", {"student_cap_days": "9"}))
    assert "Nothing would change for anybody today" in text
    assert "1 unsaved change" in text


@pytest.mark.parametrize("wrong", [{"student_cap_days": "121"}, {"audience": "friends"}, {"student_scopes_set": "yes"}])
def test_the_preview_of_bad_input_says_the_words_of_saving(school: School, wrong: dict[str, str]) -> None:
    client = client_of(school.admin)
    saved, previewed = (client.post(path(school.root) + end, {**SAME, **wrong}) for end in ("", "preview/"))
    errors = saved.context["form"].errors
    assert errors
    assert previewed.context["form"].errors == errors
    [words] = next(iter(errors.values()))
    effect = text_of(previewed).partition('id="effect"')[2]
    assert words in effect
    assert "unsaved" not in effect


def test_nobody_previews_what_they_do_not_administer(school: School) -> None:
    for user, account in ((school.arts_admin, school.root), (school.student, school.arts)):
        assert client_of(user).post(f"{path(account)}preview/", SAME).status_code == 404
        assert client_of(user).get(f"{path(account)}preview/").status_code == 404


def test_asking_for_a_preview_again_leads_to_the_settings(school: School) -> None:
    answer = client_of(school.admin).get(f"{path(school.root)}preview/")
    assert answer.headers["Location"] == path(school.root)


def test_ticking_the_box_revokes_the_tokens_of_those_who_lose_the_right(school: School) -> None:
    gone, kept = token_of(school.student), token_of(school.teacher)
    client = client_of(school.admin)
    changed = {**SAME, "audience": "no_students", "revoke_lost": "yes"}
    assert "1 token was revoked." in text_of(client.post(path(school.root), changed, follow=True))
    gone.refresh_from_db()
    kept.refresh_from_db()
    assert (gone.state, gone.revoked_by, kept.state) == (State.REVOKED, school.admin, State.ACTIVE)
    assert Notice.objects.get(event="token.revoke").person == school.student


def test_without_the_right_to_revoke_the_box_is_not_offered_and_does_nothing(school: School) -> None:
    editor = person("editor")
    enroll(editor, role(Base.ADMIN, "Policy editor", (Permission.POLICY_EDIT,)))
    token = token_of(school.student)
    client = client_of(editor)
    changed = {**SAME, "audience": "no_students", "revoke_lost": "yes"}
    text = text_of(client.post(f"{path(school.root)}preview/", changed))
    assert "of theirs stays valid" in text
    assert "revoke_lost" not in text
    client.post(path(school.root), changed)
    token.refresh_from_db()
    assert token.state == State.ACTIVE


@pytest.mark.django_db(transaction=True)
def test_many_tokens_are_revoked_by_a_job_that_may_run_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    school = School()
    for _ in range(2):
        token_of(school.student)
    monkeypatch.setattr(receivers, "REVOKED_AT_ONCE", 1)
    changed = {**SAME, "audience": "no_students", "revoke_lost": "yes"}
    answer = client_of(school.admin).post(path(school.root), changed, follow=True)
    assert "A job is revoking the tokens" in text_of(answer)
    made_since = token_of(school.student, actor=school.admin)
    before, at = {"audience": None}, AuditEvent.objects.get(action="policy.change").at.isoformat()
    arguments = (school.root.pk, before, school.admin.pk, at)
    assert [tasks.revoke_lost(*arguments) for _ in range(2)] == [2, 0]
    made_since.refresh_from_db()
    assert made_since.state == State.PENDING
    settings.change(school.root, {"audience": None}, actor=None, now=timezone.now())
    assert tasks.revoke_lost(*arguments) == 0


@pytest.mark.parametrize("number", [1, 40])
def test_page_and_preview_ask_the_database_so_often_however_many_people(
    school: School, django_assert_max_num_queries: Any, number: int
) -> None:
    for each in range(number):
        user = person(f"p{each}")
        enroll(user, role(Base.STUDENT), course=school.history)
        token_of(user, days=100)
    client = client_of(school.admin)
    with django_assert_max_num_queries(18):
        client.get(path(school.root))
    with django_assert_max_num_queries(18):
        client.post(f"{path(school.root)}preview/", {**SAME, "audience": "no_students", "student_cap_days": "9"})
