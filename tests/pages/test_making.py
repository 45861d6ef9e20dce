"""Generating a token: the form, the refusals, the one answer with the secret."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from accounts.audit import AuditEvent
from accounts.models import User
from policies import settings
from policies.exemptions import exempt
from tests.cast import School
from tests.pages.visits import SECRET, client_of, key_in, text_of, token_of
from tokens.models import AccessToken, State
from tokens.verification import Outcome, verify


def day(days: int) -> str:
    """The day so many days from now, for somebody in UTC."""
    return (timezone.now() + timedelta(days=days)).date().isoformat()


def post(user: User, path: str = "/tokens/new/", **fields: str) -> Any:
    return client_of(user).post(path, fields)


def test_a_student_gets_a_token_whose_curl_line_names_this_host(school: School) -> None:
    answer = post(school.student, purpose="Grade dashboard", days="60")
    [secret, *more] = set(SECRET.findall(text_of(answer)))
    assert not more
    assert verify(secret, now=timezone.now()).outcome == Outcome.LIVE
    line = re.sub(r"<[^>]+>", "", text_of(answer))
    assert f'curl -H "Authorization: Bearer {secret}" http://testserver/api/v1/users/self' in line
    assert answer.headers["Cache-Control"].count("no-store") == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"days": "60"}, "Purpose is required."),
        ({"purpose": " \u00a0", "days": "60"}, "Purpose is required."),
        ({"purpose": "x" * 256, "days": "60"}, "Purpose cannot be longer than 255 characters."),
        ({"purpose": "a\0b", "days": "60"}, "Purpose contains a character that cannot be seen (U+0000)"),
        ({"purpose": "x"}, "Expiration date is required"),
        ({"purpose": "x", "days": "never"}, "Expiration date is required"),
        ({"purpose": "x", "days": "custom", "until": ""}, "Expiration date is required"),
        ({"purpose": "x", "days": "custom", "until": day(121)}, "cannot be more than 120 days in the future"),
        ({"purpose": "x", "days": "121"}, "cannot be more than 120 days in the future"),
        ({"purpose": "x", "days": "custom", "until": "2020-01-01"}, "Expiration date must be in the future"),
        ({"purpose": "x", "days": "custom", "until": "tomorrow"}, "Invalid expiration date format"),
        ({"purpose": "x", "days": "some"}, "Invalid expiration date format"),
    ],
)
def test_a_student_is_refused_with_the_reason(school: School, fields: dict[str, str], sentence: str) -> None:
    answer = post(school.student, **fields)
    assert answer.status_code == 200
    assert sentence in text_of(answer)
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("until", [day(121), "tomorrow"])
def test_every_refusal_is_said_at_once_and_the_first_field_has_the_cursor(school: School, until: str) -> None:
    text = text_of(post(school.student, purpose="", days="custom", until=until))
    assert "Purpose is required." in text
    assert "xpiration date" in text.split("Purpose is required.")[1]
    [control] = re.findall(r"<input[^>]*autofocus[^>]*>", text)
    assert 'name="purpose"' in control
    assert 'aria-invalid="true"' in control


def test_the_longest_choice_and_the_last_day_both_mean_the_limit(school: School) -> None:
    for fields in ({"days": "120"}, {"days": "custom", "until": day(120)}):
        before = timezone.now()
        post(school.student, purpose="x", **fields)
        made = AccessToken.objects.latest("pk")
        assert made.expires_at is not None
        assert before <= made.expires_at - timedelta(days=120) <= timezone.now()


def test_a_shorter_limit_is_the_longest_choice(school: School) -> None:
    settings.change(school.arts, {"student_cap_days": 10}, actor=None, now=timezone.now())
    text = text_of(client_of(school.student).get("/tokens/new/"))
    assert re.findall(r'name="days" value="(\w+)"', text) == ["7", "10", "custom"]
    assert "10 days at most" in text
    assert f'max="{day(10)}"' in text


def test_whoever_is_exempted_can_choose_the_later_limit_and_is_told_why(school: School) -> None:
    until = timezone.now() + timedelta(days=30)
    exempt(school.student, school.arts, reason="A thesis", ends_at=until, actor=None, now=timezone.now())
    text = text_of(client_of(school.student).get("/tokens/new/"))
    assert re.findall(r'name="days" value="(\w+)"', text) == ["7", "30", "60", "longest", "custom"]
    assert f'max="{day(150)}"' in text
    assert f"An exemption until {date_format(until, 'j F Y')} lets your tokens live until" in text
    assert "Without it a token ends after 120 days at most." in text
    post(school.student, purpose="Thesis", days="longest")
    assert AccessToken.objects.get().expires_at == until + timedelta(days=120)


def test_an_instructor_makes_one_without_an_end(school: School) -> None:
    assert "never" in re.findall(r'name="days" value="(\w+)"', text_of(client_of(school.teacher).get("/tokens/new/")))
    assert SECRET.search(text_of(post(school.teacher, purpose="Autograder", days="never")))
    assert AccessToken.objects.get().expires_at is None


def test_a_date_that_was_chosen_but_not_given_is_no_token_without_an_end(school: School) -> None:
    assert "Expiration date is required" in text_of(post(school.teacher, purpose="x", days="custom", until=" "))


def test_where_students_may_not_the_form_says_why_and_the_door_stays_shut(school: School) -> None:
    settings.change(school.root, {"audience": "no_students"}, actor=None, now=timezone.now())
    why = "Students cannot create access tokens at this school."
    assert why in text_of(client_of(school.student).get("/tokens/new/"))
    assert why in text_of(post(school.student, purpose="x", days="7"))
    assert not AccessToken.objects.exists()
    assert SECRET.search(text_of(post(school.teacher, purpose="x", days="7")))


def test_a_form_is_filled_in_by_its_link(school: School) -> None:
    text = text_of(client_of(school.student).get("/tokens/new/?purpose=My%20script&days=30"))
    assert 'value="My script"' in text
    assert re.search(r'value="30" checked', text)
    assert re.search(r'value="custom" checked', text_of(client_of(school.student).get("/tokens/new/?days=45")))
    assert re.search(r'value="60" checked', text_of(client_of(school.student).get("/tokens/new/?days=-1")))


def test_a_form_sent_twice_makes_one_token_and_shows_its_secret_once(school: School) -> None:
    client = client_of(school.student)
    fields = {"purpose": "x", "days": "7", "key": key_in(client.get("/tokens/new/"))}
    first, second = client.post("/tokens/new/", fields), client.post("/tokens/new/", fields, follow=True)
    made = AccessToken.objects.get()
    [secret] = set(SECRET.findall(text_of(first)))
    assert second.redirect_chain == [(f"/tokens/{made.pk}/", 302)]
    assert secret not in text_of(second)
    assert "its secret was shown then" in text_of(second)
    assert secret not in str(dict(client.session)) + str(client.cookies)


def test_a_form_key_of_one_person_is_nothing_to_another(school: School) -> None:
    for user in (school.student, school.other_student):
        assert SECRET.search(text_of(post(user, purpose="x", days="7", key="same")))
    assert AccessToken.objects.count() == 2


def test_a_form_without_the_csrf_token_is_refused_in_our_style(school: School) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(school.student, "django.contrib.auth.backends.ModelBackend")
    answer = client.post("/tokens/new/", {"purpose": "x", "days": "7"})
    assert answer.status_code == 403
    assert "too old" in text_of(answer)


def test_regenerating_gives_a_new_secret_once_and_kills_the_old_one(school: School) -> None:
    client = client_of(school.student)
    old = SECRET.search(text_of(client.post("/tokens/new/", {"purpose": "x", "days": "7"})))
    path = f"/tokens/{AccessToken.objects.get().pk}/regenerate/"
    fields = {"days": "keep", "key": key_in(client.get(path))}
    new = SECRET.search(text_of(client.post(path, fields)))
    assert old
    assert new
    assert verify(old[0], now=timezone.now()).outcome == Outcome.INVALID
    assert verify(new[0], now=timezone.now()).outcome == Outcome.LIVE
    again = client.post(path, fields)
    assert again.status_code == 302
    assert verify(new[0], now=timezone.now()).outcome == Outcome.LIVE


def test_a_rotation_that_is_sent_twice_leads_to_its_token_though_an_overlap_is_going(school: School) -> None:
    client = client_of(school.student)
    client.post("/tokens/new/", {"purpose": "x", "days": "7"})
    token = AccessToken.objects.get()
    path = f"/tokens/{token.pk}/regenerate/"
    fields = {"days": "keep", "overlap_hours": "24", "key": key_in(client.get(path))}
    assert SECRET.search(text_of(client.post(path, fields)))
    again = client.post(path, fields, follow=True)
    assert again.redirect_chain == [(f"/tokens/{token.pk}/", 302)]
    assert "its secret was shown then" in text_of(again)


def test_the_old_secret_works_on_as_long_as_its_owner_says(school: School) -> None:
    client = client_of(school.student)
    old = SECRET.search(text_of(client.post("/tokens/new/", {"purpose": "x", "days": "7"})))
    page = f"/tokens/{AccessToken.objects.get().pk}/"
    assert 'name="overlap_hours" value="0" checked' in text_of(client.get(f"{page}regenerate/"))
    assert SECRET.search(text_of(client.post(f"{page}regenerate/", {"days": "keep", "overlap_hours": "24"})))
    assert old
    assert verify(old[0], now=timezone.now()).is_live
    assert "still works, until" in text_of(client.get(page))
    assert 'name="overlap_hours"' not in text_of(client.get(f"{page}regenerate/"))
    client.post(f"{page}end-overlap/")
    assert verify(old[0], now=timezone.now()).outcome == Outcome.SUPERSEDED
    assert "still works, until" not in text_of(client.get(page))
    assert client_of(school.admin).post(f"{page}end-overlap/").status_code == 404


@pytest.mark.parametrize("hours", ["73", "-1", "x", "2"])
def test_an_overlap_that_is_not_offered_is_refused(school: School, hours: str) -> None:
    token = token_of(school.student)
    answer = client_of(school.student).post(f"/tokens/{token.pk}/regenerate/", {"days": "keep", "overlap_hours": hours})
    assert not SECRET.search(text_of(answer))
    assert "id_overlap_hours_error" in text_of(answer)


def test_nobody_lets_a_secret_of_somebody_else_work_on(school: School) -> None:
    page = f"/tokens/{token_of(school.student).pk}/regenerate/"
    assert 'name="overlap_hours"' not in text_of(client_of(school.admin).get(page))
    assert not SECRET.search(text_of(client_of(school.admin).post(page, {"days": "keep", "overlap_hours": "1"})))


def test_an_expired_token_cannot_keep_its_end(school: School) -> None:
    token = token_of(school.student, days=1)
    AccessToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(days=1))
    client = client_of(school.student)
    path = f"/tokens/{token.pk}/regenerate/"
    assert 'value="keep"' not in text_of(client.get(path))
    assert not SECRET.search(text_of(client.post(path, {"days": "keep"})))
    assert SECRET.search(text_of(client.post(path, {"days": "7"})))


def test_a_token_made_for_a_student_waits_for_them_and_obeys_their_limit(school: School) -> None:
    path = f"/people/{school.student.pk}/new/"
    assert "cannot be more than 120 days" in text_of(post(school.admin, path, purpose="x", days="365"))
    made = post(school.admin, path, purpose="Attendance", days="60")
    secret = SECRET.search(text_of(made))
    assert secret
    assert "by a way that nobody else reads" in text_of(made)
    token = AccessToken.objects.get()
    assert (token.state, token.creator) == (State.PENDING, school.admin)
    assert verify(secret[0], now=timezone.now()).outcome == Outcome.PENDING
    client_of(school.student).post(f"/tokens/{token.pk}/activate/")
    assert verify(secret[0], now=timezone.now()).outcome == Outcome.LIVE
    assert AuditEvent.objects.filter(action="token.activate", actor=school.student).exists()


@pytest.mark.parametrize(("who", "status"), [("student", 404), ("teacher", 404), ("science_admin", 404)])
def test_nobody_makes_tokens_for_people_out_of_their_reach(school: School, who: str, status: int) -> None:
    path = f"/people/{school.other_student.pk}/new/"
    assert post(getattr(school, who), path, purpose="x", days="7").status_code == status
    assert not AccessToken.objects.exists()
