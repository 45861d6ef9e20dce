"""Services and scopes, for who administrates the whole school."""

import re
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import User
from tests.cast import School
from tests.pages.visits import client_of, text_of
from tokens import scopes, verifiers
from tokens.models import Scope, Verifier
from tokens.verifiers import recognise

SECRET = re.compile(r"tpvs_[A-Za-z][0-9A-Za-z]{15}_[0-9A-Za-z]{49}")
PAGES = ("/verifiers/", "/verifiers/new/", "/scopes/", "/scopes/new/")


def register(user: User, **fields: Any) -> Any:
    given = {"name": "Timetable", "responsible": user.login_id, **fields}
    return client_of(user).post("/verifiers/new/", given)


def plain(text: str) -> str:
    return re.sub(r"<[^>]+>", "", text)


@pytest.mark.parametrize("page", PAGES)
def test_they_belong_to_who_edits_the_policy_of_the_whole_school(school: School, page: str) -> None:
    assert client_of(school.admin).get(page).status_code == 200
    for user in (school.student, school.teacher, school.arts_admin):
        assert client_of(user).get(page).status_code == 403
        assert 'href="/verifiers/"' not in text_of(client_of(user).get("/tokens/"))
    assert 'href="/verifiers/"' in text_of(client_of(school.admin).get("/tokens/"))


def test_without_a_service_the_page_says_what_one_is_good_for(school: School) -> None:
    assert "No service is registered yet" in text_of(client_of(school.admin).get("/verifiers/"))


def test_a_service_gets_credentials_that_work_and_are_shown_once(school: School) -> None:
    scopes.define("grades:read", "Read grades", actor=school.admin, now=timezone.now())
    answer = register(school.admin, scopes=["grades:read"])
    made = Verifier.objects.get()
    [secret] = set(SECRET.findall(plain(text_of(answer))))
    assert recognise(made.lookup_id, secret)
    assert (made.owner, made.allowed_scopes) == (school.admin, ["grades:read"])
    line = f"curl -u '{made.lookup_id}:{secret}' -d token=tpat_… http://testserver/oauth2/introspect"
    assert line in plain(text_of(answer))
    assert "no-store" in answer.headers["Cache-Control"]
    listed = text_of(client_of(school.admin).get("/verifiers/"))
    assert secret not in listed
    for words in ("Timetable", made.lookup_id, school.admin.name, "Read grades", "Never"):
        assert words in listed


def test_a_form_sent_twice_makes_one_service_and_keeps_its_secret_nowhere(school: School) -> None:
    client = client_of(school.admin)
    fields = {"name": "Timetable", "responsible": "admin"}
    [secret] = set(SECRET.findall(plain(text_of(client.post("/verifiers/new/", fields)))))
    again = plain(text_of(client.post("/verifiers/new/", fields)))
    assert "There is a service called “Timetable” already." in again
    assert not SECRET.search(again)
    assert Verifier.objects.count() == 1
    assert secret not in str(dict(client.session)) + str(client.cookies)
    assert secret not in str(list(AuditEvent.objects.values()))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": " "}, "Give the service a name."),
        ({"name": "x" * 256}, "The name cannot be longer than 255 characters."),
        ({"responsible": "nobody-here"}, "Nobody signs in as “nobody-here”."),
        ({"responsible": "\0"}, "Nobody signs in as"),
        ({"scopes": ["x:unheard"]}, "There is no scope “x:unheard”."),
    ],
)
def test_what_is_wrong_with_a_service_is_said_beside_it(school: School, fields: dict[str, Any], sentence: str) -> None:
    text = text_of(register(school.admin, **fields))
    assert sentence in text
    assert 'class="err"' in text
    assert not Verifier.objects.exists()


def test_a_revoked_service_stays_in_the_list_and_is_recognised_no_more(school: School) -> None:
    made = verifiers.register("Timetable", owner=school.admin, actor=school.admin, now=timezone.now())
    path = f"/verifiers/{made.verifier.pk}/revoke/"
    client = client_of(school.admin)
    assert "Revoke “Timetable”?" in text_of(client.get(path))
    assert recognise(made.verifier.lookup_id, made.secret)
    assert "Revoked “Timetable”." in text_of(client.post(path, follow=True))
    assert recognise(made.verifier.lookup_id, made.secret) is None
    assert "Revoked just now" in text_of(client.get("/verifiers/"))
    assert client.get("/verifiers/0/revoke/").status_code == 404


def test_nobody_else_revokes_a_service_or_retires_a_scope(school: School) -> None:
    made = verifiers.register("Timetable", owner=school.teacher, actor=None, now=timezone.now())
    scope = scopes.define("grades:read", "Read grades", actor=None, now=timezone.now())
    for path in (f"/verifiers/{made.verifier.pk}/revoke/", f"/scopes/{scope.pk}/retire/"):
        assert client_of(school.arts_admin).post(path).status_code == 403
    assert not Verifier.objects.exclude(revoked_at=None).exists()
    assert not Scope.objects.exclude(retired_at=None).exists()


def test_a_scope_is_defined_chosen_and_retired(school: School) -> None:
    client = client_of(school.admin)
    assert "No scope is defined yet" in text_of(client.get("/scopes/"))
    answer = client.post("/scopes/new/", {"name": "grades:read", "words": "Read grades"}, follow=True)
    assert "People can now choose “Read grades” for their tokens." in text_of(answer)
    assert "Read grades" in text_of(client_of(school.student).get("/tokens/new/"))
    client.post(f"/scopes/{Scope.objects.get().pk}/retire/")
    assert "Retired" in text_of(client.get("/scopes/"))
    assert "Read grades" not in text_of(client_of(school.student).get("/tokens/new/"))


def test_what_is_wrong_with_a_scope_is_said_all_at_once(school: School) -> None:
    text = text_of(client_of(school.admin).post("/scopes/new/", {"name": "Grades", "words": " "}))
    assert "Write a scope as thing:act" in text
    assert "Say in words what the scope allows." in text
    assert not Scope.objects.exists()


def test_the_lists_ask_the_database_as_often_for_many_as_for_one(
    school: School, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        verifiers.register(f"Service {number}", owner=school.admin, actor=None, now=timezone.now())
    client = client_of(school.admin)
    with django_assert_max_num_queries(8):
        client.get("/verifiers/")
