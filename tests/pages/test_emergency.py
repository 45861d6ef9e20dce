"""Emergency stop in the browser: looking before it holds, pausing, the sign on every page, lifting."""

from typing import Any

from accounts.models import User
from accounts.roles import Base, Permission
from tests.cast import School, enroll, person, role
from tests.pages.visits import client_of, text_of, token_of
from tokens.models import Pause

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
