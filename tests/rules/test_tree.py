"""The tree of settings: what is set holds below, and what is locked can only become tighter."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account
from accounts.people import membership
from accounts.roles import Base
from policies import planning, settings
from policies.ending import Existing
from policies.inheritance import origins
from policies.models import Policy
from policies.planning import Plan
from policies.preview import preview
from policies.refusals import Code, Refused
from policies.rules import LIMITS, SETTINGS, Approval, Audience, ClassTokens, Leaked, Merged, Rules, tighter
from policies.wording import sentence
from tests.cast import NOW, School, person, token
from tests.cast import enroll as held_by
from tests.cast import role as role_of
from tokens import lifecycle
from tokens.lifecycle import Change
from tokens.models import State

LATER = NOW + timedelta(hours=1)

_limit = st.none() | st.integers(1, 3650)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "audience": st.sampled_from(Audience),
    "student_cap_days": st.integers(1, 120),
    "student_scopes": st.frozensets(st.sampled_from(["grades:read", "files:read", "files:write"]), min_size=1),
    "approval": st.sampled_from(Approval),
    "leaked_tokens": st.sampled_from(Leaked),
    "class_tokens": st.sampled_from(ClassTokens),
    "notice_days": st.sampled_from([(), (1,), (60, 30, 7)]),
    "auto_approve_days": st.integers(0, 365),
    "guidance_text": st.sampled_from(["", "Ask first.", "Read this."]),
    "guidance_url": st.sampled_from(["", "https://school.example/tokens"]),
    **dict.fromkeys(LIMITS, _limit),
    **dict.fromkeys(("scopes_required", "observers_count_as_students", "longer_on_request"), st.booleans()),
}


@st.composite
def lines(draw: st.DrawFn) -> list[tuple[dict[str, Any], frozenset[str]]]:
    """What each account on the way from the root down sets and locks."""
    depth = draw(st.integers(1, 5))
    names = st.frozensets(st.sampled_from(SETTINGS))
    return [({name: draw(VALUES[name]) for name in sorted(draw(names))}, draw(names)) for _step in range(depth)]


def walk(line: list[tuple[dict[str, Any], frozenset[str]]]) -> list[Merged]:
    found = [Merged()]
    for own, locking in line:
        found.append(found[-1].below(own, locking))
    return found[1:]


def test_every_setting_can_be_drawn() -> None:
    assert VALUES.keys() == set(SETTINGS)


@given(lines())
def test_no_account_is_looser_than_one_above_that_locks(line: list[tuple[dict[str, Any], frozenset[str]]]) -> None:
    accounts = walk(line)
    for above, (_own, locking) in enumerate(line):
        for name in locking:
            value = getattr(accounts[above].rules, name)
            for account in accounts[above:]:
                here = getattr(account.rules, name)
                assert tighter(name, value, here) == here
                value = here


@given(lines())
def test_what_nobody_locks_is_as_the_deepest_account_sets_it(line: list[tuple[dict[str, Any], frozenset[str]]]) -> None:
    end = walk(line)[-1]
    for name in SETTINGS:
        if not any(name in locking for _own, locking in line):
            own = [own[name] for own, _locking in line if name in own]
            assert getattr(end.rules, name) == (own[-1] if own else getattr(Rules(), name))


@pytest.mark.parametrize("name", SETTINGS)
@given(data=st.data())
def test_tightening_twice_is_tightening_once(name: str, data: st.DataObject) -> None:
    above, own = data.draw(VALUES[name]), data.draw(VALUES[name])
    left = tighter(name, above, own)
    assert tighter(name, above, left) == left
    assert tighter(name, above, above) == above


def rules_of(account: Account) -> Rules:
    return Policy.objects.rules_for(account.line)


def set_(account: Account, **values: object) -> None:
    settings.change(account, values, actor=None, now=NOW)


def refusals(account: Account, **values: object) -> list[tuple[Code, str]]:
    with pytest.raises(Refused) as refused:
        settings.change(account, values, actor=None, now=NOW)
    return [(refusal.code, refusal.field) for refusal in refused.value.refusals]


def test_a_lock_refuses_what_is_looser_and_takes_what_is_tighter(school: School) -> None:
    set_(school.root, student_cap_days=60, audience="no_students", locked=["student_cap_days", "audience"])
    assert refusals(school.arts, student_cap_days=61, audience="everyone") == [
        (Code.SETTING_LOCKED, "student_cap_days"),
        (Code.SETTING_LOCKED, "audience"),
    ]
    set_(school.arts, student_cap_days=59, audience="admins_only")
    assert (rules_of(school.arts).student_cap_days, rules_of(school.arts).audience) == (59, Audience.ADMINS_ONLY)
    assert rules_of(school.science).student_cap_days == 60


def test_a_refusal_names_the_account_that_locked(school: School) -> None:
    set_(school.root, locked=["teaching_cap_days"], teaching_cap_days=365)
    with pytest.raises(Refused) as refused:
        settings.change(school.arts, {"teaching_cap_days": 0}, actor=None, now=NOW)
    assert school.root.name in sentence(refused.value.refusals[0])


def test_the_preview_refuses_what_saving_would(school: School) -> None:
    set_(school.root, scopes_required=True, locked=["scopes_required"])
    with pytest.raises(Refused) as refused:
        preview(school.arts, {"scopes_required": False}, viewer=membership(school.admin, now=NOW), now=NOW)
    assert refused.value.code == Code.SETTING_LOCKED


def test_a_lock_overrules_what_was_set_below_and_gives_it_back(school: School) -> None:
    set_(school.arts, student_cap_days=100)
    set_(school.root, student_cap_days=30, locked=["student_cap_days"])
    origin = origins(school.arts)["student_cap_days"]
    assert (origin.value, origin.own, origin.is_overruled, origin.locked_by) == (30, 100, True, school.root)
    set_(school.root, locked=[])
    assert origins(school.arts)["student_cap_days"].value == 100


def test_the_defaults_can_be_locked_too(school: School) -> None:
    set_(school.root, locked=["longer_on_request", "student_cap_days"])
    assert refusals(school.arts, locked=["nonsense"]) == [(Code.SETTING_INVALID, "locked")]
    set_(school.arts, longer_on_request=False)
    set_(school.root, longer_on_request=False)
    assert refusals(school.arts, longer_on_request=True) == [(Code.SETTING_LOCKED, "longer_on_request")]


def test_origins_name_whose_word_holds(school: School) -> None:
    history = Account.objects.create_under(school.arts, name="Department of History")
    set_(school.root, unused_days=200, tokens_at_once=10, locked=["unused_days"])
    set_(school.arts, unused_days=200, tokens_at_once=5)
    known = origins(history)
    assert (known["unused_days"].source, known["unused_days"].locked_by) == (school.root, school.root)
    assert (known["tokens_at_once"].source, known["tokens_at_once"].locked_by) == (school.arts, None)
    assert (known["audience"].source, known["audience"].value) == (None, Audience.EVERYONE)
    set_(school.arts, unused_days=90)
    assert (origins(history)["unused_days"].source, origins(history)["unused_days"].value) == (school.arts, 90)


def test_no_limit_can_be_said_below_a_limit(school: School) -> None:
    set_(school.root, teaching_cap_days=90, tokens_at_once=3)
    set_(school.arts, teaching_cap_days=0, tokens_at_once=0)
    assert (rules_of(school.arts).teaching_cap_days, rules_of(school.arts).tokens_at_once) == (None, None)


def test_locking_shortens_what_a_looser_account_below_allowed(school: School) -> None:
    made = token(school.student, days=120).token
    set_(school.arts, student_cap_days=120)
    set_(school.root, student_cap_days=30)
    made.refresh_from_db()
    assert made.expires_at == NOW + timedelta(days=120)
    set_(school.root, locked=["student_cap_days"])
    made.refresh_from_db()
    assert made.expires_at == NOW + timedelta(days=30)


def test_a_lock_that_costs_people_their_right_revokes_what_the_preview_offers(school: School) -> None:
    made, kept = token(school.student).token, token(school.teacher).token
    set_(school.arts, audience="everyone")
    set_(school.root, audience="no_students")
    locking = Plan(school.root, {"locked": ["audience"]}, Existing.REVOKE, grace_days=0)
    shown = planning.show(locking, actor=school.admin, now=NOW)
    done = planning.save(locking, quoted=shown.quote, typed=1, actor=school.admin, now=NOW).planned
    assert done is not None
    done.refresh_from_db()
    assert (shown.preview.people.lose, shown.preview.tokens.endable, done.revoked) == (2, 1, 1)
    made.refresh_from_db()
    kept.refresh_from_db()
    assert (made.state, kept.state) == (State.REVOKED, State.ACTIVE)


def test_a_person_can_hold_only_so_many_tokens_at_once(school: School) -> None:
    set_(school.root, tokens_at_once=2)
    first, _second = token(school.teacher).token, token(school.teacher)
    with pytest.raises(Refused) as refused:
        token(school.teacher)
    assert refused.value.code == Code.TOO_MANY_TOKENS
    lifecycle.revoke(first, actor=school.teacher, now=NOW)
    token(school.teacher)
    token(school.student)


def test_an_expired_token_comes_back_only_where_there_is_room(school: School) -> None:
    over = token(school.teacher, days=1).token
    later = NOW + timedelta(days=2)
    set_(school.root, tokens_at_once=1)
    token(school.teacher, now=later)
    again = Change(expires_at=later + timedelta(days=5))
    with pytest.raises(Refused) as refused:
        lifecycle.regenerate(over, again, actor=school.teacher, now=later)
    assert refused.value.code == Code.TOO_MANY_TOKENS


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"tokens_at_once": 1001}, Code.NUMBER_OUT_OF_RANGE),
        ({"tokens_at_once": True}, Code.NUMBER_OUT_OF_RANGE),
        ({"unused_days": -1}, Code.NUMBER_OUT_OF_RANGE),
        ({"auto_approve_days": "7"}, Code.NUMBER_OUT_OF_RANGE),
        ({"approval": "some"}, Code.APPROVAL_UNKNOWN),
        ({"leaked_tokens": "sell"}, Code.LEAKED_TOKENS_UNKNOWN),
        ({"class_tokens": "students"}, Code.CLASS_TOKENS_UNKNOWN),
        ({"notice_days": "30, 7"}, Code.NOTICE_DAYS_INVALID),
        ({"notice_days": [30, "7"]}, Code.NOTICE_DAYS_INVALID),
        ({"notice_days": [30, 0]}, Code.NOTICE_DAYS_INVALID),
        ({"notice_days": [366]}, Code.NOTICE_DAYS_INVALID),
        ({"notice_days": [True]}, Code.NOTICE_DAYS_INVALID),
        ({"notice_days": [1, 2, 3, 4, 5, 6, 7]}, Code.NOTICE_DAYS_INVALID),
        ({"longer_on_request": 1}, Code.SETTING_INVALID),
        ({"guidance_text": "x" * 501}, Code.GUIDANCE_TOO_LONG),
        ({"guidance_text": "a\u202eb"}, Code.GUIDANCE_UNREADABLE),
        ({"guidance_text": 7}, Code.SETTING_INVALID),
        ({"guidance_url": "javascript:alert(1)"}, Code.LINK_INVALID),
        ({"guidance_url": "https://"}, Code.LINK_INVALID),
        ({"guidance_url": "https://[x"}, Code.LINK_INVALID),
        ({"guidance_url": "https://school.example/" + "x" * 500}, Code.LINK_INVALID),
        ({"locked": "audience"}, Code.SETTING_INVALID),
        ({"locked": None}, Code.SETTING_INVALID),
        ({"teaching_cap_days": 3651}, Code.LIFE_OUT_OF_RANGE),
    ],
)
def test_what_a_setting_cannot_be_is_refused(school: School, values: dict[str, object], code: Code) -> None:
    assert refusals(school.root, **values) == [(code, next(iter(values)))]
    assert not Policy.objects.exists()


def test_rules_by_class_follow_the_person(school: School) -> None:
    designer = person("designer")
    held_by(designer, role_of(Base.DESIGNER), course=school.history)
    set_(school.root, teaching_cap_days=10)
    with pytest.raises(Refused) as refused:
        token(designer, days=11)
    assert refused.value.code == Code.EXPIRY_BEYOND_CAP
