"""Claims give roles and take them away, and tokens follow at once; what others gave is none of theirs."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from accounts import enrolling, granting
from accounts.audit import AuditEvent
from accounts.claims.holding import bring_up_to_date
from accounts.claims.rules import Rule
from accounts.models import Account, Enrollment, GivenBy, User
from accounts.roles import Base, EnrollmentState
from tests.accounts.roster import load, write
from tests.cast import NOW, School, endless_token, enroll, person, role
from tests.pages.visits import client_of, text_of
from tests.signin.conftest import RULES
from tests.signin.journey import Provider, Visitor

STAFF = {"groups": ["staff", "choir"]}


def roles_of(someone: User) -> set[str]:
    """The roles that somebody holds."""
    held = Enrollment.objects.filter(user=someone, state=EnrollmentState.ACTIVE)
    return set(held.values_list("role__label", flat=True))


def test_roles_come_with_the_claim_and_go_with_it_and_tokens_are_shortened_at_once(
    school: School, provider: Provider
) -> None:
    claims = {"sub": "o-1", "preferred_username": "outsider"}
    enroll(school.outsider, role(Base.STUDENT), school.arts)
    provider.know(outsider={**claims, **STAFF})
    Visitor(provider, "outsider").arrive()
    assert roles_of(school.outsider) == {"Student", "Teacher"}
    endless = endless_token(school.outsider)
    provider.know(outsider={**claims, "groups": ["choir"]})
    Visitor(provider, "outsider").arrive()
    assert roles_of(school.outsider) == {"Student"}
    endless.refresh_from_db()
    assert endless.expires_at is not None
    assert endless.expires_at <= timezone.now() + timedelta(days=120)
    lines = AuditEvent.objects.filter(person=school.outsider, action__startswith="enrollment.").order_by("pk")
    assert [line.action for line in lines] == ["enrollment.add", "enrollment.change"]
    assert lines[0].after["given_by"] == "claims"


def test_roles_in_an_account_and_from_a_claim_inside_another(school: School) -> None:
    Account.objects.filter(pk=school.arts.pk).update(sis_account_id="ARTS")
    rules = (*RULES, Rule("groups", "arts", "teacher", "ARTS"))
    claims = {"groups": "arts", "realm_access": {"roles": ["assistant"]}}
    bring_up_to_date(school.outsider, claims, rules, now=NOW)
    held = Enrollment.objects.filter(user=school.outsider).values_list("role__base", "account", "given_by")
    assert set(held) == {("teacher", school.arts.pk, "claims"), ("ta", school.root.pk, "claims")}


def test_who_goes_from_one_role_to_another_is_never_without(school: School) -> None:
    someone = person("someone")
    bring_up_to_date(someone, STAFF, RULES, now=NOW)
    endless = endless_token(someone)
    bring_up_to_date(someone, {"realm_access": {"roles": ["assistant"]}}, RULES, now=NOW)
    assert roles_of(someone) == {"TA"}
    endless.refresh_from_db()
    assert endless.expires_at is None


def test_what_a_person_gave_stays_when_the_claim_is_gone(school: School) -> None:
    given = granting.give(school.outsider, role(Base.TEACHER), school.root, actor=school.admin, now=NOW)
    bring_up_to_date(school.outsider, STAFF, RULES, now=NOW)
    bring_up_to_date(school.outsider, {}, RULES, now=NOW)
    given.refresh_from_db()
    assert (given.state, given.given_by) == (EnrollmentState.ACTIVE, GivenBy.SCHOOL)


def test_what_a_claim_gave_is_the_persons_who_gives_it_too(school: School) -> None:
    bring_up_to_date(school.outsider, STAFF, RULES, now=NOW)
    granting.give(school.outsider, role(Base.TEACHER), school.root, actor=school.admin, now=NOW)
    bring_up_to_date(school.outsider, {}, RULES, now=NOW)
    assert roles_of(school.outsider) == {"Teacher"}


def test_what_a_claim_gave_is_the_rosters_once_it_is_mentioned_there(school: School, tmp_path: Path) -> None:
    User.objects.filter(pk=school.outsider.pk).update(sis_user_id="o1")
    bring_up_to_date(school.outsider, {"groups": "it"}, RULES, now=NOW)
    roster = write(tmp_path, {"admins.csv": "user_id,account_id,role,status\no1,,AccountAdmin,active\n"})
    assert load(roster).changed("admins") == (0, 1, 0)
    bring_up_to_date(school.outsider, {}, RULES, now=NOW)
    assert roles_of(school.outsider) == {"Account Admin"}
    assert not Enrollment.objects.filter(given_by=GivenBy.CLAIMS).exists()
    assert load(roster).changed("admins") == (0, 0, 0)


def test_a_role_that_has_run_out_is_given_anew_by_its_claim(school: School) -> None:
    past = NOW - timedelta(days=1)
    enrolling.enroll(school.outsider, role(Base.TEACHER), school.root, ends_at=past, actor=None, now=past)
    bring_up_to_date(school.outsider, STAFF, RULES, now=NOW)
    held = Enrollment.objects.get(user=school.outsider)
    assert (held.ends_at, held.given_by) == (None, GivenBy.CLAIMS)


def test_a_second_sign_in_with_the_same_claims_writes_nothing(school: School) -> None:
    bring_up_to_date(school.outsider, STAFF, RULES, now=NOW)
    lines = AuditEvent.objects.count()
    bring_up_to_date(school.outsider, STAFF, RULES, now=NOW)
    assert AuditEvent.objects.count() == lines


@pytest.mark.parametrize("rule", [Rule("groups", "x", "No such role"), Rule("groups", "x", "Teacher", "NOWHERE")])
def test_a_rule_that_names_nothing_takes_no_role_from_anybody(
    school: School, rule: Rule, caplog: pytest.LogCaptureFixture
) -> None:
    bring_up_to_date(school.outsider, STAFF, RULES, now=NOW)
    with caplog.at_level(logging.ERROR):
        bring_up_to_date(school.outsider, {}, (*RULES, rule), now=NOW)
    assert roles_of(school.outsider) == {"Teacher"}
    assert "name what is not here" in caplog.text


def test_a_claim_that_is_too_large_for_the_provider_takes_no_role_away(school: School) -> None:
    bring_up_to_date(school.outsider, STAFF, RULES, now=NOW)
    bring_up_to_date(school.outsider, {"_claim_names": {"groups": "src1"}}, RULES, now=NOW)
    assert roles_of(school.outsider) == {"Teacher"}


def test_the_last_who_rules_the_school_keeps_that_though_the_claim_is_gone(school: School) -> None:
    bring_up_to_date(school.outsider, {"groups": "it"}, RULES, now=NOW)
    Enrollment.objects.filter(user=school.admin).update(state=EnrollmentState.COMPLETED)
    bring_up_to_date(school.outsider, {}, RULES, now=NOW)
    assert roles_of(school.outsider) == {"Account Admin"}


def test_a_retired_role_is_not_given(school: School) -> None:
    librarian = role(Base.DESIGNER, "Librarian")
    librarian.retired_at = NOW
    librarian.save()
    bring_up_to_date(school.outsider, STAFF, (Rule("groups", "staff", "Librarian"),), now=NOW)
    assert roles_of(school.outsider) == set()


def test_an_administrator_sees_which_roles_come_by_sign_in(school: School) -> None:
    bring_up_to_date(school.outsider, STAFF, RULES, now=NOW)
    enroll(school.outsider, role(Base.TA), school.arts)
    page = text_of(client_of(school.admin).get(f"/people/{school.outsider.pk}/"))
    assert page.count("(by sign-in)") == 1
    trail = text_of(client_of(school.admin).get("/audit/?kind=enrollment"))
    assert "the school's sign-in" in trail
