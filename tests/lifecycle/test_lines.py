"""What each verb leaves behind, in full: its line in the trail, and the word to the owner."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.audit import AuditEvent, moment
from accounts.models import User
from tests.cast import NOW, School, token
from tokens import lifecycle, notifications
from tokens.lifecycle import Change
from tokens.models import AccessToken, Notice, State
from tokens.reasons import Reason

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
THEN = NOW + DAY
END = NOW + 30 * DAY
WHY = Reason("Found in a forum", "leaked")
SECRETLY = Reason("Under inquiry", "misuse_suspected", is_confidential=True)
SELF = "url:GET|/api/v1/users/:id"


def line_of(event: str, made: AccessToken) -> dict[str, Any]:
    line = AuditEvent.objects.get(action=event, subject_id=made.pk)
    assert line.account is None
    return {name: getattr(line, name) for name in ("at", "actor", "person", "before", "after", "reason")}


def line(
    actor: User | None,
    before: dict[str, Any],
    after: dict[str, Any],
    *,
    person: User,
    reason: str = "",
    at: datetime = THEN,
) -> dict[str, Any]:
    return {"at": at, "actor": actor, "person": person, "before": before, "after": after, "reason": reason}


def word_of(event: str, owner: User) -> tuple[datetime, dict[str, Any]]:
    notice = Notice.objects.get(event=event, person=owner)
    return notice.created_at, notice.facts


def word(made: AccessToken, by: str = "Admin", **more: Any) -> tuple[datetime, dict[str, Any]]:
    end = made.expires_at.isoformat() if made.expires_at else None
    return THEN, {"by": by, "tokens": [{"id": made.pk, "purpose": made.purpose, "expires_at": end}], **more}


def told(reason: Reason) -> dict[str, Any]:
    return {"reason": reason.text, "reason_code": reason.code, "is_confidential": False}


UNTOLD = {"reason": "", "reason_code": "", "is_confidential": True}
NOTHING_TOLD = {"reason": "", "reason_code": "", "is_confidential": False}


def test_making_one_for_somebody(school: School) -> None:
    made = lifecycle.issue(
        school.student, purpose=" Sync ", expires_at=END, scopes=[SELF], actor=school.admin, now=THEN
    ).token
    made.refresh_from_db()
    assert (made.user, made.creator, made.state, made.purpose) == (school.student, school.admin, "pending", "Sync")
    assert (made.expires_at, made.scopes) == (END, [SELF])
    assert (made.created_at, made.updated_at, made.secret_made_at) == (THEN, THEN, THEN)
    facts = {"purpose": "Sync", "state": "pending", "expires_at": moment(END), "scopes": [SELF]}
    assert line_of("token.issue", made) == line(
        school.admin, {}, {**facts, "lookup_id": made.lookup_id}, person=school.student
    )
    assert word_of("token.issue", school.student) == word(made)


def test_making_ones_own(school: School) -> None:
    made = lifecycle.issue(school.student, purpose="Sync", expires_at=END, actor=school.student, now=THEN).token
    made.refresh_from_db()
    assert (made.creator, made.state, made.scopes) == (None, "active", [])
    assert line_of("token.issue", made)["actor"] == school.student
    assert not Notice.objects.exists()


def test_making_the_like_of_what_somebody_had(school: School) -> None:
    made = lifecycle.issue(
        school.student, purpose="Sync", expires_at=END, actor=school.admin, now=THEN, formerly="Teacher"
    ).token
    assert line_of("token.issue", made)["reason"] == "Formerly of Teacher."
    assert word_of("token.issue", school.student) == word(made, formerly="Teacher")


def test_changing_one(school: School) -> None:
    made = token(school.student).token
    wanted = Change(purpose="New", expires_at=NOW + 40 * DAY, scopes=[SELF])
    changed = lifecycle.update(made, wanted, actor=school.student, now=THEN)
    changed.refresh_from_db()
    assert (changed.purpose, changed.expires_at, changed.scopes) == ("New", NOW + 40 * DAY, [SELF])
    assert (changed.updated_at, changed.created_at, changed.lookup_id) == (THEN, NOW, made.lookup_id)
    before: dict[str, Any] = {"purpose": "Grade dashboard", "expires_at": moment(END), "scopes": []}
    after = {"purpose": "New", "expires_at": moment(NOW + 40 * DAY), "scopes": [SELF]}
    assert line_of("token.update", made) == line(school.student, before, after, person=school.student)


def test_changing_one_of_somebody_tells_them(school: School) -> None:
    made = token(school.student).token
    changed = lifecycle.update(made, Change(purpose="New"), actor=school.admin, now=THEN)
    assert word_of("token.update", school.student) == word(changed, is_changed=True)
    subject, body = notifications.written(school.student, "token.update", Notice.objects.get().facts)
    assert subject.endswith("changed an access token of yours")
    assert "  - New (ends" in body
    assert "an earlier end" not in body


def test_changing_nothing_tells_nobody(school: School) -> None:
    lifecycle.update(token(school.student).token, Change(), actor=school.admin, now=THEN)
    assert not Notice.objects.exists()


def test_regenerating_one_for_somebody(school: School) -> None:
    old = token(school.student).token
    new = lifecycle.regenerate(old, actor=school.admin, now=THEN).token
    new.refresh_from_db()
    assert (new.updated_at, new.secret_made_at, new.created_at, new.expires_at) == (THEN, THEN, NOW, END)
    before, after = {"state": "active", "lookup_id": old.lookup_id}, {"state": "pending", "lookup_id": new.lookup_id}
    assert line_of("token.regenerate", new) == line(school.admin, before, after, person=school.student)
    assert word_of("token.regenerate", school.student) == word(new)


def test_regenerating_ones_own_with_an_overlap(school: School) -> None:
    old = token(school.student).token
    new = lifecycle.regenerate(old, actor=school.student, now=THEN, overlap=HOUR).token
    before = {"lookup_id": old.lookup_id}
    after = {"lookup_id": new.lookup_id, "overlap_until": moment(THEN + HOUR)}
    assert line_of("token.regenerate", new) == line(school.student, before, after, person=school.student)
    assert not Notice.objects.exists()


def test_regenerating_one_that_is_over_notes_its_end_first(school: School) -> None:
    old = token(school.student, days=1).token
    new = lifecycle.regenerate(old, Change(expires_at=END), actor=school.student, now=THEN).token
    assert line_of("token.expire", old) == line(None, {"state": "active"}, {"state": "expired"}, person=school.student)
    assert line_of("token.regenerate", new)["before"] == {
        "state": "expired",
        "expires_at": moment(THEN),
        "lookup_id": old.lookup_id,
    }


def test_regenerating_one_that_was_noted_as_over_notes_nothing_twice(school: School) -> None:
    old = token(school.student, days=1).token
    lifecycle.expire_many(now=THEN, most=1)
    lifecycle.regenerate(old, Change(expires_at=END), actor=school.student, now=THEN)
    assert AuditEvent.objects.filter(action="token.expire").count() == 1


def test_ending_an_overlap(school: School) -> None:
    made = token(school.student)
    lifecycle.regenerate(made.token, actor=school.student, now=NOW, overlap=2 * DAY)
    for_whom = lifecycle.end_overlap(made.token, actor=school.admin, now=THEN, reason=WHY)
    expected = line(school.admin, {}, {"reason_code": "leaked"}, person=school.student, reason=WHY.text)
    assert line_of("token.end_overlap", for_whom) == expected
    assert word_of("token.end_overlap", school.student) == word(for_whom, **told(WHY))
    assert lifecycle.overlap_ends_at(for_whom, now=THEN) is None


def test_taking_one(school: School) -> None:
    made = token(school.student, actor=school.admin)
    Notice.objects.all().delete()
    taken = lifecycle.activate(made.token, actor=school.student, now=THEN)
    taken.token.refresh_from_db()
    assert (taken.secret, taken.token.state, taken.token.updated_at) == ("", "active", THEN)
    expected = line(school.student, {"state": "pending"}, {"state": "active"}, person=school.student)
    assert line_of("token.activate", made.token) == expected
    assert not Notice.objects.exists()


@pytest.mark.parametrize("reason", [WHY, SECRETLY])
def test_stopping_one(school: School, reason: Reason) -> None:
    made = lifecycle.suspend(token(school.student).token, actor=school.admin, now=THEN, reason=reason)
    made.refresh_from_db()
    assert (made.state, made.updated_at) == ("suspended", THEN)
    after = {"state": "suspended", **reason.facts}
    expected = line(school.admin, {"state": "active"}, after, person=school.student, reason=reason.text)
    assert line_of("token.suspend", made) == expected
    assert word_of("token.suspend", school.student) == word(made, **(told(WHY) if reason is WHY else UNTOLD))


def test_letting_one_work_again(school: School) -> None:
    made = lifecycle.suspend(token(school.student).token, actor=school.student, now=NOW)
    lifecycle.resume(made, actor=school.admin, now=THEN, reason=WHY)
    made.refresh_from_db()
    assert (made.state, made.updated_at, made.expires_at) == ("active", THEN, END)
    after = {"state": "active", "reason_code": "leaked"}
    expected = line(school.admin, {"state": "suspended"}, after, person=school.student, reason=WHY.text)
    assert line_of("token.resume", made) == expected
    assert word_of("token.resume", school.student) == word(made, **told(WHY))


@pytest.mark.parametrize("reason", [WHY, SECRETLY])
def test_ending_one(school: School, reason: Reason) -> None:
    made = token(school.student).token
    ended = lifecycle.revoke(made, actor=school.admin, now=THEN, reason=reason)
    assert (ended.state, ended.updated_at, ended.revoked_at, ended.revoked_by) == (
        State.REVOKED,
        THEN,
        THEN,
        school.admin,
    )
    kept = ended.revoked_reason, ended.revoked_code, ended.revoked_is_confidential
    assert kept == (reason.text, reason.code, reason.is_confidential)
    after = {"state": "revoked", **reason.facts}
    expected = line(school.admin, {"state": "active"}, after, person=school.student, reason=reason.text)
    assert line_of("token.revoke", made) == expected
    assert word_of("token.revoke", school.student) == word(made, **(told(WHY) if reason is WHY else UNTOLD))


def test_ending_one_without_saying_why_and_by_nobody(school: School) -> None:
    made = token(school.student).token
    ended = lifecycle.revoke(made, actor=None, now=THEN)
    assert (ended.revoked_by, ended.revoked_reason, ended.revoked_code, ended.revoked_is_confidential) == (
        None,
        "",
        "",
        False,
    )
    expected = line(None, {"state": "active"}, {"state": "revoked"}, person=school.student)
    assert line_of("token.revoke", made) == expected
    assert word_of("token.revoke", school.student) == word(made, "", **NOTHING_TOLD)


def test_stopping_many_and_letting_them_work_again(school: School) -> None:
    mine, theirs = token(school.student).token, token(school.teacher).token
    waits = token(school.student, actor=school.admin).token
    ids = [theirs.pk, mine.pk, waits.pk]
    assert lifecycle.suspend_many(ids, actor=school.admin, now=THEN, reason=WHY) == [mine.pk, theirs.pk]
    assert lifecycle.suspend_many(ids, actor=school.admin, now=THEN, reason=WHY) == []
    for made in (mine, theirs):
        after = {"state": "suspended", "reason_code": "leaked"}
        expected = line(school.admin, {"state": "active"}, after, person=made.user, reason=WHY.text)
        assert line_of("token.suspend", made) == expected
        assert word_of("token.suspend", made.user) == word(made, **told(WHY))
    assert lifecycle.resume_many(ids, actor=school.admin, now=THEN, reason=WHY) == [mine.pk, theirs.pk]
    for made in (mine, theirs):
        made.refresh_from_db()
        assert (made.state, made.updated_at, made.revoked_at) == ("active", THEN, None)
        after = {"state": "active", "reason_code": "leaked"}
        expected = line(school.admin, {"state": "suspended"}, after, person=made.user, reason=WHY.text)
        assert line_of("token.resume", made) == expected
        assert word_of("token.resume", made.user) == word(made, **told(WHY))


def test_nothing_that_is_over_by_the_clock_is_stopped_and_all_of_it_can_be_ended(school: School) -> None:
    made = token(school.student, days=1).token
    assert lifecycle.suspend_many([made.pk], actor=None, now=THEN) == []
    assert lifecycle.revoke_many([made.pk], actor=None, now=THEN) == [made.pk]


def test_those_of_whoever_is_switched_off_stay_stopped(school: School) -> None:
    mine, theirs = token(school.student).token, token(school.teacher).token
    lifecycle.suspend_many([mine.pk, theirs.pk], actor=None, now=NOW)
    User.objects.filter(pk=school.student.pk).update(is_active=False)
    assert lifecycle.resume_many([mine.pk, theirs.pk], actor=None, now=THEN) == [theirs.pk]


def test_ending_all_of_a_person(school: School) -> None:
    made = token(school.student).token
    assert lifecycle.revoke_all(school.student, actor=school.admin, now=THEN, reason=WHY) == 1
    after = {"state": "revoked", "reason_code": "leaked"}
    expected = line(school.admin, {"state": "active"}, after, person=school.student, reason=WHY.text)
    assert line_of("token.revoke", made) == expected
    assert word_of("token.revoke", school.student) == word(made, **told(WHY))


def test_shortening_many(school: School) -> None:
    long, endless = token(school.student).token, token(school.teacher, days=None).token
    early, ended = token(school.student, days=2).token, token(school.teacher).token
    lifecycle.revoke(ended, actor=school.teacher, now=NOW)
    ids, end = [each.pk for each in (endless, early, long, ended)], NOW + 2 * DAY
    found = lifecycle.shorten_many(ids, end, actor=school.admin, now=THEN, reason=WHY)
    assert found == [long.pk, endless.pk]
    for made, before in ((long, "2026-12-23T12:00:00Z"), (endless, None)):
        made.refresh_from_db()
        assert (made.expires_at, made.updated_at) == (end, THEN)
        after = {"expires_at": moment(end), "reason_code": "leaked"}
        expected = line(school.admin, {"expires_at": before}, after, person=made.user, reason=WHY.text)
        assert line_of("token.update", made) == expected
        assert word_of("token.update", made.user) == word(made, **told(WHY))


def test_nothing_is_shortened_that_ends_by_then_or_is_over(school: School) -> None:
    made, over = token(school.student, days=2).token, token(school.student, days=1).token
    AccessToken.objects.filter(pk=over.pk).update(expires_at=THEN)
    end = NOW + 2 * DAY
    assert lifecycle.shorten_many([made.pk], end, actor=school.admin, now=THEN, reason=WHY) == []
    assert lifecycle.shorten_many([over.pk], NOW, actor=school.admin, now=THEN, reason=WHY) == []
    assert not AuditEvent.objects.filter(action="token.update").exists()


def test_noting_what_is_over(school: School) -> None:
    made = token(school.student, days=1).token
    assert lifecycle.expire_many(now=THEN, most=10) == 1
    made.refresh_from_db()
    assert (made.state, made.updated_at) == ("expired", THEN)
    assert line_of("token.expire", made) == line(None, {"state": "active"}, {"state": "expired"}, person=school.student)


def test_rehearsing_makes_nothing_and_refuses_as_making_does(school: School) -> None:
    drawn = lifecycle.rehearse(school.student, purpose="Sync", expires_at=END, scopes=[SELF], now=THEN)
    assert (drawn.user, drawn.creator, drawn.state, drawn.purpose) == (school.student, None, "active", "Sync")
    assert (drawn.expires_at, drawn.scopes, drawn.created_at, drawn.lookup_id) == (END, [SELF], THEN, "")
    assert not AccessToken.objects.exists()
    assert not AuditEvent.objects.exists()
