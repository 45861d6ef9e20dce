"""What the page with a new secret waits for."""

from datetime import timedelta

from django.utils import timezone

from tests.cast import School
from tests.pages.visits import client_of, text_of, token_of
from tokens import lifecycle, usage
from tokens.models import AccessToken
from tokens.usage import ACCEPTED, DayUse, Use
from tokens.views.first_call import FirstCall

POLLS = 'hx-trigger="every 5s"'


def use(token: AccessToken) -> None:
    one = Use(timezone.now(), ACCEPTED, "GET /api/v1/users/:user_id", "192.0.2.7", "curl/8")
    day = DayUse()
    day.add(one)
    usage.write({one.key(token.pk): day}, now=timezone.now())


def test_the_page_with_the_secret_waits_and_the_tokens_page_answers(school: School) -> None:
    client = client_of(school.student)
    made = text_of(client.post("/tokens/new/", {"purpose": "x", "days": "7"}))
    assert "Waiting for your first call…" in made
    assert POLLS in made
    token = AccessToken.objects.get()
    assert POLLS in text_of(client.get(f"/tokens/{token.pk}/"))
    use(token)
    page = text_of(client.get(f"/tokens/{token.pk}/"))
    assert "Your first call has arrived" in page
    assert "192.0.2.7" in page
    assert POLLS not in page


def test_what_the_old_secret_did_is_no_first_call_of_the_new_one(school: School) -> None:
    token = token_of(school.student)
    use(token)
    lifecycle.regenerate(token, actor=school.student, now=timezone.now())
    token.refresh_from_db()
    assert FirstCall(token, timezone.now()).waits


def test_it_waits_ten_minutes_and_only_for_what_can_come(school: School) -> None:
    token = token_of(school.student)
    made_at = token.secret_made_at
    assert FirstCall(token, made_at + timedelta(minutes=9)).waits
    assert not FirstCall(token, made_at + timedelta(minutes=10)).waits
    assert FirstCall(token, made_at + timedelta(minutes=10)).is_news
    assert not FirstCall(token, made_at + timedelta(hours=1)).is_news
    lifecycle.revoke(token, actor=school.student, now=timezone.now())
    assert not FirstCall(token, made_at).waits


def test_after_ten_minutes_the_page_stops_asking_and_says_so(school: School) -> None:
    token = token_of(school.student)
    client = client_of(school.student)
    for age, asks in ((9, True), (11, False)):
        AccessToken.objects.filter(pk=token.pk).update(secret_made_at=timezone.now() - timedelta(minutes=age))
        page = text_of(client.get(f"/tokens/{token.pk}/"))
        assert (POLLS in page) is asks
        assert ("The waiting ends after 10 minutes." in page) is not asks


def test_nothing_is_waited_for_before_its_owner_has_activated_it(school: School) -> None:
    path = f"/people/{school.student.pk}/new/"
    assert POLLS not in text_of(client_of(school.admin).post(path, {"purpose": "x", "days": "7"}))


def test_the_secret_can_be_had_as_a_line_of_the_environment(school: School) -> None:
    made = text_of(client_of(school.student).post("/tokens/new/", {"purpose": "x", "days": "7"}))
    assert 'TOKEN_PORTAL_TOKEN=<span class="v">tpat_' in made
    assert 'data-save="#c5"' in made
