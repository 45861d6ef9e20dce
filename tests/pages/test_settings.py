"""The settings of an account."""

import re

import pytest
from django.utils import timezone

from accounts.audit import AuditEvent
from policies import settings
from policies.models import Policy
from tests.cast import School
from tests.pages.visits import client_of, text_of, token_of
from tokens.models import AccessToken

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
    assert "Who may create: not set → everyone except students" in " ".join(text_of(answer).split())
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
        assert client.post(path(account), SAME).content == client.post("/accounts/999999/settings/", SAME).content
    assert not Policy.objects.exists()


def test_the_settings_offer_the_accounts_below(school: School) -> None:
    assert path(school.science) in text_of(client_of(school.admin).get(path(school.root)))
    assert path(school.science) not in text_of(client_of(school.arts_admin).get(path(school.arts)))
