"""Which account the pages of administration are about, and how another is chosen."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, User
from accounts.roles import Base, Permission
from tests.cast import School, enroll, person, role
from tests.pages.visits import client_of, said_in, text_of
from tokenportal import switch

MENU = re.compile(r'<div class="menu accounts".*?</div>', re.DOTALL)
LISTS = ("/people/", "/audit/")


def menu_of(user: User, path: str) -> list[tuple[str, str, bool]]:
    """The lines of the menu: where each leads, its name with its depth, whether it is marked."""
    found = MENU.search(text_of(client_of(user).get(path)))
    lines = re.findall(
        r'<li(?: class="in-(\d)")?><a href="([^"]*)"( aria-current="true")?>([^<]*)<', found[0] if found else ""
    )
    return [(href.replace("&amp;", "&"), ">" * int(depth or 0) + name, bool(here)) for depth, href, here, name in lines]


def navigation_of(user: User, path: str) -> dict[str, str]:
    text = text_of(client_of(user).get(path))
    entry = r'<li><a href="([^"]*)"[^>]*><svg[^>]*>.*?</svg>([^<]+)(?:<span class="count">[^<]*</span>)?</a>'
    return {name: href for href, name in re.findall(entry, text)}


@pytest.fixture
def deep(school: School) -> School:
    """A school with a department below one of its faculties, made before one that comes first by its name."""
    Account.objects.create_under(school.arts, name="Philosophy")
    Account.objects.create_under(school.arts, name="History department")
    closed = Account.objects.create_under(school.science, name="Closed long ago", state="deleted")
    assert closed.pk
    return school


@pytest.mark.parametrize("path", LISTS)
def test_an_administrator_chooses_among_the_accounts_below_their_own(deep: School, path: str) -> None:
    arts, science = deep.arts.pk, deep.science.pk
    history, philosophy = Account.objects.filter(parent=deep.arts).order_by("name")
    assert menu_of(deep.admin, path) == [
        (path, "All of My school", True),
        (f"{path}?account={arts}", "Faculty of Arts", False),
        (f"{path}?account={history.pk}", ">History department", False),
        (f"{path}?account={philosophy.pk}", ">Philosophy", False),
        (f"{path}?account={science}", "Faculty of Science", False),
    ]
    assert [name for _href, name, _here in menu_of(deep.arts_admin, path)] == [
        "All of Faculty of Arts",
        "History department",
        "Philosophy",
    ]


@pytest.mark.parametrize("path", ["/tokens/", "/people/", "/audit/"])
def test_it_is_drawn_only_for_whoever_has_a_choice(deep: School, path: str) -> None:
    assert menu_of(deep.science_admin, path) == []
    assert menu_of(deep.student, "/tokens/") == []
    assert menu_of(deep.arts_admin, path) != []


@pytest.mark.parametrize("path", LISTS)
def test_a_page_says_which_account_it_is_about_and_leads_back_to_all(deep: School, path: str) -> None:
    text = text_of(client_of(deep.admin).get(f"{path}?account={deep.arts.pk}&q=x"))
    assert "Only <b>Faculty of Arts</b> and what lies below it." in text
    assert f'<a href="{path}?q=x">Show all of My school</a>' in text
    assert f'<input type="hidden" name="account" value="{deep.arts.pk}">' in text
    assert "and what lies below it" not in text_of(client_of(deep.admin).get(path))


def test_people_are_those_of_the_chosen_account(deep: School) -> None:
    text = text_of(client_of(deep.admin).get(f"/people/?account={deep.arts.pk}"))
    assert "Other Student" in text
    assert "Science Admin" not in text


def test_a_choice_keeps_the_filters_and_forgets_the_place_in_the_list(deep: School) -> None:
    lines = menu_of(deep.admin, f"/people/?role=student&after=5&account={deep.science.pk}")
    assert lines[0] == ("/people/?role=student", "All of My school", False)
    assert lines[1][0] == f"/people/?role=student&account={deep.arts.pk}"
    assert [name for _href, name, here in lines if here] == ["Faculty of Science"]


def test_the_navigation_keeps_the_choice(deep: School) -> None:
    arts = deep.arts.pk
    for path in (f"/people/?account={arts}", f"/audit/?account={arts}", f"/accounts/{arts}/settings/"):
        links = navigation_of(deep.admin, path)
        assert links["People"] == f"/people/?account={arts}"
        assert links["Audit log"] == f"/audit/?account={arts}"
        assert links["Account settings"] == f"/accounts/{arts}/settings/"
        assert links["My access tokens"] == "/tokens/"
    assert navigation_of(deep.admin, "/people/")["Audit log"] == "/audit/"


def test_the_navigation_keeps_the_choice_only_where_the_right_is_held_too(deep: School) -> None:
    helper = person("helper")
    enroll(helper, role(Base.ADMIN, "Looks at people", (Permission.USERS_VIEW,)))
    enroll(helper, role(Base.ADMIN, "Reads the log", (Permission.AUDIT_VIEW,)), deep.arts)
    assert navigation_of(helper, f"/people/?account={deep.science.pk}")["Audit log"] == "/audit/"
    assert navigation_of(helper, f"/people/?account={deep.arts.pk}")["Audit log"] == f"/audit/?account={deep.arts.pk}"
    assert menu_of(helper, "/audit/")[0][1] == "All of Faculty of Arts"


def test_on_the_settings_it_leads_to_the_settings_of_each(deep: School) -> None:
    lines = menu_of(deep.admin, f"/accounts/{deep.arts.pk}/settings/")
    assert lines[0] == (f"/accounts/{deep.root.pk}/settings/", "My school", False)
    assert lines[1] == (f"/accounts/{deep.arts.pk}/settings/", ">Faculty of Arts", True)
    assert menu_of(deep.admin, f"/accounts/{deep.root.pk}/settings/")[0][2]


def test_from_any_other_page_it_leads_to_all_tokens(deep: School) -> None:
    lines = menu_of(deep.admin, f"/tokens/?account={deep.arts.pk}")
    assert lines[0] == ("/inventory/", "All of My school", True)
    assert lines[1] == (f"/inventory/?account={deep.arts.pk}", "Faculty of Arts", False)


def test_who_administers_two_accounts_sees_both_with_what_lies_below(deep: School) -> None:
    enroll(deep.science_admin, role(Base.ADMIN), Account.objects.get(name="Philosophy"))
    assert [name for _href, name, _here in menu_of(deep.science_admin, "/people/")] == [
        "All of mine",
        "Faculty of Science",
        "Philosophy",
    ]


@pytest.mark.parametrize("path", LISTS)
def test_an_account_out_of_reach_answers_like_none(deep: School, path: str) -> None:
    client = client_of(deep.arts_admin)
    nobodys = client.get(f"{path}?account=999999")
    for account in (deep.root.pk, deep.science.pk, "x", "-1"):
        answer = client.get(f"{path}?account={account}")
        assert answer.status_code == 404
        assert said_in(answer) == said_in(nobodys)
    assert client.get(f"{path}?account={deep.arts.pk}").status_code == 200


def test_hundreds_of_accounts_are_cut_off_and_that_is_said(school: School) -> None:
    with CaptureQueriesContext(connection) as few:
        assert client_of(school.admin).get("/people/").status_code == 200
    assert "uppermost" not in text_of(client_of(school.admin).get("/people/"))
    for number in range(switch.MOST + 50):
        Account.objects.create(parent=school.arts, name=f"Department {number:03}")
    with CaptureQueriesContext(connection) as many:
        text = text_of(client_of(school.admin).get("/people/"))
    assert "The uppermost 200 accounts are shown." in text
    names = [name for _href, name, _here in menu_of(school.admin, "/people/")]
    assert len(names) == switch.MOST
    assert names[:3] == ["All of My school", "Faculty of Arts", ">Department 000"]
    assert names[-1] == "Faculty of Science"
    assert len(many) == len(few)


def test_nothing_of_the_choice_is_kept_but_in_the_address(deep: School) -> None:
    client = client_of(deep.admin)
    client.get(f"/people/?account={deep.arts.pk}")
    assert "and what lies below it" not in text_of(client.get("/people/"))
