"""What a check tells of a live token, its secret and its owner, and that it tells nothing of others."""

from datetime import timedelta

from django.forms import model_to_dict
from pytest_django import Settings

from accounts.models import User
from accounts.people import membership
from accounts.roles import Base
from policies import settings as rules
from policies.governing import is_capped
from tests.cast import NOW, School, enroll, role, token
from tokens import emergency, lifecycle, secrets
from tokens.emergency import target_of
from tokens.stops import Whom
from tokens.verification import INVALID, Checked, Outcome, Owner, TokenRow, verify, verify_many

HOUR = timedelta(hours=1)


def ways(text: str) -> list[Checked]:
    """A check in each of the ways there are."""
    return [verify(text, now=NOW), verify(text, now=NOW, with_membership=True), *verify_many([text], now=NOW)]


def test_every_way_tells_the_row_of_the_token_and_its_owner(school: School) -> None:
    made = lifecycle.issue(
        school.teacher,
        purpose="Sync",
        expires_at=NOW + HOUR,
        scopes=["url:GET|/api/v1/users/:id"],
        actor=school.teacher,
        now=NOW,
    )
    kept = made.token
    row = TokenRow(
        kept.pk, kept.lookup_id, bytes(kept.tag), kept.tag_key, kept.verifier, None, "active", NOW, NOW + HOUR,
        ["url:GET|/api/v1/users/:id"], "Sync",
    )  # fmt: skip
    for checked in ways(made.secret):
        assert (checked.outcome, checked.retagged) == (Outcome.LIVE, None)
        assert checked.token == row
        assert checked.owner == Owner(school.teacher.pk, "teacher", is_active=True)


def test_every_way_tells_the_earlier_secret_from_the_present_one(school: School) -> None:
    old = token(school.student)
    tag = old.token.tag
    lifecycle.regenerate(old.token, overlap=HOUR, actor=school.student, now=NOW)
    for checked in ways(old.secret):
        assert checked.token is not None
        assert (checked.token.id, checked.token.works_until, checked.token.tag) == (old.token.pk, NOW + HOUR, tag)
        assert checked.owner == Owner(school.student.pk, "student", is_active=True)


def test_a_plain_check_knows_the_owner_as_a_user_with_all_that_is_kept_of_them(school: School) -> None:
    checked = verify(token(school.student).secret, now=NOW)
    assert checked.user == school.student
    assert (checked.user._state.db, checked.user._state.adding) == ("default", False)
    assert model_to_dict(checked.user) == model_to_dict(User.objects.get(pk=school.student.pk))
    assert (checked.membership, checked.policies) == (None, ())


def test_a_check_with_membership_knows_the_roles_instead(school: School) -> None:
    checked = verify(token(school.teacher).secret, now=NOW, with_membership=True)
    assert checked.membership == membership(school.teacher, now=NOW)
    assert (checked.user, checked.policies) == (None, ())


def test_a_check_of_many_knows_roles_and_rules(school: School) -> None:
    rules.change(school.arts, {"teaching_cap_days": 90}, actor=None, now=NOW)
    [mine, theirs] = verify_many([token(school.teacher).secret, token(school.admin).secret], now=NOW)
    assert mine.membership == membership(school.teacher, now=NOW)
    assert theirs.membership == membership(school.admin, now=NOW)
    assert [is_capped(each.membership, each.policies) for each in (mine, theirs) if each.membership] == [True, False]
    assert (mine.user, theirs.user) == (None, None)


def test_roles_count_at_the_moment_of_the_check(school: School) -> None:
    made = token(school.student)
    enroll(school.student, role(Base.TEACHER), school.arts, starts_at=NOW + HOUR)
    for moment in (NOW, NOW + HOUR):
        for checked in (verify(made.secret, now=moment, with_membership=True), *verify_many([made.secret], now=moment)):
            assert checked.membership == membership(school.student, now=moment)


def test_answers_to_many_stand_in_the_order_of_the_questions(school: School) -> None:
    one, other = token(school.student), token(school.teacher)
    old = token(school.student)
    lifecycle.regenerate(old.token, overlap=HOUR, actor=school.student, now=NOW)
    texts = [other.secret, "nonsense", old.secret, one.secret, other.secret]
    found = [checked.token and checked.token.id for checked in verify_many(texts, now=NOW)]
    assert found == [other.token.pk, None, old.token.pk, one.token.pk, other.token.pk]
    assert verify_many([], now=NOW) == []


def test_of_a_token_that_does_not_work_only_itself_and_its_owner_are_told(school: School) -> None:
    made = token(school.student)
    lifecycle.suspend(made.token, actor=school.admin, now=NOW)
    for checked in ways(made.secret):
        assert checked.outcome == Outcome.SUSPENDED
        assert checked.token is not None
        assert checked.owner is not None
        assert (checked.user, checked.membership, checked.policies) == (None, None, ())


def test_a_secret_that_is_wrong_or_of_no_token_is_told_nothing(school: School) -> None:
    mine, theirs = token(school.student), token(school.teacher)
    swapped = mine.secret.replace(mine.token.lookup_id, theirs.token.lookup_id)
    wrong = swapped[:-6] + secrets.checksum(swapped[:-6])
    for text in (wrong, secrets.generate().text, "nonsense"):
        assert ways(text) == [INVALID] * 3


def test_every_way_hands_out_the_tag_that_replaces_one_under_a_key_that_is_gone(
    school: School, settings: Settings
) -> None:
    made = token(school.student)
    settings.TOKEN_KEYS = {"new": b"n" * 32}
    for checked in ways(made.secret):
        assert checked.is_live
        assert checked.retagged
        assert checked.retagged[0] == "new"


def test_a_pause_of_some_stops_these_and_no_others_in_every_way(school: School) -> None:
    mine, theirs = token(school.student), token(school.admin)
    emergency.pause(target_of(None, Whom.ACCOUNT, account=school.arts), reason="Broken", actor=None, now=NOW)
    assert {checked.outcome for checked in ways(mine.secret)} == {Outcome.PAUSED}
    assert {checked.outcome for checked in ways(theirs.secret)} == {Outcome.LIVE}


def test_a_pause_of_a_role_stops_those_who_hold_it_at_that_moment_in_every_way(school: School) -> None:
    made = token(school.admin)
    enroll(school.admin, role(Base.TA), school.arts, starts_at=NOW, ends_at=NOW + HOUR)
    target = target_of(None, Whom.ROLE, account=school.root, base=Base.TA)
    emergency.pause(target, reason="Broken", actor=None, now=NOW)
    assert {checked.outcome for checked in ways(made.secret)} == {Outcome.PAUSED}
    later = NOW + HOUR
    after = verify(made.secret, now=later, with_membership=True), verify(made.secret, now=later)
    assert {checked.outcome for checked in (*after, *verify_many([made.secret], now=later))} == {Outcome.LIVE}
