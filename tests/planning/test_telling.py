"""A preview is told in sentences, the same ones at every door."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from accounts.roles import Base, Permission
from policies import planning, settings
from policies.ending import Existing
from policies.planning import Plan
from policies.telling import Kind, Told, told
from tests.cast import NOW, School, endless_token, enroll, person, role, token
from tokens.models import AccessToken

DAY = timedelta(days=1)
LOSING = {"audience": "admins_only"}


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def sentences(wanted: Plan, school: School, actor: Any = None) -> list[str]:
    return [each.sentence for each in all_told(wanted, school, actor)]


def all_told(wanted: Plan, school: School, actor: Any = None) -> list[Told]:
    return told(planning.show(wanted, actor=actor or school.admin, now=NOW).preview, wanted)


def test_what_differs_in_nothing_says_so(school: School) -> None:
    assert sentences(Plan(school.root, {}), school) == ["Nothing differs from what is set already."]


def test_what_nobody_notices_says_so_and_holds_when_it_is_saved(school: School) -> None:
    assert sentences(Plan(school.root, {"guidance_text": "Ask first."}), school) == [
        "Nothing would change for anybody today.",
        "It holds as soon as it is saved",
        "Nobody is e-mailed",
    ]


def test_an_earlier_end_is_told_with_its_date_and_that_it_can_be_undone(school: School) -> None:
    token(school.student, days=100)
    used = token(school.other_student, days=100).token
    AccessToken.objects.filter(pk=used.pk).update(last_used_at=NOW - DAY)
    said = all_told(Plan(school.root, {"student_cap_days": 20}), school)
    assert [each.sentence for each in said] == [
        "For 3 people the limit for new tokens changes",
        "2 tokens get an earlier end",
        "1 of these tokens was used in the last 30 days",
        "It takes effect on 7 December 2026; until then it can be undone",
        "The owners of these tokens are told by e-mail",
    ]
    assert said[1].more == "0 of them within 7 days after the change takes effect, 2 within 30."
    assert said[1].parts == ("", "2", " tokens get an earlier end")


def test_without_grace_it_is_said_that_nothing_can_be_undone(school: School) -> None:
    token(school.student, days=100)
    said = all_told(Plan(school.root, {"student_cap_days": 20}, grace_days=0), school)
    assert (said[-2].kind, said[-2].sentence) == (Kind.WARN, "It takes effect at once, and cannot be undone")


def test_what_becomes_of_the_tokens_of_those_who_lose_is_told(school: School) -> None:
    for days in (20, 90):
        token(school.student, days=days)
    for existing, end, words in (
        (Existing.KEEP, None, "2 of their tokens stay valid, the last until 21 February 2027"),
        (Existing.RUN_OUT, None, "2 of their tokens run out, the last on 21 February 2027"),
        (Existing.END_ON, NOW + 40 * DAY, "2 of their tokens run out, the last on 2 January 2027"),
        (Existing.REVOKE, None, "2 of their tokens are revoked"),
    ):
        said = sentences(Plan(school.root, LOSING, existing, end), school)
        assert said[0] == "4 people lose “Generate token”"
        assert said[1] == words, existing


def test_tokens_without_an_end_are_counted(school: School) -> None:
    endless_token(school.teacher)
    token(school.student)
    words = "2 of their tokens stay valid, 1 of them without an end"
    assert words in sentences(Plan(school.root, LOSING), school)


def test_what_one_may_not_revoke_is_told_apart(school: School) -> None:
    editor = person("editor")
    enroll(editor, role(Base.ADMIN, "Editor", (Permission.POLICY_EDIT, Permission.TOKENS_DELETE)))
    holder = person("holder")
    enroll(holder, role(Base.TEACHER, "Looker", (Permission.USERS_VIEW,)))
    for owner in (school.student, holder):
        token(owner)
    said = all_told(Plan(school.root, LOSING, Existing.REVOKE), school, editor)
    assert said[1].sentence == "1 token of theirs is revoked"
    assert said[2].sentence == "1 token of theirs stays valid, until 23 December 2026"
    assert said[2].more == "Their owners hold rights that you lack, so you cannot revoke them."


def test_those_who_hold_nothing_and_those_who_keep_it_are_told(school: School) -> None:
    enroll(school.student, role(Base.TA), course=school.physics)
    said = sentences(Plan(school.root, {"audience": "no_students"}), school)
    assert said[:3] == [
        "2 people lose “Generate token”",
        "They hold no token that is in use",
        "1 student keeps it by another role",
    ]


def test_who_gains_is_told(school: School) -> None:
    settings.change(school.root, LOSING, actor=None, now=NOW)
    assert sentences(Plan(school.root, {"audience": "everyone"}), school)[0] == "4 people more may generate tokens"


def test_many_new_ends_are_told_to_be_spread(school: School) -> None:
    for _each in range(201):
        token(school.student, days=100)
    said = sentences(Plan(school.root, {"student_cap_days": 60}), school)
    assert "The new ends are spread over up to 30 days, never later than the limit" in said
    said = sentences(Plan(school.root, {"student_cap_days": 60}, spread_days=0), school)
    assert not any("spread" in each for each in said)


def test_a_language_that_says_the_number_as_a_word_has_no_number_to_show(school: School) -> None:
    assert Told(Kind.PLAIN, "info", "رمز واحد", "1").parts == ("رمز واحد", "", "")
