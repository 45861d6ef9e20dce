"""Acts on many tokens: made once, done once, by who may."""

from datetime import timedelta

import pytest

from accounts.audit import AuditEvent
from accounts.models import User
from accounts.roles import Base, Permission
from policies.refusals import Refused
from tests.cast import NOW, School, enroll, person, role, token
from tokens import bulk
from tokens.bulk import Wish
from tokens.models import AccessToken, BulkAct, BulkItem, BulkKind, ItemOutcome, Notice, State
from tokens.reasons import Reason

LEAK = Reason("Found in a forum", "leaked", is_confidential=True)
ALL = AccessToken.objects.all()


def made(kind: BulkKind, actor: User | None, **wish: object) -> BulkAct:
    return bulk.make(Wish(kind, LEAK, **wish), ALL, actor=actor, now=NOW)  # type: ignore[arg-type]  # a test's


def carried_out(act: BulkAct, batch: int = 2) -> list[int]:
    batches = list(bulk.carry_out(act.pk, clock=lambda: NOW, batch=batch))
    act.refresh_from_db()
    return batches


def outcomes(act: BulkAct) -> dict[int, tuple[str, str]]:
    return {item.token_id: (item.outcome, item.why) for item in BulkItem.objects.filter(act=act)}


def test_an_act_ends_the_tokens_it_was_made_for_with_their_lines_and_one_word_to_each_owner(school: School) -> None:
    mine = [token(school.student).token for _ in range(3)]
    other = token(school.teacher).token
    act = made(BulkKind.REVOKE, school.admin)
    late = token(school.student).token
    assert sorted(carried_out(act, batch=1)) == [1, 3]  # an owner is never cut in two
    assert (act.size, act.done, act.left, act.finished_at) == (4, 4, 0, NOW)
    assert set(AccessToken.objects.filter(state=State.REVOKED, revoked_code="leaked")) == {*mine, other}
    late.refresh_from_db()
    assert late.state == State.ACTIVE
    assert AuditEvent.objects.filter(action="token.revoke", actor=school.admin).count() == 4
    told = Notice.objects.filter(event="token.revoke")
    assert sorted(len(notice.facts["tokens"]) for notice in told) == [1, 3]
    assert {notice.facts["reason"] for notice in told} == {""}  # confidential


def test_owners_are_written_to_once_with_their_tokens_and_who_has_no_address_is_left(school: School) -> None:
    for owner in (school.student, school.student, school.teacher):
        token(owner)
    silent = person("silent", email="")
    enroll(silent, role(Base.STUDENT), course=school.history)
    token(silent)
    act = made(BulkKind.MAIL, school.admin, subject="Canvas\nmoves", words="Please move\r\nby Friday.")
    assert (sum(carried_out(act)), carried_out(act)) == (4, [])
    assert (act.done, act.left) == (3, 1)
    told = {notice.person_id: notice.facts for notice in Notice.objects.filter(event="bulk.mail")}
    assert {pk: len(facts["tokens"]) for pk, facts in told.items()} == {school.student.pk: 2, school.teacher.pk: 1}
    assert told[school.student.pk]["subject"] == "Canvas moves"
    assert told[school.student.pk]["words"] == "Please move\nby Friday."
    assert ("left", "mail") in outcomes(act).values()
    assert AuditEvent.objects.filter(action="bulk.mail", actor=school.admin).count() == 2
    assert set(AccessToken.objects.values_list("state", flat=True)) == {State.ACTIVE}


@pytest.mark.parametrize(
    ("subject", "words", "code"),
    [
        ("", "Text", "message_missing"),
        ("Subject", " \n", "message_missing"),
        ("x" * 101, "Text", "message_too_long"),
        ("Subject", "x" * 2001, "message_too_long"),
        ("Subject", "a\u202eb", "message_unreadable"),
        ("Subject", "tpat_AbCdEfGh12345678_" + "x" * 49, "message_has_token"),
    ],
)
def test_what_cannot_be_written_is_refused(school: School, subject: str, words: str, code: str) -> None:
    token(school.student)
    with pytest.raises(Refused) as refused:
        made(BulkKind.MAIL, school.admin, subject=subject, words=words)
    assert refused.value.code == code
    assert not BulkAct.objects.exists()


def test_an_act_that_is_carried_out_twice_is_done_once(school: School) -> None:
    token(school.student)
    act = made(BulkKind.SUSPEND, school.admin)
    assert (carried_out(act), carried_out(act)) == ([1], [])
    assert AuditEvent.objects.filter(action="token.suspend").count() == 1


def test_a_form_that_is_sent_twice_makes_one_act(school: School) -> None:
    token(school.student)
    first, second = (made(BulkKind.REVOKE, school.admin, key="k") for _ in range(2))
    assert first == second
    assert made(BulkKind.REVOKE, school.arts_admin, key="k") != first
    assert AuditEvent.objects.filter(action="bulk.make").count() == 2


def test_tokens_of_who_holds_more_rights_and_those_of_another_state_are_left_and_it_is_said_why(
    school: School,
) -> None:
    revoker = person("revoker")
    enroll(revoker, role(Base.ADMIN, "Revoker", (Permission.TOKENS_VIEW, Permission.TOKENS_DELETE)))
    students, admins, ended = (token(owner).token for owner in (school.student, school.arts_admin, school.teacher))
    act = made(BulkKind.REVOKE, revoker)
    AccessToken.objects.filter(pk=ended.pk).update(state=State.REVOKED, revoked_at=NOW)
    carried_out(act)
    assert outcomes(act) == {
        students.pk: (ItemOutcome.DONE, ""),
        admins.pk: (ItemOutcome.LEFT, "rights"),
        ended.pk: (ItemOutcome.LEFT, "state"),
    }
    assert (act.done, act.left) == (1, 2)


def test_rights_are_asked_again_when_the_act_is_carried_out(school: School) -> None:
    kept = token(school.student).token
    act = made(BulkKind.REVOKE, school.admin)
    User.objects.filter(pk=school.admin.pk).update(is_active=False)
    carried_out(act)
    kept.refresh_from_db()
    assert (kept.state, outcomes(act)[kept.pk]) == (State.ACTIVE, (ItemOutcome.LEFT, "rights"))


def test_what_is_done_when_an_act_is_stopped_stays_done(school: School) -> None:
    for owner in (school.student, school.teacher):
        token(owner)
    act = made(BulkKind.REVOKE, school.admin)
    assert next(bulk.carry_out(act.pk, clock=lambda: NOW, batch=1)) == 1
    bulk.stop(act, actor=school.admin, now=NOW)
    assert carried_out(act) == []
    assert (act.done, act.stopped_at) == (1, NOW)
    assert AccessToken.objects.filter(state=State.ACTIVE).count() == 1
    assert AuditEvent.objects.get(action="bulk.stop").after == {"count": 1}


def test_suspended_tokens_are_resumed_and_long_ones_shortened(school: School) -> None:
    long, short = token(school.teacher, days=90).token, token(school.teacher, days=5).token
    carried_out(made(BulkKind.SUSPEND, school.admin))
    carried_out(made(BulkKind.RESUME, school.admin))
    act = made(BulkKind.SHORTEN, school.admin, ends_at=NOW + timedelta(days=10))
    carried_out(act)
    for each in (long, short):
        each.refresh_from_db()
    assert (long.state, long.expires_at) == (State.ACTIVE, NOW + timedelta(days=10))
    assert (short.state, short.expires_at) == (State.ACTIVE, NOW + timedelta(days=5))
    assert (act.done, act.left) == (1, 1)
