"""Unusual use on the pages: the queue, what administrators decide, what owners say, and who sees what."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from tests.cast import School
from tests.pages.visits import client_of, text_of, token_of
from tokens.models import AccessToken, Flag
from tokens.signals import answering

NUMBERS = {"count": 4, "from": "2026-11-23T14:00:00+00:00", "networks": ["192.0.2.0/24"]}
SENTENCE = "Used from 4 networks between 14:00 and 15:00 on 23 November 2026."


def flag_of(owner: User, *, told: bool = True, **facts: object) -> Flag:
    """A flag of a token made just now."""
    now = timezone.now()
    values = {"rule": "networks", "numbers": NUMBERS, "first_at": now, "last_at": now, **facts}
    return Flag.objects.create(token=token_of(owner), told_at=now if told else None, **values)


def is_live(flag: Flag, now: datetime) -> bool:
    return AccessToken.objects.live(now=now).filter(pk=flag.token_id).exists()


def test_the_queue_says_what_was_found_of_whom_and_what_the_owner_says(school: School) -> None:
    flag = flag_of(school.student, told=False)
    page = text_of(client_of(school.admin).get("/flags/"))
    assert SENTENCE in page
    assert "watching; nobody was told" in page
    assert school.student.name in page
    answering.explain(flag, "This was my script", actor=school.student, now=timezone.now())
    assert "This was my script" in text_of(client_of(school.admin).get("/flags/"))


def test_an_administrator_of_a_part_sees_their_part(school: School) -> None:
    flag_of(school.student)
    assert SENTENCE in text_of(client_of(school.arts_admin).get("/flags/"))
    assert SENTENCE not in text_of(client_of(school.science_admin).get("/flags/"))
    assert SENTENCE not in text_of(client_of(school.admin).get(f"/flags/?account={school.science.pk}"))
    assert client_of(school.teacher).get("/flags/").status_code == 403


def test_the_queue_is_narrowed_by_rule_and_by_whether_it_was_decided(school: School) -> None:
    flag, admin = flag_of(school.student), client_of(school.admin)
    assert SENTENCE not in text_of(admin.get("/flags/?rule=jump"))
    assert SENTENCE in text_of(admin.get("/flags/?rule=networks"))
    answering.dismiss(flag, actor=school.admin, now=timezone.now(), reason="Two labs")
    assert SENTENCE not in text_of(admin.get("/flags/"))
    decided = text_of(admin.get("/flags/?state=decided"))
    assert SENTENCE in decided
    assert "Two labs" in decided


def test_confirming_leads_on_to_the_end_of_the_token_and_ends_nothing(school: School) -> None:
    flag, admin = flag_of(school.student), client_of(school.admin)
    answer = admin.post(f"/flags/{flag.pk}/confirm/", {"reason": "", "then": "revoke"})
    assert answer["Location"] == f"/tokens/{flag.token_id}/revoke/?reason=misuse_found"
    assert "Misuse found" in text_of(admin.get(answer["Location"]))
    assert is_live(flag, timezone.now())
    flag.refresh_from_db()
    assert (flag.state, flag.decided_by) == ("confirmed", school.admin)


def test_dismissing_takes_a_reason(school: School) -> None:
    flag, admin = flag_of(school.student), client_of(school.admin)
    assert "Say why." in text_of(admin.post(f"/flags/{flag.pk}/dismiss/", {"reason": " "}))
    assert admin.post(f"/flags/{flag.pk}/dismiss/", {"reason": "Two labs"}).status_code == 302
    assert "Somebody has decided on this already." in text_of(
        admin.post(f"/flags/{flag.pk}/dismiss/", {"reason": "Again"})
    )


def test_an_owner_sees_what_they_were_told_of_and_says_what_it_was(school: School) -> None:
    flag, student = flag_of(school.student), client_of(school.student)
    assert SENTENCE in text_of(student.get(f"/tokens/{flag.token_id}/"))
    student.post(f"/tokens/flags/{flag.pk}/explain/", {"words": "This was my script"})
    flag.refresh_from_db()
    assert (flag.state, flag.words) == ("explained", "This was my script")


def test_while_a_rule_only_watches_its_owner_sees_nothing(school: School) -> None:
    flag, student = flag_of(school.student, told=False), client_of(school.student)
    assert SENTENCE not in text_of(student.get(f"/tokens/{flag.token_id}/"))
    assert student.post(f"/tokens/flags/{flag.pk}/explain/", {"words": "Mine"}).status_code == 404
    assert SENTENCE in text_of(client_of(school.admin).get(f"/tokens/{flag.token_id}/"))


@pytest.mark.parametrize("verb", ["confirm", "dismiss"])
def test_who_may_not_decide_is_told_so_or_finds_nothing(school: School, verb: str) -> None:
    of_student, of_admin = flag_of(school.student), flag_of(school.admin)
    for who, flag, status in (
        (school.student, of_student, 404),
        (school.science_admin, of_student, 404),
        (school.admin, of_admin, 404),
        (school.arts_admin, of_admin, 404),
    ):
        assert client_of(who).post(f"/flags/{flag.pk}/{verb}/", {"reason": "So"}).status_code == status
    assert client_of(school.other_student).get(f"/tokens/flags/{of_student.pk}/explain/").status_code == 404


def test_the_page_of_the_person_says_so_to_administrators(school: School) -> None:
    flag = flag_of(school.student)
    page = text_of(client_of(school.admin).get(f"/people/{school.student.pk}/"))
    assert SENTENCE in page
    assert f"/tokens/{flag.token_id}/#flag-{flag.pk}" in page


def test_the_figure_counts_what_was_flagged_this_week_and_leads_to_the_queue(school: School) -> None:
    flag_of(school.student)
    dismissed, long_ago = flag_of(school.student), timezone.now() - timedelta(days=8)
    answering.dismiss(dismissed, actor=school.admin, now=timezone.now(), reason="Known")
    flag_of(school.teacher, first_at=long_ago, last_at=long_ago)
    for who, count in ((school.admin, 1), (school.arts_admin, 1), (school.science_admin, 0)):
        page = text_of(client_of(who).get("/inventory/"))
        figure = page[page.index('class="stat" href="/flags/') :]
        assert f'<span class="v">{count}</span>' in figure[:400]
