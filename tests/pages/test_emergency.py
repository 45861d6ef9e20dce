"""Emergency stop in the browser: looking before it holds, pausing, the sign on every page, lifting."""

import re
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import User
from accounts.roles import Base, Permission
from tests.cast import School, enroll, person, role, token
from tests.pages.visits import client_of, text_of, token_of
from tokens import bulk, tasks
from tokens.models import AccessToken, BulkAct, Pause
from tokens.views import emergency, emergency_report

PAGE, STOP = "/emergency/", "/emergency/stop/"
SIGN, MINE = "Emergency stop:", "Your access tokens are paused."


def of_arts(school: School) -> str:
    return f"{STOP}?whom=account&account={school.arts.pk}"


def paused(user: User, path: str, **fields: str) -> Any:
    return client_of(user).post(path, {"reason": "Something is wrong", **fields}, follow=True)


def test_what_it_covers_is_shown_before_anything_happens(school: School) -> None:
    token_of(school.student)
    token_of(school.teacher)
    text = text_of(client_of(school.admin).get(of_arts(school)))
    assert "Pause 2 tokens?" in text
    assert "Tokens of everybody in Faculty of Arts and below" in text
    assert "2 people" in text
    assert not Pause.objects.exists()


def test_an_address_that_names_nobody_asks_whom(school: School) -> None:
    for path in (STOP, f"{PAGE}revoke/"):
        for answer in (client_of(school.arts_admin).get(path), paused(school.arts_admin, path)):
            assert answer.status_code == 200
            assert "Whose tokens" in text_of(answer)
    assert not Pause.objects.exists()


def test_pausing_takes_a_reason_and_is_told_to_whom_it_concerns(school: School) -> None:
    token_of(school.student)
    assert "Say why" in text_of(paused(school.admin, of_arts(school), reason="")) or not Pause.objects.exists()
    answer = text_of(paused(school.admin, of_arts(school), words="Keep calm."))
    assert "Paused. These tokens are refused from now on." in answer
    for user in (school.admin, school.arts_admin):
        assert SIGN in text_of(client_of(user).get("/tokens/"))
    of_student = text_of(client_of(school.student).get("/tokens/"))
    assert MINE in of_student
    assert "Keep calm." in of_student
    assert "Something is wrong" not in of_student
    assert "Paused" in of_student
    for user in (school.other_student, school.science_admin, school.outsider):
        text = text_of(client_of(user).get("/tokens/"))
        assert MINE not in text
        assert SIGN not in text


def test_lists_say_paused_wherever_the_token_stands(school: School) -> None:
    token = token_of(school.student)
    pages = ["/inventory/", f"/people/{school.student.pk}/", f"/tokens/{token.pk}/"]
    badge = ">Paused</span>"
    client = client_of(school.admin)
    assert not any(badge in client.get(page).content.decode() for page in pages)
    paused(school.admin, of_arts(school))
    assert all(badge in client.get(page).content.decode() for page in pages)
    assert "An emergency stop pauses it" in text_of(client.get(pages[-1]))


def test_it_is_lifted_from_the_list_by_who_reaches_all_of_it(school: School) -> None:
    token_of(school.student)
    paused(school.admin, f"{STOP}?whom=everything")
    made = Pause.objects.get()
    assert client_of(school.arts_admin).get(f"{PAGE}{made.pk}/lift/").status_code == 403
    assert f"{PAGE}{made.pk}/lift/" not in client_of(school.arts_admin).get(PAGE).content.decode()
    answer = client_of(school.admin).post(f"{PAGE}{made.pk}/lift/", follow=True)
    assert "Lifted. These tokens work again." in text_of(answer)
    assert MINE not in text_of(client_of(school.student).get("/tokens/"))
    again = client_of(school.admin).post(f"{PAGE}{made.pk}/lift/")
    assert "This pause was lifted already." in text_of(again)


def test_only_who_may_revoke_tokens_of_others_comes_here_and_only_so_far(school: School) -> None:
    for user in (school.student, school.teacher):
        assert client_of(user).get(PAGE).status_code == 403
        assert client_of(user).get(of_arts(school)).status_code == 403
    assert "Everything" not in text_of(client_of(school.arts_admin).get(PAGE))
    for path in (f"{STOP}?whom=everything", f"{STOP}?whom=account&account={school.science.pk}"):
        assert "Say whose tokens" in text_of(paused(school.arts_admin, path))
    assert "There is no such course here" in text_of(paused(school.arts_admin, f"{STOP}?whom=course&course=PHYS+101"))
    assert not Pause.objects.exists()
    paused(school.arts_admin, f"{STOP}?whom=course&course=hist+101")
    paused(school.arts_admin, f"{STOP}?whom=role&base=student&account={school.arts.pk}")
    assert [each.whom for each in Pause.objects.order_by("pk")] == ["course", "role"]
    assert client_of(school.science_admin).get(f"{PAGE}{Pause.objects.first().pk}/lift/").status_code == 404  # type: ignore[union-attr]


def test_who_lacks_rights_is_told_that_some_are_left(school: School) -> None:
    helper = person("helper")
    enroll(helper, role(Base.ADMIN, "Help desk", (Permission.TOKENS_DELETE,)), account=school.arts)
    assert "hold rights that you lack" in text_of(client_of(helper).get(of_arts(school)))
    assert "hold rights that you lack" not in text_of(client_of(school.arts_admin).get(of_arts(school)))


def test_nothing_more_is_asked_of_the_database_while_nothing_is_paused(
    school: School, django_assert_max_num_queries: Any
) -> None:
    token_of(school.student)
    client = client_of(school.student)
    client.get("/tokens/")
    with django_assert_max_num_queries(16) as asked:
        client.get("/tokens/")
    assert not [each for each in asked.captured_queries if each["sql"].lstrip().startswith('SELECT "tokens_pause"')]


def test_the_mail_is_shown_with_the_words_before_anything_happens(school: School) -> None:
    token_of(school.student)
    client = client_of(school.admin)
    assert "Your access tokens are paused" in text_of(client.get(of_arts(school)))
    answer = client.post(of_arts(school), {"look": "mail", "words": "Keep calm and wait."})
    assert "Hello Student," in text_of(answer)
    letter = answer.content.decode().partition('class="letter')[2]
    assert "Keep calm and wait." in letter
    assert not Pause.objects.exists()
    assert "Nobody gets an e-mail" in text_of(client.get(f"{STOP}?whom=account&account={school.science.pk}"))


def test_words_with_a_token_in_them_are_refused_when_the_mail_is_looked_at(school: School) -> None:
    made = token(school.student, now=timezone.now())
    answer = client_of(school.admin).post(of_arts(school), {"look": "mail", "words": f"It was {made.secret}"})
    letter = answer.content.decode().partition('class="letter')[2]
    assert made.secret not in letter
    assert "err" in answer.content.decode()


def test_a_coded_reason_is_enough_and_is_said_in_words(school: School) -> None:
    token_of(school.student)
    said = {"reason_code": "misuse_suspected", "reason": ""}
    answer = client_of(school.admin).post(of_arts(school), said, follow=True)
    assert "Misuse suspected" in text_of(answer)
    assert "Misuse suspected" not in text_of(client_of(school.student).get("/tokens/"))
    client_of(school.admin).post(f"{STOP}?whom=everything", {"reason_code": "other", "reason": ""})
    assert Pause.objects.count() == 1


def test_the_report_stays_after_lifting_and_is_listed_with_by_whom_and_why(school: School) -> None:
    token_of(school.student, purpose="Night job")
    paused(school.admin, of_arts(school))
    made = Pause.objects.get()
    client = client_of(school.admin)
    assert "The report is being drawn up" in text_of(client.get(f"{PAGE}{made.pk}/"))
    tasks.report_pauses()
    answer = client.get(f"{PAGE}{made.pk}/")
    assert "Night job" in text_of(answer)
    assert "1 person" in text_of(answer)
    client.post(f"{PAGE}{made.pk}/lift/")
    tasks.report_pauses()
    assert "Night job" in text_of(client.get(f"{PAGE}{made.pk}/"))
    assert "No token matches" in text_of(client.get(f"{PAGE}{made.pk}/?part=tried"))
    listed = text_of(client.get(PAGE))
    assert "Something is wrong" in listed
    assert "Admin" in listed


def test_the_report_is_a_file_too_and_the_trail_says_who_took_it(school: School) -> None:
    token_of(school.student, purpose="Night job")
    paused(school.admin, of_arts(school))
    tasks.report_pauses()
    made = Pause.objects.get()
    answer = client_of(school.admin).get(f"{PAGE}{made.pk}/report.csv")
    assert b"Night job" in answer.getvalue()
    taken = AuditEvent.objects.get(action="pause.export")
    assert (taken.actor, taken.subject_id, taken.after["tokens"]) == (school.admin, made.pk, 1)


def test_a_report_goes_no_further_than_its_reader(school: School) -> None:
    enroll(school.other_student, role(Base.STUDENT), course=school.physics)  # at home in the whole school
    token_of(school.other_student, purpose="Elsewhere")
    token_of(school.student, purpose="In arts")
    paused(school.admin, f"{STOP}?whom=everything")
    tasks.report_pauses()
    path = f"{PAGE}{Pause.objects.get().pk}/"
    text = text_of(client_of(school.arts_admin).get(path))
    assert "In arts" in text
    assert "Elsewhere" not in text
    assert b"Elsewhere" not in client_of(school.arts_admin).get(f"{path}report.csv").getvalue()
    for user in (school.student, school.teacher):
        assert client_of(user).get(path).status_code == 403
        assert client_of(user).get(f"{path}report.csv").status_code == 403


def test_pages_of_a_long_report_follow_each_other(school: School, monkeypatch: Any) -> None:
    monkeypatch.setattr(emergency_report, "A_PAGE", 2)
    now = timezone.now()
    for number in range(5):
        made = token_of(school.student, purpose=f"Number {number}")
        used = now - timedelta(hours=number // 2) if number > 1 else None
        AccessToken.objects.filter(pk=made.pk).update(last_used_at=used)
    paused(school.admin, of_arts(school))
    tasks.report_pauses()
    client, path, seen = client_of(school.admin), f"{PAGE}{Pause.objects.get().pk}/", list[str]()
    query = "?"
    while query:
        page = client.get(f"{path}{query}").content.decode()
        seen += re.findall(r"Number \d", page)
        [query] = re.findall(r'href="(\?[^"]*after=[0-9_]+)"', page) or [""]
    assert seen == [f"Number {number}" for number in (2, 3, 4, 0, 1)]
    for nonsense in ("x", "1_2", "9_99999999999999999_9", "0_0_0"):
        assert client.get(f"{path}?after={nonsense}").status_code == 200


def test_what_is_paused_is_revoked_once_its_number_is_typed(school: School) -> None:
    token, spared = token_of(school.student), token_of(school.science_admin)
    paused(school.admin, of_arts(school))
    path = f"{PAGE}{Pause.objects.get().pk}/revoke/"
    client = client_of(school.admin)
    page = client.get(path)
    assert "Revoke 1 token?" in text_of(page)
    assert "The pause stays" in text_of(page)
    answer = client.post(path, {"number": "2", "reason_code": "leaked"})
    assert "To go on, type that number." in text_of(answer)
    assert not BulkAct.objects.exists()
    answer = client.post(path, {"number": "1", "reason_code": "leaked"}, follow=True)
    assert "Revoked 1 token." in text_of(answer)
    token.refresh_from_db()
    spared.refresh_from_db()
    assert (token.state, token.revoked_code, spared.state) == ("revoked", "leaked", "active")
    assert "No token of these is in use." in text_of(client.post(path, {"number": "1"}))
    assert Pause.objects.in_force().count() == 1


def test_what_a_stop_would_cover_is_revoked_without_a_pause_within_ones_rights(school: School) -> None:
    token = token_of(school.student)
    here = f"{PAGE}revoke/?whom=account&account={school.arts.pk}"
    assert client_of(school.teacher).get(here).status_code == 403
    assert "Say whose tokens" in text_of(client_of(school.science_admin).get(here))
    answer = client_of(school.arts_admin).post(here, {"number": "1", "reason": "Enough"}, follow=True)
    assert "Revoked 1 token." in text_of(answer)
    token.refresh_from_db()
    assert token.state == "revoked"
    paused(school.admin, f"{STOP}?whom=everything")
    assert client_of(school.arts_admin).get(f"{PAGE}{Pause.objects.get().pk}/revoke/").status_code == 403


def test_a_crowd_is_left_to_the_job(school: School, monkeypatch: Any) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    tokens = [token_of(user) for user in (school.student, school.teacher)]
    answer = client_of(school.admin).post(f"{PAGE}revoke/?whom=everything", {"number": "2", "reason_code": "leaked"})
    act = BulkAct.objects.get()
    assert answer["Location"] == f"/bulk/{act.pk}/"
    assert (act.size, act.done) == (2, 0)
    tasks.carry_out_bulk()
    for each in tokens:
        each.refresh_from_db()
    assert {each.state for each in tokens} == {"revoked"}


def test_past_pauses_are_listed_a_page_at_a_time(school: School, monkeypatch: Any) -> None:
    monkeypatch.setattr(emergency, "MOST_PAST", 2)
    client = client_of(school.admin)
    for number in range(3):
        client.post(of_arts(school), {"reason": f"Number {number}"})
        client.post(f"{PAGE}{Pause.objects.in_force().get().pk}/lift/")
    first = client.get(PAGE).content.decode()
    assert re.findall(r"Number \d", first) == ["Number 2", "Number 1"]
    [older] = re.findall(r'href="(\?before=\d+)"', first)
    assert re.findall(r"Number \d", client.get(f"{PAGE}{older}").content.decode()) == ["Number 0"]
