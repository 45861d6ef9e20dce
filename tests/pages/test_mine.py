"""My access tokens, and one of them."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.audit import AuditEvent
from policies import settings
from tests.cast import School, endless_token
from tests.pages.visits import SECRET, client_of, rows_of, said_in, text_of, token_of
from tokens import lifecycle
from tokens.models import ENDED, OPEN, AccessToken, State
from tokens.views.listing import FILTERS


def test_the_list_says_what_each_token_is_for_and_when_it_ends(school: School) -> None:
    token = token_of(school.student, purpose="Grade <dashboard>", days=80)
    text = text_of(client_of(school.student).get("/tokens/"))
    assert "Grade &lt;dashboard&gt;" in text
    assert "in 80 days" in text
    assert f"tpat_{token.lookup_id[:5]}…" in text
    assert token.lookup_id not in text
    assert "Never used" in text


def test_the_filters_count_and_show(school: School) -> None:
    token_of(school.student, purpose="Lives long", days=80)
    token_of(school.student, purpose="Ends soon", days=3)
    lifecycle.revoke(token_of(school.student, purpose="Is over"), actor=school.student, now=timezone.now())
    client = client_of(school.student)
    counts = re.findall(r'<span class="num">(\d+)</span></a>', text_of(client.get("/tokens/")))
    assert counts == ["2", "1", "1", "3"]
    shown = {
        state: re.findall(r'class="title"[^>]*>([^<]+)', text_of(client.get(f"/tokens/?state={state}")))
        for state in ("in_use", "expiring", "ended", "all", "nonsense")
    }
    assert shown["in_use"] == shown["nonsense"] == ["Ends soon", "Lives long"]
    assert shown["expiring"] == ["Ends soon"]
    assert shown["ended"] == ["Is over"]
    assert len(shown["all"]) == 3


def test_each_filter_finds_in_the_database_what_a_token_says_of_itself(school: School) -> None:
    now = timezone.now()
    for days in (1, 14, 15):
        token_of(school.student, days=days)
    for past in (False, True):
        pending, suspended = token_of(school.student, days=3, actor=school.admin), token_of(school.student, days=3)
        lifecycle.suspend(suspended, actor=school.admin, now=now)
        if past:
            AccessToken.objects.filter(pk__in=(pending.pk, suspended.pk)).update(expires_at=now)
    AccessToken.objects.filter(pk=token_of(school.student).pk).update(expires_at=now)
    lifecycle.revoke(token_of(school.student), actor=school.student, now=now)
    endless_token(school.student, now=now)
    everyone = AccessToken.objects.filter(user=school.student)
    says: dict[str, Callable[[AccessToken], bool]] = {
        "in_use": lambda token: token.state_at(now) in OPEN,
        "expiring": lambda token: token.expires_soon(now),
        "ended": lambda token: token.state_at(now) in ENDED,
        "all": lambda token: token.user_id == school.student.pk,
    }
    for name, holds in says.items():
        found = set(everyone.filter(FILTERS[name].condition(now)))
        assert found == {token for token in everyone if holds(token)}
        assert len(found) > 0


def test_a_search_says_how_many_of_how_many_it_found(school: School) -> None:
    for purpose in ("Dashboard", "Data export", "Notebook"):
        token_of(school.student, purpose=purpose)
    client = client_of(school.student)
    assert "2 of 3 tokens" in text_of(client.get("/tokens/?q=da"))
    assert "3 tokens listed" in text_of(client.get("/tokens/"))
    nothing = text_of(client.get("/tokens/?q=zzz%00"))
    assert "0 of 3 tokens" in nothing
    assert "Nothing matches" in nothing


def test_many_tokens_are_listed_page_by_page(school: School) -> None:
    AccessToken.objects.bulk_create(rows_of(school.student, 130, now=timezone.now()))
    client, seen = client_of(school.student), set()
    for page in (1, 2, 3):
        found = re.findall(r'class="title"[^>]*>([^<]+)', text_of(client.get(f"/tokens/?page={page}")))
        seen |= set(found)
    assert len(found) == 30
    assert len(seen) == 130
    assert "101–130 of 130" in text_of(client.get("/tokens/?page=9"))


def test_of_many_tokens_that_wait_a_few_are_offered_and_the_others_counted(school: School) -> None:
    for number in range(5):
        token_of(school.student, purpose=f"Waiting {number}", actor=school.admin)
    text = text_of(client_of(school.student).get("/tokens/"))
    assert text.count("made a token for you") == 3
    assert "2 more wait in the list below." in text


def test_a_token_past_its_end_is_expired_before_any_job_has_run(school: School) -> None:
    token = token_of(school.student, days=3)
    AccessToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    client = client_of(school.student)
    assert token.purpose in text_of(client.get("/tokens/?state=ended"))
    assert "Expired" in text_of(client.get(f"/tokens/{token.pk}/"))


@pytest.mark.parametrize("term", ["dash", "DASH", "hint", "prefixed"])
def test_search_finds_by_purpose_and_by_hint(school: School, term: str) -> None:
    token, other = token_of(school.student, purpose="Dashboard"), token_of(school.student, purpose="Notebook")
    hints = {"hint": token.lookup_id[:5], "prefixed": f"tpat_{token.lookup_id[:5]}…"}
    text = text_of(client_of(school.student).get("/tokens/", {"q": hints.get(term, term)}))
    assert token.purpose in text
    assert other.purpose not in text


def test_somebody_elses_tokens_are_not_listed_and_not_there(school: School) -> None:
    token = token_of(school.other_student, purpose="Private")
    client = client_of(school.student)
    assert "Private" not in text_of(client.get("/tokens/?state=all"))
    there = {client.get(f"/tokens/{token.pk}/{verb}").status_code for verb in ("", "edit/", "revoke/", "regenerate/")}
    assert there == {404}
    out_of_reach, nobody = client.post(f"/tokens/{token.pk}/revoke/"), client.post("/tokens/999999/revoke/")
    assert said_in(out_of_reach) == said_in(nobody)
    assert client.post(f"/tokens/{token.pk}/activate/").status_code == 404
    token.refresh_from_db()
    assert token.state == State.ACTIVE


def test_where_creating_is_off_the_page_says_so_and_revoking_still_works(school: School) -> None:
    token = token_of(school.student)
    settings.change(school.root, {"audience": "admins_only"}, actor=None, now=timezone.now())
    client = client_of(school.student)
    text = text_of(client.get("/tokens/"))
    assert "Only administrators can create access tokens at this school." in text
    assert 'href="/tokens/new/"' not in text
    client.post(f"/tokens/{token.pk}/revoke/")
    token.refresh_from_db()
    assert token.state == State.REVOKED


def test_the_limit_is_said_with_its_reason(school: School) -> None:
    assert "All your roles are student roles, so a token ends after 120 days" in text_of(
        client_of(school.student).get("/tokens/")
    )
    assert "You hold no role here yet" in text_of(client_of(school.outsider).get("/tokens/"))
    assert "You may choose any end" in text_of(client_of(school.teacher).get("/tokens/"))


def test_whoever_has_no_token_is_shown_the_way_to_one(school: School) -> None:
    assert "You have no tokens yet" in text_of(client_of(school.student).get("/tokens/"))


def test_the_page_of_a_token_tells_its_history_and_never_its_secret(school: School) -> None:
    token = token_of(school.student)
    client = client_of(school.student)
    client.post(f"/tokens/{token.pk}/edit/", {"purpose": "New words", "days": "keep"})
    client.post(f"/tokens/{token.pk}/revoke/", {"reason": "no longer needed"})
    text = text_of(client.get(f"/tokens/{token.pk}/"))
    assert "Purpose changed from “Grade dashboard” to “New words”" in text
    assert "no longer needed" in text
    assert not SECRET.search(text)


def test_editing_keeps_an_end_that_was_not_touched(school: School) -> None:
    token = token_of(school.student, days=30)
    client_of(school.student).post(f"/tokens/{token.pk}/edit/", {"purpose": "New words", "days": "keep"})
    after = AccessToken.objects.get()
    assert (after.purpose, after.expires_at) == ("New words", token.expires_at)


def test_editing_never_carries_a_student_beyond_the_limit(school: School) -> None:
    made_at = timezone.now() - timedelta(days=100)
    token = token_of(school.student, days=30)
    AccessToken.objects.filter(pk=token.pk).update(secret_made_at=made_at)
    client = client_of(school.student)
    text = text_of(client.get(f"/tokens/{token.pk}/edit/"))
    assert f'max="{token.expires_at.date().isoformat()}"' in text if token.expires_at else False
    refused = client.post(f"/tokens/{token.pk}/edit/", {"purpose": "x", "days": "60"})
    assert "cannot be more than 120 days" in text_of(refused)


def test_a_pending_token_is_offered_for_activation_and_to_its_owner_alone(school: School) -> None:
    token = token_of(school.student, purpose="Attendance", actor=school.admin)
    assert "made a token for you" in text_of(client_of(school.student).get("/tokens/"))
    assert client_of(school.admin).post(f"/tokens/{token.pk}/activate/").status_code == 404
    answer = client_of(school.student).post(f"/tokens/{token.pk}/activate/", follow=True)
    assert "“Attendance” is active." in text_of(answer)
    again = client_of(school.student).post(f"/tokens/{token.pk}/activate/", follow=True)
    assert "is already active" in text_of(again)


def test_revoking_all_of_mine_names_the_number_and_ends_them(school: School) -> None:
    token_of(school.student), token_of(school.student)
    theirs = token_of(school.other_student)
    client = client_of(school.student)
    assert "Revoke 2 tokens" in text_of(client.get("/tokens/revoke-all/"))
    answer = client.post("/tokens/revoke-all/", {"reason": "lost my laptop"}, follow=True)
    assert "Revoked 2 tokens." in text_of(answer)
    assert [token.pk for token in AccessToken.objects.filter(state=State.ACTIVE)] == [theirs.pk]
    assert AuditEvent.objects.filter(action="token.revoke", reason="lost my laptop").count() == 2


def test_a_reason_with_a_token_in_it_is_refused_beside_the_field(school: School) -> None:
    client = client_of(school.student)
    secret = SECRET.search(text_of(client.post("/tokens/new/", {"purpose": "x", "days": "7"})))
    assert secret
    token = AccessToken.objects.get()
    answer = client.post(f"/tokens/{token.pk}/revoke/", {"reason": f"leaked {secret[0]}"})
    assert "The reason contains an access token." in text_of(answer)
    token.refresh_from_db()
    assert token.state == State.ACTIVE


def test_an_owner_cannot_lift_what_an_administrator_suspended(school: School) -> None:
    token = token_of(school.student)
    client_of(school.admin).post(f"/tokens/{token.pk}/suspend/", {"reason": "looking into it"})
    assert client_of(school.student).post(f"/tokens/{token.pk}/resume/").status_code == 404
    token.refresh_from_db()
    assert token.state == State.SUSPENDED
    assert "until an administrator resumes it" in text_of(client_of(school.student).get(f"/tokens/{token.pk}/"))


def test_a_token_that_somebody_else_regenerated_is_not_said_to_be_made_by_its_owner(school: School) -> None:
    token = token_of(school.student, purpose="Attendance")
    lifecycle.regenerate(token, actor=school.admin, now=timezone.now())
    text = text_of(client_of(school.student).get("/tokens/"))
    assert "gave <b>Attendance</b> a new secret" in text
    assert "made a token for you" not in text
