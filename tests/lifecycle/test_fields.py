"""What a refused verb says: the field that it is about, and what the sentence needs."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from accounts.models import User
from policies import settings
from policies.refusals import Code, Refusal, Refused
from tests.cast import NOW, School, token
from tokens import lifecycle
from tokens.lifecycle import RENEWED, Change
from tokens.models import AccessToken

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
THEN = NOW + DAY
SELF, SELF_COURSES = "url:GET|/api/v1/users/:id", "url:GET|/api/v1/accounts/:id"


def refusal(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refused) as refused, transaction.atomic():
        act()
    [found] = refused.value.refusals
    return found


@pytest.fixture
def over(school: School) -> AccessToken:
    """A token whose end has passed at THEN."""
    return token(school.student, days=1).token


def test_a_token_that_is_over_wants_a_new_secret_and_a_new_end_at_once(school: School, over: AccessToken) -> None:
    missing = Refusal(Code.EXPIRED_NEEDS_EXPIRY, "expires_at")
    change = Change(expires_at=NOW + 9 * DAY)
    assert refusal(lambda: lifecycle.update(over, change, actor=school.student, now=THEN)) == missing
    assert refusal(lambda: lifecycle.regenerate(over, actor=school.student, now=THEN)) == missing


def test_whoever_holds_as_many_as_they_may_makes_no_more(school: School) -> None:
    token(school.student)
    settings.change(school.root, {"tokens_at_once": 1}, actor=None, now=NOW)
    assert refusal(lambda: token(school.student)) == Refusal(Code.TOO_MANY_TOKENS, "", {"most": 1})


def test_a_token_that_is_over_counts_again_when_it_is_to_live_again(school: School, over: AccessToken) -> None:
    token(school.student)
    settings.change(school.root, {"tokens_at_once": 1}, actor=None, now=NOW)
    change = Change(expires_at=NOW + 9 * DAY)
    said = refusal(lambda: lifecycle.regenerate(over, change, actor=school.student, now=THEN))
    assert said == Refusal(Code.TOO_MANY_TOKENS, "", {"most": 1})


@pytest.mark.parametrize("end", [NOW + 9 * DAY, RENEWED])
def test_whoever_needs_approval_lets_no_token_live_again(school: School, over: AccessToken, end: object) -> None:
    settings.change(school.root, {"approval": "students"}, actor=None, now=NOW)
    change = Change(expires_at=end)  # type: ignore[arg-type]  # one of both
    said = refusal(lambda: lifecycle.regenerate(over, change, actor=school.student, now=THEN))
    assert said == Refusal(Code.APPROVAL_NEEDED, "expires_at")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (Change(expires_at=NOW + 31 * DAY), "expires_at"),
        (Change(scopes=[]), "scopes"),
        (Change(scopes=[SELF, SELF_COURSES]), "scopes"),
    ],
)
def test_whoever_needs_approval_changes_a_token_to_less_and_not_to_more(
    school: School, change: Change, field: str
) -> None:
    made = lifecycle.issue(
        school.student, purpose="Sync", expires_at=NOW + 30 * DAY, scopes=[SELF], actor=school.student, now=NOW
    ).token
    settings.change(school.root, {"approval": "students"}, actor=None, now=NOW)
    assert refusal(lambda: lifecycle.update(made, change, actor=school.student, now=NOW)) == Refusal(
        Code.APPROVAL_NEEDED, field
    )


def test_whoever_may_create_no_more_changes_nothing_and_others_may_for_them(school: School) -> None:
    made, theirs = token(school.student).token, token(school.student).token
    settings.change(school.root, {"audience": "admins_only"}, actor=None, now=NOW)
    change = Change(purpose="New")
    for act in (lifecycle.update, lifecycle.regenerate):
        assert refusal(lambda a=act: a(made, change, actor=school.student, now=NOW)).code == Code.CREATION_NOT_ALLOWED  # type: ignore[misc]
    assert lifecycle.update(theirs, change, actor=school.admin, now=NOW).purpose == "New"
    assert lifecycle.regenerate(theirs, actor=school.admin, now=NOW).secret


def test_an_overlap_that_is_going_says_until_when(school: School) -> None:
    made = token(school.student).token
    lifecycle.regenerate(made, actor=school.student, now=NOW, overlap=HOUR)
    assert lifecycle.overlap_ends_at(made, now=NOW) == NOW + HOUR
    said = refusal(lambda: lifecycle.regenerate(made, actor=school.student, now=NOW, overlap=HOUR))
    assert said == Refusal(Code.OVERLAP_GOING, "", {"moment": NOW + HOUR})


def test_of_scopes_of_which_the_successor_may_have_none_all_are_named(school: School) -> None:
    scopes = ["tokens:manage", "accounts:manage"]
    made = token(school.admin).token
    AccessToken.objects.filter(pk=made.pk).update(scopes=scopes)

    def hand_over() -> None:
        mine = AccessToken.objects.filter(pk=made.pk)
        lifecycle.hand_over(school.admin, mine, to=school.teacher, actor=school.arts_admin, now=NOW)

    assert refusal(hand_over) == Refusal(Code.SCOPE_NOT_INHERITED, "to", {"scope": "tokens:manage, accounts:manage"})


def test_whoever_is_switched_off_gets_none_with_their_class_and_it_is_said_why(school: School) -> None:
    User.objects.filter(pk=school.student.pk).update(is_active=False)
    wish = lifecycle.Wish("Archive", NOW + DAY)
    made, refused = lifecycle.issue_many([school.student.pk], wish, actor=school.teacher, now=NOW, about={})
    assert (made, refused) == ({}, {school.student.pk: Refusal(Code.INACTIVE_OWNER)})
