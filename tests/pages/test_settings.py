"""The settings of an account."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime

from accounts.audit import AuditEvent
from accounts.models import User
from accounts.roles import Base, Permission
from policies import settings
from policies.models import PlannedChange, Policy
from tests.cast import School, enroll, person, role
from tests.pages.saving import path_of as path
from tests.pages.saving import quote_in, save
from tests.pages.visits import client_of, rows_of, said_in, text_of, token_of
from tokens.models import AccessToken, State

SAME = {"audience": "everyone", "student_cap_days": "120", "observers_count_as_students": "no"}


def test_settings_lead_to_the_account_that_one_administers(school: School) -> None:
    assert client_of(school.admin).get("/settings/").headers["Location"] == path(school.root)
    assert client_of(school.arts_admin).get("/settings/").headers["Location"] == path(school.arts)


def test_a_change_holds_at_once_and_is_told_in_the_trail(school: School) -> None:
    answer = save(client_of(school.admin), school.root, {**SAME, "audience": "no_students", "student_cap_days": "30"})
    assert "Settings saved." in text_of(answer)
    assert "Who may create tokens: not set → everyone except students" in " ".join(text_of(answer).split())
    assert "Students cannot create" in text_of(client_of(school.student).get("/tokens/"))
    [event] = AuditEvent.objects.filter(action="policy.change")
    assert event.actor == school.admin


def test_a_shorter_limit_waits_and_says_until_when_it_can_be_undone(school: School) -> None:
    token = token_of(school.student, days=100)
    end = token.expires_at
    answer = save(client_of(school.admin), school.root, {**SAME, "student_cap_days": "10"})
    [planned] = PlannedChange.objects.all()
    day = date_format(localtime(planned.takes_effect_at), "j F Y")
    words = f"Saved. It takes effect on {day} and touches 1 token; until then it can be undone."
    assert words in text_of(answer)
    token.refresh_from_db()
    assert token.expires_at == end
    assert not Policy.objects.exists()


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
    save(client, school.arts, {"audience": "", "student_cap_days": "15", "observers_count_as_students": ""})
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
        "What becomes of the tokens of those who lose it?",
        "Takes effect after",
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


def test_what_was_not_looked_at_is_shown_and_not_saved(school: School) -> None:
    client = client_of(school.admin)
    wanted = {**SAME, "audience": "no_students"}
    answer = client.post(path(school.root), wanted)
    assert "Look at what this change does, then save it as you saw it." in text_of(answer)
    assert "people lose “Generate token”" in text_of(answer)
    assert not Policy.objects.exists()
    client.post(path(school.root), {**wanted, "quote": quote_in(answer)})
    assert Policy.objects.get().audience == "no_students"


def test_what_has_moved_since_it_was_looked_at_is_shown_again(school: School) -> None:
    client = client_of(school.admin)
    wanted = {**SAME, "student_cap_days": "10"}
    shown = client.post(path(school.root) + "preview/", wanted)
    token_of(school.student, days=100)
    answer = client.post(path(school.root), {**wanted, "quote": quote_in(shown)})
    assert "has moved since you looked at it" in text_of(answer)
    assert "<b>1</b> token gets an earlier end" in text_of(answer)
    assert not PlannedChange.objects.exists()


def test_without_grace_the_number_is_asked_for_and_then_it_holds_at_once(school: School) -> None:
    token = token_of(school.student, days=100)
    client = client_of(school.admin)
    wanted = {**SAME, "student_cap_days": "10", "grace_days": "0"}
    shown = client.post(path(school.root) + "preview/", wanted)
    assert "How many tokens does it touch at once?" in text_of(shown)
    text = text_of(client.post(path(school.root), {**wanted, "quote": quote_in(shown), "typed": "7"}))
    assert "1 token is touched at once. To go on, type that number." in text
    [control] = re.findall(r'<input[^>]*id="id_typed"[^>]*>', text)
    assert 'aria-invalid="true"' in control
    assert not Policy.objects.exists()
    answer = save(client, school.root, wanted, typed="1")
    assert "Settings saved. They hold from now on. 1 token has an earlier end." in text_of(answer)
    end = token.expires_at
    token.refresh_from_db()
    assert token.expires_at is not None
    assert end is not None
    assert token.expires_at < end


@pytest.mark.parametrize(
    ("existing", "words"),
    [
        ("keep", "stays valid, until"),
        ("run_out", "runs out, on"),
        ("end_on", "runs out, on"),
        ("revoke", "is revoked"),
    ],
)
def test_what_becomes_of_the_tokens_of_those_who_lose_is_chosen(school: School, existing: str, words: str) -> None:
    token_of(school.student, days=100)
    client = client_of(school.admin)
    wanted = {**SAME, "audience": "no_students", "student_cap_days": "120", "existing": existing}
    text = text_of(client.post(path(school.root) + "preview/", wanted))
    assert f"<b>1</b> token of theirs {words}" in text
    assert re.search(rf'name="existing" value="{existing}"[^>]* checked', text)
    assert ("Takes effect after" in text) == (existing in {"end_on", "revoke"})
    save(client, school.root, wanted)
    planned = PlannedChange.objects.filter(existing=existing)
    assert planned.exists() == (existing in {"end_on", "revoke"})


def test_tokens_end_with_the_day_that_was_picked_where_one_lives(school: School) -> None:
    token_of(school.student, days=100)
    day = (timezone.now() + timedelta(days=60)).date()
    wanted = {**SAME, "audience": "no_students", "existing": "end_on", "existing_end": day.isoformat()}
    save(client_of(school.admin), school.root, wanted)
    end = PlannedChange.objects.get().existing_end
    assert end is not None
    assert end.astimezone(school.admin.zone).isoformat().startswith(f"{day}T23:59:59")


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"grace_days": "366"}, "This must be a whole number from 0 to 365."),
        ({"grace_days": "soon"}, "This must be a whole number from 0 to 365."),
        ({"spread_days": "-1"}, "This must be a whole number from 0 to 365."),
        ({"existing": "burn"}, "Choose what becomes of the tokens"),
        ({"existing": "end_on", "existing_end": "soon"}, "Give the date on which the tokens end"),
        ({"existing": "end_on", "existing_end": "2020-01-01"}, "This date must come after the change takes effect."),
    ],
)
def test_an_answer_that_cannot_be_is_refused_beside_its_question(
    school: School, terms: dict[str, str], words: str
) -> None:
    token_of(school.student, days=100)
    for end in ("", "preview/"):
        answer = client_of(school.admin).post(path(school.root) + end, {**SAME, "student_cap_days": "10", **terms})
        assert text_of(answer).count(words) == 2, "In the card, and beside the question."
        assert quote_in(answer) == ""
    assert not PlannedChange.objects.exists()


def test_without_the_right_to_revoke_that_is_not_offered_and_does_nothing(school: School) -> None:
    editor = person("editor")
    enroll(editor, role(Base.ADMIN, "Policy editor", (Permission.POLICY_EDIT,)))
    token = token_of(school.student)
    wanted = {**SAME, "audience": "no_students", "existing": "revoke"}
    text = text_of(client_of(editor).post(f"{path(school.root)}preview/", wanted))
    assert "of theirs stays valid" in text
    assert "They are revoked" not in text
    save(client_of(editor), school.root, wanted)
    assert Policy.objects.get().audience == "no_students"
    token.refresh_from_db()
    assert token.state == State.ACTIVE


def test_many_tokens_are_asked_about_being_spread(school: School) -> None:
    AccessToken.objects.bulk_create(rows_of(school.student, 700, now=timezone.now()))
    client = client_of(school.admin)
    wanted = {**SAME, "student_cap_days": "60"}
    text = text_of(client.post(path(school.root) + "preview/", wanted))
    assert "Spread the new ends over" in text
    assert "spread over up to <b>30</b> days" in text
    save(client, school.root, wanted, spread_days="20")
    assert PlannedChange.objects.get().spread_days == 20


@pytest.mark.parametrize("number", [1, 40])
def test_page_and_preview_ask_the_database_so_often_however_many_people(
    school: School, django_assert_max_num_queries: Any, number: int
) -> None:
    for each in range(number):
        user = person(f"p{each}")
        enroll(user, role(Base.STUDENT), course=school.history)
        token_of(user, days=100)
    client = client_of(school.admin)
    with django_assert_max_num_queries(19):
        client.get(path(school.root))
    with django_assert_max_num_queries(20):
        client.post(f"{path(school.root)}preview/", {**SAME, "audience": "no_students", "student_cap_days": "9"})
