"""What is done to many tokens at once."""

import re
from datetime import timedelta

from django.utils import timezone

from accounts.roles import Base, Permission
from tests.cast import School, enroll, person, role
from tests.inventory.listing import IN_USE, PATH, listed, many, use
from tests.pages.visits import client_of, text_of, token_of
from tokens.models import AccessToken, BulkAct, State
from tokens.tasks import carry_out_bulk


def test_what_was_ticked_ends_and_nothing_else(school: School) -> None:
    ticked, kept, foreign = token_of(school.student), token_of(school.student), token_of(school.science_admin)
    client = client_of(school.arts_admin)
    path = f"{PATH}revoke/?id={ticked.pk}&id={foreign.pk}&id=x&id=%00&id={10**30}"
    asked = text_of(client.get(path))
    assert "Revoke 1 token?" in asked
    assert "Student · never used" in asked
    answer = client.post(path, {"reason": "a leak"}, follow=True)
    assert "Revoked 1 token. It is refused from now on." in text_of(answer)
    assert set(AccessToken.objects.filter(state=State.ACTIVE)) == {kept, foreign}
    ticked.refresh_from_db()
    assert (ticked.revoked_by, ticked.revoked_reason) == (school.arts_admin, "a leak")


def test_what_would_end_is_listed_with_its_use(school: School) -> None:
    used, unused = token_of(school.student, purpose="In daily use"), token_of(school.teacher, purpose="Forgotten")
    use(used, times=3)
    page = text_of(client_of(school.admin).get(f"{PATH}revoke/?all=yes"))
    for words in ("Revoke 2 tokens?", "1 of them was used in the last 7 days.", "Student · 3 requests in 30 days"):
        assert words in page
    assert page.index(used.purpose) < page.index(unused.purpose)


def test_all_that_match_end_by_the_filter_alone(crowd: School) -> None:
    client = client_of(crowd.admin)
    path = f"{PATH}revoke/?all=yes&ends=14&account={crowd.arts.pk}"
    assert 'href="/inventory/revoke/?account=' in text_of(client.get(f"{PATH}?ends=14&account={crowd.arts.pk}"))
    late = token_of(crowd.student, purpose="made since the page was drawn", days=7)
    answer = client.post(path, {"reason": "end of term"}, follow=True)
    assert "Revoked 3 tokens." in text_of(answer)
    late.refresh_from_db()
    assert late.state == State.REVOKED
    assert answer.redirect_chain[-1][0] == f"/inventory/?account={crowd.arts.pk}&ends=14"
    assert set(listed(crowd.admin)) == IN_USE - {"soon", "sooner"}


def test_tokens_of_people_with_rights_that_the_visitor_lacks_are_left_and_that_is_said(school: School) -> None:
    revoker = person("revoker")
    enroll(revoker, role(Base.ADMIN, "Revoker", (Permission.TOKENS_VIEW, Permission.TOKENS_DELETE)))
    mine, students, admins = token_of(revoker), token_of(school.student), token_of(school.arts_admin)
    client = client_of(revoker)
    page = text_of(client.get(PATH))
    assert re.findall(r'name="id" value="(\d+)"', page) == [str(students.pk), str(mine.pk)]
    path = f"{PATH}revoke/?all=yes"
    asked = text_of(client.get(path))
    assert "Revoke 2 tokens?" in asked
    assert "1 token stays: its owner holds rights that you lack." in asked
    told = text_of(client.post(f"{PATH}revoke/?id={admins.pk}&id={mine.pk}&id={students.pk}", follow=True))
    assert "Revoked 2 tokens. They are refused from now on. 1 token was left" in told
    assert list(AccessToken.objects.filter(state=State.ACTIVE)) == [admins]


def test_whoever_may_only_look_gets_no_boxes_and_finds_the_door_shut(school: School) -> None:
    helpdesk = person("helpdesk")
    enroll(helpdesk, role(Base.ADMIN, "Help desk", (Permission.TOKENS_VIEW,)))
    made = token_of(school.student)
    client = client_of(helpdesk)
    page = text_of(client.get(PATH))
    assert made.purpose in page
    assert 'name="id"' not in page
    assert "inventory/revoke" not in page
    assert client.post(f"{PATH}revoke/?id={made.pk}").status_code == 403
    made.refresh_from_db()
    assert made.state == State.ACTIVE


def test_more_than_two_hundred_are_typed_and_left_to_a_job(school: School) -> None:
    many(school, 500)
    client = client_of(school.admin)
    path = f"{PATH}revoke/?all=yes"
    assert "Number of tokens" in text_of(client.get(path))
    client.post(path, {"reason": "x", "number": "5"})
    assert not BulkAct.objects.exists()
    for _twice in range(2):
        answer = client.post(path, {"reason": "x", "number": "501", "key": "k"})
    act = BulkAct.objects.get()
    assert answer["Location"] == f"/bulk/{act.pk}/"
    assert "Being carried out" in text_of(client.get(answer["Location"]))
    carry_out_bulk()
    page = text_of(client.get(answer["Location"]))
    assert "501 of 501 tokens done, 0 left as they are" in page
    assert "hx-trigger" not in page
    assert f"/bulk/{act.pk}/" in text_of(client.get("/bulk/"))
    assert not AccessToken.objects.filter(state=State.ACTIVE).exists()


def test_ticked_tokens_are_suspended_resumed_and_shortened(school: School) -> None:
    made = token_of(school.student, days=50)
    client = client_of(school.admin)
    for kind, sent, state in (
        ("suspend", {}, State.SUSPENDED),
        ("resume", {}, State.ACTIVE),
        ("shorten", {"until": f"{timezone.now() + timedelta(days=9):%Y-%m-%d}"}, State.ACTIVE),
    ):
        path = f"{PATH}{kind}/?id={made.pk}"
        assert made.purpose in text_of(client.get(path))
        assert client.post(path, sent).status_code == 302
        made.refresh_from_db()
        assert made.state == state
    assert made.expires_at is not None
    assert made.expires_at < timezone.now() + timedelta(days=11)


def test_an_act_is_stopped_by_its_page_and_seen_by_no_student(school: School) -> None:
    many(school, 300)
    client = client_of(school.admin)
    client.post(f"{PATH}suspend/?all=yes", {"number": "301"})
    act = BulkAct.objects.get()
    assert client.post(f"/bulk/{act.pk}/stop/").status_code == 302
    assert "Stopped" in text_of(client.get(f"/bulk/{act.pk}/"))
    carry_out_bulk()
    assert not AccessToken.objects.filter(state=State.SUSPENDED).exists()
    assert client_of(school.student).get(f"/bulk/{act.pk}/").status_code == 403


def test_nothing_ticked_leads_back(school: School) -> None:
    token_of(school.student)
    answer = client_of(school.admin).post(f"{PATH}revoke/?use=never")
    assert (answer.status_code, answer["Location"]) == (302, "/inventory/?use=never")
    assert "No token of these can be changed like that." in text_of(
        client_of(school.admin).get(f"{PATH}revoke/?all=yes&state=revoked")
    )


def test_a_bad_reason_is_told_and_nothing_ends(school: School) -> None:
    made = token_of(school.student)
    page = text_of(client_of(school.admin).post(f"{PATH}revoke/?id={made.pk}", {"reason": "x" * 300}))
    assert 'aria-invalid="true"' in page
    made.refresh_from_db()
    assert made.state == State.ACTIVE
