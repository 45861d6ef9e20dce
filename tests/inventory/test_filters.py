"""What the filters leave."""

from datetime import timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from accounts.people import membership
from accounts.roles import Base
from tests import cast
from tests.cast import School, enroll, person, role
from tests.inventory.listing import IN_USE, PATH, listed, moved, purposes, rows_of_file
from tests.pages.visits import client_of, text_of, token_of
from tokens.inventory.asked import Asked
from tokens.inventory.filters import FILTERS, STATE
from tokens.models import AccessToken, State


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
        deep = text_of(client.get(PATH, {"ends_to": text, "after": "2026-01-01T00:00:00+00:00_1"}))
        assert f"Ends to: “{text}” is no day." in deep


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
