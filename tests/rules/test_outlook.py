"""What a decision becomes if the roles end that keep the student limit away."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from accounts.roles import Base, Grant, Standing
from accounts.tree import home_of
from policies.decision import decide
from policies.exempting import Exempting
from policies.outlook import outlook_of, possible_homes
from policies.rules import Audience, Rules

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ROOT, ARTS, SCIENCE = (1,), (1, 2), (1, 3)
EVERYWHERE = {ROOT: Rules(), ARTS: Rules(), SCIENCE: Rules()}


def grant(base: Base, label: str = "", path: tuple[int, ...] = ARTS) -> Grant:
    return Grant(base=base, label=label or base.value, permissions=frozenset(), path=path)


def standing(*grants: Grant) -> Standing:
    return Standing(grants)


STUDENT, TA = grant(Base.STUDENT), grant(Base.TA, "TA")


def test_a_student_who_assists_is_uncapped_because_of_that_and_capped_without() -> None:
    outlook = outlook_of(standing(STUDENT, TA, TA), EVERYWHERE, root=ROOT, now=NOW)
    assert not outlook.decision.capped
    assert outlook.lifted_by == ("TA",)
    assert outlook.without == decide(standing(STUDENT), Rules(), now=NOW)


def test_every_role_that_lifts_the_limit_has_to_end_before_it_applies() -> None:
    designer = grant(Base.DESIGNER, "Designer")
    outlook = outlook_of(standing(TA, STUDENT, designer), EVERYWHERE, root=ROOT, now=NOW)
    assert outlook.lifted_by == ("TA", "Designer")


def test_somebody_who_is_capped_has_nothing_to_lose() -> None:
    for held in (standing(), standing(STUDENT)):
        outlook = outlook_of(held, EVERYWHERE, root=ROOT, now=NOW)
        assert outlook.decision.capped
        assert (outlook.lifted_by, outlook.without) == ((), None)


def test_without_any_role_left_the_rules_of_the_root_hold() -> None:
    rules = {ROOT: Rules(student_cap_days=30), ARTS: Rules(student_cap_days=90)}
    outlook = outlook_of(standing(TA), rules, root=ROOT, now=NOW)
    assert outlook.without
    assert outlook.without.cap_days == 30


def test_the_roles_that_remain_may_have_another_home() -> None:
    rules = {ROOT: Rules(), ARTS: Rules(student_cap_days=10, audience=Audience.NO_STUDENTS), SCIENCE: Rules()}
    outlook = outlook_of(standing(STUDENT, grant(Base.TA, path=SCIENCE)), rules, root=ROOT, now=NOW)
    assert outlook.decision.may_create
    assert outlook.without
    assert (outlook.without.cap_days, outlook.without.may_create) == (10, False)


def test_an_observer_lifts_the_limit_only_where_observers_are_no_students() -> None:
    held = standing(STUDENT, grant(Base.OBSERVER, "Observer"))
    assert outlook_of(held, EVERYWHERE, root=ROOT, now=NOW).lifted_by == ("Observer",)
    strict = {ROOT: Rules(), ARTS: Rules(observers_count_as_students=True)}
    assert outlook_of(held, strict, root=ROOT, now=NOW).decision.capped


def test_where_the_rest_stays_uncapped_nothing_is_foretold() -> None:
    rules = {ROOT: Rules(observers_count_as_students=True), ARTS: Rules()}
    held = standing(grant(Base.OBSERVER, path=ARTS), grant(Base.TA, path=ROOT))
    assert outlook_of(held, rules, root=ROOT, now=NOW).without is None


def test_an_exemption_of_a_role_ends_with_it_and_one_of_a_person_does_not() -> None:
    month, year = NOW + timedelta(days=30), NOW + timedelta(days=365)
    held = standing(STUDENT, TA)
    by_role = outlook_of(held, EVERYWHERE, [Exempting(month, TA), Exempting(year, STUDENT)], root=ROOT, now=NOW)
    assert by_role.without
    assert by_role.without.exempt_until == year
    own = outlook_of(held, EVERYWHERE, [Exempting(month), Exempting(year, TA)], root=ROOT, now=NOW)
    assert own.without
    assert (own.decision.exempt_until, own.without.exempt_until) == (year, month)
    assert own.without.ceiling == month + timedelta(days=120)


paths = st.sampled_from([ROOT, ARTS, SCIENCE, (1, 2, 4), (1, 2, 5)])
some_rules = st.builds(Rules, student_cap_days=st.integers(1, 120), observers_count_as_students=st.booleans())
every_rule = st.fixed_dictionaries(dict.fromkeys((ROOT, ARTS, SCIENCE, (1, 2, 4), (1, 2, 5)), some_rules))
held_somewhere = st.lists(st.builds(grant, st.sampled_from(Base), path=paths), max_size=5).map(tuple).map(Standing)


@given(held_somewhere, every_rule)
def test_it_decides_as_decide_does_and_foretells_the_limit_only_where_there_is_none(
    held: Standing, rules: dict[tuple[int, ...], Rules]
) -> None:
    assert possible_homes(held, root=ROOT) <= rules.keys()
    outlook = outlook_of(held, rules, root=ROOT, now=NOW)
    home = home_of([each.path for each in held.grants], root=ROOT)
    assert outlook.decision == decide(held, rules[home], now=NOW)
    if outlook.without:
        assert outlook.without.capped
        assert not outlook.decision.capped
        assert outlook.lifted_by
