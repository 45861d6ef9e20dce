"""All tokens: who sees which, what the filters leave, in what order, and how many end at once."""

import csv
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import timezone

from accounts import audit
from accounts.models import User
from accounts.people import membership
from accounts.roles import Base, Permission
from accounts.spreadsheets import BOM, defused
from tests import cast
from tests.api.caller import session_of
from tests.cast import School, enroll, person, role
from tests.pages.visits import client_of, text_of, token_of
from tokens import lifecycle, usage
from tokens.inventory.export import COLUMNS
from tokens.inventory.filters import FILTERS, STATE, Asked
from tokens.inventory.keeping import figures_below
from tokens.inventory.ordering import A_PAGE, KEYS
from tokens.models import AccessToken, BulkAct, State
from tokens.tasks import carry_out_bulk
from tokens.usage import ACCEPTED, DayUse, Use

PATH = "/inventory/"


def purposes(answer: Any) -> list[str]:
    """The purposes of the rows of a page, from top to bottom."""
    return re.findall(r'class="title" href="/tokens/\d+/">([^<]+)', text_of(answer))


def listed(user: User, query: str = "") -> list[str]:
    answer = client_of(user).get(f"{PATH}?{query}")
    assert answer.status_code == 200
    return purposes(answer)


def use(made: AccessToken, *, ago: timedelta = timedelta(0), outcome: str = ACCEPTED, times: int = 1) -> None:
    now = timezone.now()
    one, day = Use(now - ago, outcome, "GET /api/v1/users/:user_id", "192.0.2.1", "curl/8"), DayUse()
    for _ in range(times):
        day.add(one)
    usage.write({one.key(made.pk): day}, now=now)


def moved(made: AccessToken, **facts: object) -> AccessToken:
    """A token of another past: nothing but a test writes a row like this."""
    AccessToken.objects.filter(pk=made.pk).update(**facts)
    made.refresh_from_db()
    return made


# Who sees what.


def test_an_administrator_sees_the_tokens_of_their_part_of_the_school(school: School) -> None:
    for owner in (school.student, school.teacher, school.science_admin, school.outsider):
        token_of(owner, purpose=f"Of {owner.login_id}", days=30)
    assert set(listed(school.admin)) == {"Of student", "Of teacher", "Of science-admin", "Of outsider"}
    assert set(listed(school.arts_admin)) == {"Of student", "Of teacher"}
    assert set(listed(school.admin, f"account={school.arts.pk}")) == {"Of student", "Of teacher"}
    assert listed(school.science_admin) == ["Of science-admin"]


@pytest.mark.parametrize("path", [PATH, f"{PATH}revoke/", f"{PATH}export/"])
def test_the_inventory_is_closed_to_everybody_else(school: School, path: str) -> None:
    for user in (school.student, school.teacher, school.outsider):
        client = client_of(user)
        assert client.get(path).status_code == 403
        assert f'href="{PATH}"' not in text_of(client.get("/tokens/"))


def test_an_account_out_of_reach_answers_like_none(school: School) -> None:
    client = client_of(school.arts_admin)
    for account in (school.science.pk, school.root.pk, 10**9, "x"):
        assert client.get(f"{PATH}?account={account}").status_code == 404
        assert client.get(f"{PATH}export/?account={account}").status_code == 404


def test_the_navigation_says_how_many_are_in_use(school: School) -> None:
    for owner in (school.student, school.teacher, school.science_admin):
        token_of(owner)
    assert '<span class="count">3</span>' in text_of(client_of(school.admin).get("/tokens/"))
    assert '<span class="count">3</span>' in text_of(client_of(school.admin).get(f"{PATH}?state=revoked"))
    assert '<span class="count">2</span>' in text_of(client_of(school.arts_admin).get("/tokens/"))
    assert 'class="count"' not in text_of(client_of(school.student).get("/tokens/"))


# The filters.


@pytest.fixture
def crowd(school: School) -> School:
    """One token of each kind; its purpose says which. All are of the history course, made 40 days ago."""
    now = timezone.now()
    made = now - timedelta(days=40)

    def make(purpose: str, owner: User = school.student, days: int | None = 90, **more: Any) -> AccessToken:
        return cast.token(owner, purpose=purpose, days=days, now=made, **more).token

    make("plain")
    make("pending", actor=school.admin)
    lifecycle.suspend(make("suspended"), actor=school.admin, now=now)
    lifecycle.revoke(make("revoked"), actor=school.admin, now=now)
    make("past", days=30)
    make("noted", days=31)
    lifecycle.expire_many(now=made + timedelta(days=31, hours=1), most=1)
    lifecycle.expire_many(now=made + timedelta(days=31, hours=1), most=1)
    moved(AccessToken.objects.get(purpose="past"), expires_at=now - timedelta(hours=1))
    make("soon", days=50)
    make("sooner", days=45)
    make("endless", school.teacher, days=None)
    use(make("busy"), times=5)
    use(make("idle"), ago=timedelta(days=31))
    return school


IN_USE = {"plain", "pending", "suspended", "soon", "sooner", "endless", "busy", "idle"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", IN_USE),
        ("state=in_use", IN_USE),
        ("state=pending", {"pending"}),
        ("state=suspended", {"suspended"}),
        ("state=active", IN_USE - {"pending", "suspended"}),
        ("state=revoked", {"revoked"}),
        ("state=expired", {"past", "noted"}),
        ("state=all", IN_USE | {"revoked", "past", "noted"}),
        ("use=recent", {"busy"}),
        ("use=idle", IN_USE - {"busy"}),
        ("use=never", IN_USE - {"busy", "idle"}),
        ("ends=7", {"sooner"}),
        ("ends=14", {"sooner", "soon"}),
        ("ends=30", {"sooner", "soon"}),
        ("ends=never", {"endless"}),
        ("made=others", {"pending"}),
        ("role=teacher", {"endless"}),
        ("role=students_only", IN_USE - {"endless"}),
        ("role=admin", set()),
        ("role=none", set()),
        ("ends=14&use=never&role=student", {"sooner", "soon"}),
    ],
)
def test_each_filter_leaves_what_it_says(crowd: School, query: str, expected: set[str]) -> None:
    assert set(listed(crowd.admin, query)) == expected


def test_what_is_typed_leaves_what_it_says(crowd: School) -> None:
    made, today = timezone.localdate() - timedelta(days=40), timezone.localdate()
    enroll(crowd.outsider, role(Base.TEACHER), course=crowd.physics)
    own = token_of(crowd.outsider, purpose="own")
    moved(own, scopes=["url:GET|/api/v1/users/:user_id"])
    scope = "url%3AGET%7C%2Fapi%2Fv1%2Fusers%2F%3Auser_id"
    cases = {
        "owner=teach": {"endless"},
        "purpose=IDL": {"idle"},
        f"course={crowd.physics.code.lower()}": {"own"},
        f"course={crowd.history.name[1:]}": IN_USE,
        f"scope={scope}": {"own"},
        "scope=url": set(),
        "scoped=yes": {"own"},
        "scoped=no&owner=outsider": set(),
        f"created_from={today}": {"own"},
        f"created_to={made}": IN_USE,
        f"created_from={made + timedelta(days=1)}&created_to={today - timedelta(days=1)}": set(),
        f"ends_to={today + timedelta(days=6)}": {"sooner"},
        f"ends_from={today + timedelta(days=8)}&ends_to={today + timedelta(days=11)}": {"soon"},
        f"used_from={today - timedelta(days=1)}": {"busy"},
        f"used_to={today - timedelta(days=20)}": {"idle"},
    }
    for query, expected in cases.items():
        assert set(listed(crowd.admin, query)) == expected, query
        asked = Asked.by(QueryDict(query))
        assert Asked.by(asked.parameters) == asked
        assert set(rows_of_file(crowd.admin, query)) == expected


def test_a_day_that_is_none_leaves_nothing_and_that_is_said(crowd: School) -> None:
    client = client_of(crowd.admin)
    for text in ("31.12.2026", "2026-02-31", "0001-01-01", "9999-12-31", "x"):
        page = client.get(PATH, {"ends_to": text})
        assert purposes(page) == []
        assert f"Ends to: “{text}” is no day." in text_of(page)
        assert 'aria-invalid="true"' in text_of(page)
        asked = text_of(client.get(f"{PATH}revoke/", {"all": "yes", "ends_to": text}))
        assert "No token of these can be changed like that." in asked


def test_each_filter_in_force_can_be_taken_off_alone(crowd: School) -> None:
    client = client_of(crowd.admin)
    page = client.get(f"{PATH}?owner=stud&ends=14&q=soon&account={crowd.arts.pk}")
    chips = page.context["chips"]
    assert [(str(chip.label), str(chip.value)) for chip, _href in chips] == [
        ("End", "Ends within 14 days"),
        ("Owner", "stud"),
        ("Search", "soon"),
    ]
    for chip, href in chips:
        left = client.get(href).context["here"]
        assert left.asked.parameters == chip.without
        assert left.accounts == {crowd.arts.pk}
    assert '<details class="fold more" open>' in text_of(page)
    assert '<details class="fold more">' in text_of(client.get(f"{PATH}?ends=14"))


def rows_of_file(user: User, query: str) -> list[str]:
    """The purposes in the file."""
    return [row["purpose"] for row in rows_of(client_of(user).get(f"{PATH}export/?{query}"))]


@pytest.mark.parametrize("value", ["", "x", "%00", "-1", "'; --", "%F0%9F%92%A9", "١"])
def test_a_value_that_nobody_offers_counts_as_none(crowd: School, value: str) -> None:
    query = "&".join(f"{name}={value}" for name in (*(each.name for each in FILTERS), "sort", "after"))
    assert set(listed(crowd.admin, query)) == IN_USE


def test_the_filter_by_state_and_the_clock_agree(crowd: School) -> None:
    now, states = timezone.now(), {token: token.state_at(timezone.now()) for token in AccessToken.objects.all()}
    for state in State:
        narrowed = AccessToken.objects.filter(STATE.options[state.value].narrow(now))
        assert set(narrowed) == {token for token, at in states.items() if at == state}
    in_use = AccessToken.objects.filter(STATE.options["in_use"].narrow(now))
    assert set(in_use) == set(AccessToken.objects.in_use(now=now))


def test_students_only_are_those_whose_standing_holds_nothing_else(school: School) -> None:
    bases = [role(base) for base in Base]
    for first in bases:
        for second in (None, *bases):
            owner = person(f"{first.base}-{second and second.base}")
            enroll(owner, first)
            if second not in {None, first}:
                enroll(owner, second)
            token_of(owner, purpose=owner.login_id, days=30)
    token_of(school.outsider, purpose="outsider", days=30)
    now = timezone.now()
    bases_of = {token.purpose: membership(token.user, now=now).standing.bases for token in AccessToken.objects.all()}
    tokens = AccessToken.objects.all()

    def left_by(name: str) -> set[str]:
        return {token.purpose for token in Asked.by({"role": name}).narrow(tokens, now=now)}

    assert left_by("students_only") == {purpose for purpose, held in bases_of.items() if held == {Base.STUDENT}}
    assert left_by("none") == {purpose for purpose, held in bases_of.items() if not held}
    for base in Base:
        assert left_by(base) == {purpose for purpose, held in bases_of.items() if base in held}


def test_a_word_is_looked_for_in_purposes_and_people_and_at_the_beginning_of_the_lookup_id(school: School) -> None:
    User.objects.filter(pk=school.student.pk).update(name="Ada King", sis_user_id="S-77")
    wanted = token_of(school.student, purpose="Grade dashboard 100%")
    token_of(school.teacher, purpose="Nightly sync", days=30)
    hint, whole = wanted.lookup_id[:5], wanted.lookup_id
    hints = (hint, f"tpat_{hint}…", f"tpat_{hint}", f"tpat_{whole}_")
    for term in ("DASH", "ada k", "student@school", "s-77", "100%", *hints):
        assert listed(school.admin, f"q={term}".replace("%", "%25")) == ["Grade dashboard 100%"], term
    for term in ("%25", "_", "%00", "tpat_", "'", "\\"):
        assert client_of(school.admin).get(f"{PATH}?q={term}").status_code in {200, 302}
    assert listed(school.admin, f"q={hint.swapcase()}") == []
    assert listed(school.admin, "q=nobody+and+nothing") == []


def test_the_secret_of_a_pasted_token_leaves_the_address_and_finds_the_token(school: School) -> None:
    issued = cast.token(school.student, now=timezone.now())
    client = client_of(school.admin)
    answer = client.get(PATH, {"q": f" {issued.secret} ", "state": "all", "account": f"{school.arts.pk}"})
    assert answer.status_code == 302
    secret = issued.secret.rpartition("_")[2]
    for name in ("q", "owner", "purpose", "course", "scope"):
        there = client.get(PATH, {name: issued.secret})
        assert (there.status_code, secret in there["Location"]) == (302, False)
    assert secret not in answer["Location"]
    assert issued.token.lookup_id in answer["Location"]
    found = client.get(answer["Location"])
    assert secret not in text_of(found)
    assert purposes(found) == [issued.token.purpose]
    assert found.context["here"].accounts == {school.arts.pk}


# Figures.


def test_the_figures_count_what_their_links_list(crowd: School) -> None:
    client = client_of(crowd.admin)
    page = client.get(PATH)
    figures, places = page.context["figures"], page.context["places"]
    for name, place in places.items():
        there = client.get(place.href)
        assert getattr(figures, name) == there.context["total"].number == len(purposes(there))
    assert (figures.in_use, figures.people, figures.ending_soon, figures.never_end) == (8, 2, 2, 1)
    assert figures.weeks[:2] == [1, 1]
    assert sum(figures.weeks) == 7
    assert figures.by_base == {Base.STUDENT: 7, Base.TEACHER: 1}


def test_the_figures_of_a_large_school_are_a_minute_old_at_most(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tokens.inventory.figures.COUNTED", 2)
    now, below = timezone.now(), frozenset({school.root.pk})

    def in_use(after: timedelta) -> int:
        return figures_below(below, AccessToken.objects.all(), now=now + after).in_use

    for made in (1, 2, 3, 4):  # two are few: these are counted each time
        token_of(school.student)
        assert in_use(timedelta(0)) == min(made, 3)
    assert in_use(timedelta(seconds=59)) == 3
    assert in_use(timedelta(seconds=61)) == 4


def test_every_kept_view_can_be_shared_by_its_address(crowd: School) -> None:
    client = client_of(crowd.admin)
    for _label, place in client.get(f"{PATH}?account={crowd.arts.pk}").context["views"]:
        there = client.get(place.href)
        assert [each.href for _name, each in there.context["views"] if each.is_here] == [place.href]
        assert there.context["here"].accounts == {crowd.arts.pk}


def test_without_anybody_the_figures_are_noughts(school: School) -> None:
    page = client_of(school.science_admin).get(PATH)
    figures = page.context["figures"]
    assert (figures.in_use, figures.people, figures.weeks, figures.by_base) == (0, 0, [0] * 8, {})
    for words in ("No tokens yet", "No token is in use.", "No request has been counted in this time."):
        assert words in text_of(page)


def test_the_requests_are_those_of_the_people_below(school: School) -> None:
    use(token_of(school.student), times=3)
    use(token_of(school.science_admin), outcome="revoked", times=2)
    assert '<b class="num">5</b> in 30 days, <b class="num">2</b> refused' in text_of(client_of(school.admin).get(PATH))
    assert '<b class="num">3</b> in 30 days' in text_of(client_of(school.arts_admin).get(PATH))


def test_where_nothing_matches_there_is_a_way_back(crowd: School) -> None:
    page = text_of(client_of(crowd.admin).get(f"{PATH}?q=nonsense&account={crowd.arts.pk}"))
    assert "No token matches" in page
    assert f'href="/inventory/?account={crowd.arts.pk}">Clear filters' in page
    assert "No tokens yet" not in page


# Order and pages.


def walk(client: Any, query: str) -> list[list[int]]:
    """The ids on every page, following the links."""
    pages, path = [], f"{PATH}?{query}"
    while path:
        answer = client.get(path)
        pages.append([held.row.token.pk for held in answer.context["rows"]])
        onward = re.search(r'href="([^"]+)">Next page', text_of(answer))
        path = PATH + onward[1].replace("&amp;", "&") if onward else ""
    return pages


def many(school: School, number: int) -> None:
    """Tokens of which many are equal in whatever they are sorted by."""
    now = timezone.now()
    seed = token_of(school.student)
    AccessToken.objects.bulk_create(
        AccessToken(
            user=school.student,
            purpose=f"Number {n}",
            state=State.ACTIVE,
            created_at=now - timedelta(days=n % 3),
            updated_at=now,
            secret_made_at=now,
            expires_at=None if n % 4 == 0 else now + timedelta(days=n % 5 + 1),
            last_used_at=None if n % 3 == 0 else now - timedelta(days=n % 5),
            use_count=n % 6,
            lookup_id=f"A{n:015}",
            tag=seed.tag,
            tag_key=seed.tag_key,
            verifier=seed.verifier,
        )
        for n in range(number)
    )


@pytest.mark.parametrize("sort", [f"{minus}{key}" for key in KEYS for minus in ("", "-")])
def test_every_order_goes_through_all_tokens_once(school: School, sort: str) -> None:
    many(school, 80)
    pages = walk(client_of(school.admin), f"sort={sort}")
    seen = [pk for page in pages for pk in page]
    assert [len(page) for page in pages] == [A_PAGE, A_PAGE, A_PAGE, 81 - 3 * A_PAGE]
    assert len(set(seen)) == 81
    tokens = AccessToken.objects.in_bulk(seen)
    far, long_ago = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)
    values: dict[str, Callable[[AccessToken], Any]] = {
        "created": lambda t: t.created_at,
        "ends": lambda t: t.expires_at or far,
        "used": lambda t: t.last_used_at or long_ago,
        "requests": lambda t: t.use_count,
    }
    value = values[sort.removeprefix("-")]
    expected = sorted(seen, key=lambda pk: (value(tokens[pk]), pk), reverse=sort.startswith("-"))
    assert seen == expected


def test_a_page_begins_where_the_last_one_ended_whatever_has_happened_since(school: School) -> None:
    many(school, 60)
    client = client_of(school.admin)
    first = client.get(f"{PATH}?sort=-requests")
    shown = [held.row.token.pk for held in first.context["rows"]]
    moved(AccessToken.objects.get(pk=shown[-1]), use_count=1000)  # it is used on and on
    rest = client.get(f"{PATH}?sort=-requests&after={first.context['next']}")
    assert not set(shown) & {held.row.token.pk for held in rest.context["rows"]}
    assert len(rest.context["rows"]) == A_PAGE


def test_the_newest_stand_first_and_headings_say_how_the_list_is_sorted(school: School) -> None:
    now = timezone.now()
    for days in (3, 1, 2):
        cast.token(school.student, purpose=f"{days}", days=30, now=now - timedelta(days=days))
    client = client_of(school.admin)
    assert purposes(client.get(PATH)) == ["1", "2", "3"]
    page = text_of(client.get(f"{PATH}?sort=ends&use=never"))
    assert re.findall(r'aria-sort="(\w+)"', page) == ["ascending"]
    assert 'aria-sort="ascending"><a href="?use=never&amp;sort=-ends">' in page


@pytest.mark.parametrize(
    "after", ["x", "_", "_1", "2026-02-31T00:00:00+00:00_1", "0000-01-01T00:00:00+00:00_1", "5_5", "9" * 40]
)
def test_a_place_that_no_page_has_named_is_the_beginning(school: School, after: str) -> None:
    token_of(school.student, purpose="Here")
    assert listed(school.admin, f"after={after}".replace("+", "%2B")) == ["Here"]


# Ending many.


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


# The file.


def text_in(answer: Any) -> str:
    """The whole file."""
    return b"".join(answer.streaming_content).decode()


def rows_of(answer: Any) -> list[dict[str, str]]:
    text = text_in(answer)
    assert text.startswith(BOM)
    return list(csv.DictReader(StringIO(text.removeprefix(BOM), newline="")))


def test_the_file_holds_what_the_filters_leave_in_the_order_of_the_list(crowd: School) -> None:
    client = client_of(crowd.admin)
    answer = client.get(f"{PATH}export/?ends=14&sort=ends")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(r'attachment; filename="tokens-\d{4}-\d\d-\d\d\.csv"', answer["Content-Disposition"])
    rows = rows_of(answer)
    assert [row["purpose"] for row in rows] == ["sooner", "soon"]
    assert tuple(rows[0]) == COLUMNS
    assert (rows[0]["owner"], rows[0]["state"], rows[0]["roles"]) == ("Student", "active", "Student")
    assert {row["purpose"] for row in rows_of(client.get(f"{PATH}export/?state=all"))} >= {"revoked", "past", "noted"}
    assert rows_of(client_of(crowd.science_admin).get(f"{PATH}export/")) == []


def test_the_file_holds_no_secret_and_no_formula(school: School) -> None:
    issued = cast.token(school.student, purpose='=HYPERLINK("http://x","y")', now=timezone.now())
    User.objects.filter(pk=school.student.pk).update(name="@SUM(1)", sis_user_id="+1")
    text = text_in(client_of(school.admin).get(f"{PATH}export/"))
    [row] = csv.DictReader(StringIO(text.removeprefix(BOM), newline=""))
    assert (row["purpose"][:3], row["owner"], row["sis_user_id"]) == ("'=H", "'@SUM(1)", "'+1")
    assert issued.secret.rpartition("_")[2] not in text
    assert issued.token.verifier not in text
    assert "argon2" not in text


def test_json_lines_hold_the_same_by_the_names_of_the_api(crowd: School) -> None:
    token_of(crowd.student, purpose='=a "quote", a comma and é')
    client = client_of(crowd.admin)
    answer = client.get(f"{PATH}export/?format=jsonl&owner=stud&sort=-ends")
    assert answer["Content-Type"] == "application/jsonl; charset=utf-8"
    assert re.fullmatch(r'attachment; filename="tokens-\d{4}-\d\d-\d\d\.jsonl"', answer["Content-Disposition"])
    objects = [json.loads(line) for line in text_in(answer).splitlines()]
    cells = rows_of(client.get(f"{PATH}export/?owner=stud&sort=-ends"))
    assert [each["id"] for each in objects] == [int(row["token_id"]) for row in cells]
    assert [len(each) for each in objects] == [len(COLUMNS)] * len(cells)
    api = session_of(crowd.admin).get(f"users/{crowd.student.pk}/user_generated_tokens?per_page=100").body
    told = {each["id"]: each for each in api}
    for each in objects:
        shared = each.keys() & told[each["id"]].keys()
        assert shared >= {"id", "purpose", "state", "created_at", "expires_at", "last_used_at", "scopes", "use_count"}
        assert {name: each[name] for name in shared} == {name: told[each["id"]][name] for name in shared}
    [event, _] = audit.AuditEvent.objects.filter(action="token.export").order_by("pk")
    assert event.after == {"count": len(objects), "filters": {"owner": "stud"}}


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1"])
def test_a_cell_that_begins_like_a_formula_is_shown_as_text(cell: str) -> None:
    assert defused(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "a=1", "1-1", None, 5, -5])
def test_any_other_cell_stays(cell: object) -> None:
    assert defused(cell) == cell


def test_whoever_takes_the_file_stands_in_the_audit_trail(crowd: School) -> None:
    client_of(crowd.arts_admin).get(f"{PATH}export/?ends=14&q=soon")
    [event] = audit.AuditEvent.objects.filter(action="token.export")
    assert (event.actor, event.account) == (crowd.arts_admin, crowd.arts)
    assert event.after == {"count": 2, "filters": {"ends": "14", "q": "soon"}}
    assert "Exported a list of 2 tokens" in text_of(client_of(crowd.admin).get("/audit/"))


def test_a_long_file_comes_in_pieces(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tokens.inventory.export.CHUNK", 20)
    many(school, 80)
    answer: Any = client_of(school.admin).get(f"{PATH}export/")
    pieces = list(answer.streaming_content)
    assert len(pieces) == 1 + 5
    assert len(b"".join(pieces).decode().splitlines()) == 1 + 81
