"""Reviews: opened over an account, told of in rounds, answered by owners, closed by a job, kept unchanged."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts import enrolling
from accounts.audit import AuditEvent
from accounts.models import Account, User
from policies.refusals import Code, Refused
from tests.cast import NOW, School, token
from tokens import lifecycle, notifications, reviews, tasks
from tokens.models import (
    AccessToken,
    Leak,
    Notice,
    Outcome,
    Review,
    ReviewItem,
    ReviewRound,
    ReviewStage,
    RoundKind,
    State,
)
from tokens.reviews import Said, telling

DAY = timedelta(days=1)
DUE, AFTER = NOW + 21 * DAY, NOW + 22 * DAY


def opened(school: School, account: Account | None = None, days: int = 21) -> Review:
    return reviews.open_review(account or school.root, name="Autumn term 2026", days=days, actor=school.admin, now=NOW)


def item_of(made: AccessToken) -> ReviewItem:
    return ReviewItem.objects.get(token=made)


def say(made: AccessToken, said: Said, now: datetime = NOW) -> list[ReviewItem]:
    return reviews.answer(made.user, {item_of(made).pk: said}, now=now)


def closed(review: Review, now: datetime = AFTER, batch: int = 2) -> list[int]:
    return list(reviews.close_in_batches(review.pk, clock=lambda: now, batch=batch))


def state_of(made: AccessToken) -> str:
    made.refresh_from_db()
    return made.state


def refused(act: Any, *args: Any, **named: Any) -> Code:
    with pytest.raises(Refused) as refusal, transaction.atomic():
        act(*args, **named)
    return refusal.value.code


def test_a_review_asks_of_every_token_in_use_below_the_account_at_its_opening(school: School) -> None:
    asked = [token(school.student).token, token(school.student).token, token(school.teacher).token]
    lifecycle.revoke(token(school.student).token, actor=school.admin, now=NOW)
    token(school.science_admin)
    User.objects.filter(pk=school.teacher.pk).update(email="")
    assert reviews.look(school.arts, now=NOW) == reviews.Look(tokens=3, people=2, without_mail=1)
    review = opened(school, school.arts)
    late = token(school.student).token
    assert (review.size, review.people, review.due_at) == (3, 2, DUE)
    assert {item.token_id for item in review.items.all()} == {made.pk for made in asked}
    assert not ReviewItem.objects.filter(token=late).exists()
    assert AuditEvent.objects.get(action="review.open").after["tokens"] == 3


@pytest.mark.parametrize(
    ("first", "second", "is_allowed"),
    [
        ("arts", "arts", False),
        ("arts", "root", False),
        ("root", "arts", False),
        ("arts", "science", True),
    ],
)
def test_no_review_is_opened_where_one_goes_on_here_above_or_below(
    school: School, first: str, second: str, is_allowed: bool
) -> None:
    opened(school, getattr(school, first))
    if is_allowed:
        assert opened(school, getattr(school, second)).pk
    else:
        assert refused(opened, school, getattr(school, second)) == Code.REVIEW_GOING


@pytest.mark.parametrize(
    ("name", "days", "code"),
    [
        ("", 21, Code.NAME_MISSING),
        ("x" * 101, 21, Code.REVIEW_NAME_TOO_LONG),
        ("Autumn", 6, Code.NUMBER_OUT_OF_RANGE),
        ("Autumn", 91, Code.NUMBER_OUT_OF_RANGE),
    ],
)
def test_a_review_has_a_name_and_lasts_7_to_90_days(school: School, name: str, days: int, code: Code) -> None:
    assert refused(reviews.open_review, school.root, name=name, days=days, actor=school.admin, now=NOW) == code


def test_what_is_answered_is_kept_or_revoked_and_silence_suspends(school: School) -> None:
    kept, gone, silent, over = (token(school.student, purpose=p).token for p in ("Kept", "Gone", "Silent", "Over"))
    pending = token(school.student, actor=school.admin).token
    review = opened(school)
    say(kept, Said(needed=True, purpose="Truly kept"))
    say(gone, Said(needed=False))
    lifecycle.revoke(over, actor=school.admin, now=NOW)
    assert closed(review, DUE - DAY) == []
    closed(review)
    found = {made.pk: item_of(made).outcome for made in (kept, gone, silent, over, pending)}
    assert found == {
        kept.pk: Outcome.KEPT,
        gone.pk: Outcome.REVOKED,
        silent.pk: Outcome.SUSPENDED,
        over.pk: Outcome.ENDED,
        pending.pk: Outcome.STOPPED,
    }
    assert [state_of(made) for made in (kept, gone, silent)] == [State.ACTIVE, State.REVOKED, State.SUSPENDED]
    assert (kept.purpose, item_of(kept).purpose, item_of(kept).new_purpose) == ("Truly kept", "Kept", "Truly kept")
    assert gone.revoked_code == "owners_wish"
    review.refresh_from_db()
    assert (review.stage, review.finished_at) == (ReviewStage.CLOSED, AFTER)
    line = AuditEvent.objects.get(action="token.suspend", subject_id=silent.pk)
    assert (line.actor, "Autumn term 2026" in line.reason) == (None, True)


def test_a_mind_is_changed_while_the_review_is_open_but_not_about_a_revoked_token(school: School) -> None:
    made = token(school.student).token
    opened(school)
    assert len(say(made, Said(needed=True))) == 1
    assert say(made, Said(needed=True)) == []  # nothing new, and no second line
    assert len(say(made, Said(needed=False))) == 1
    assert refused(say, made, Said(needed=True)) == Code.REVIEW_ANSWERED
    assert AuditEvent.objects.filter(action="review.answer").count() == 2


def test_nobody_answers_for_somebody_else(school: School) -> None:
    made = token(school.student).token
    opened(school)
    assert reviews.answer(school.teacher, {item_of(made).pk: Said(needed=False)}, now=NOW) == []
    assert state_of(made) == State.ACTIVE


def test_a_purpose_that_cannot_be_leaves_every_answer_unsaid(school: School) -> None:
    first, second = token(school.student).token, token(school.student).token
    opened(school)
    said = {item_of(first).pk: Said(needed=False), item_of(second).pk: Said(needed=True, purpose=" ")}
    assert refused(reviews.answer, school.student, said, now=NOW) == Code.PURPOSE_BLANK
    assert (state_of(first), item_of(first).answer) == (State.ACTIVE, "")


def test_a_late_answer_resumes_what_the_review_suspended(school: School) -> None:
    made = token(school.student).token
    closed(opened(school))
    say(made, Said(needed=True), AFTER + DAY)
    assert (state_of(made), item_of(made).outcome) == (State.ACTIVE, Outcome.RESUMED)
    assert AuditEvent.objects.filter(action="token.resume", actor=school.student).count() == 1


def _suspended_again(school: School, made: AccessToken) -> None:
    lifecycle.resume(made, actor=school.admin, now=AFTER)
    lifecycle.suspend(made, actor=school.admin, now=AFTER)


def _leaked(_school: School, made: AccessToken) -> None:
    Leak.objects.create(token=made, lookup_id=made.lookup_id, is_right=True, found_by="anybody", reported_at=AFTER)


def _switched_off_and_on(school: School, made: AccessToken) -> None:
    for is_active in (False, True):
        enrolling.set_active(made.user, is_active, actor=school.admin, now=AFTER + DAY)


@pytest.mark.parametrize("since", [_suspended_again, _leaked, _switched_off_and_on])
def test_an_owner_resumes_nothing_that_rests_for_another_reason_too(school: School, since: Any) -> None:
    made = token(school.student).token
    closed(opened(school))
    since(school, made)
    assert refused(say, made, Said(needed=True), AFTER + DAY) == Code.REVIEW_ANSWERED
    assert state_of(made) == State.SUSPENDED


def test_what_an_administrator_suspended_before_the_end_is_not_resumed_by_its_owner(school: School) -> None:
    made = token(school.student).token
    review = opened(school)
    lifecycle.suspend(made, actor=school.admin, now=NOW)
    closed(review)
    assert item_of(made).outcome == Outcome.STOPPED
    assert refused(say, made, Said(needed=True), AFTER) == Code.REVIEW_ANSWERED


def test_a_closing_that_dies_goes_on_where_it_was_and_does_nothing_twice(school: School) -> None:
    for owner in (school.student, school.other_student, school.teacher):
        token(owner), token(owner)
    review = opened(school)
    assert next(reviews.close_in_batches(review.pk, clock=lambda: AFTER, batch=1)) == 2  # an owner is never cut in two
    assert reviews.due(now=AFTER) == [review.pk]
    assert closed(review, batch=1) == [2, 2]
    assert closed(review) == []
    assert AuditEvent.objects.filter(action="token.suspend").count() == 6
    assert AuditEvent.objects.filter(action="review.close").count() == 1
    assert sorted(len(word.facts["tokens"]) for word in Notice.objects.filter(event="token.suspend")) == [2, 2, 2]
    assert reviews.due(now=AFTER) == []


def test_closing_early_suspends_at_once_and_cancelling_nothing(school: School) -> None:
    early, left = token(school.student).token, token(school.science_admin).token
    first, second = opened(school, school.arts), opened(school, school.science)
    reviews.close_early(first, actor=school.admin, now=NOW)
    reviews.cancel(second, actor=school.admin, now=NOW)
    closed(first, NOW)
    closed(second)
    assert (state_of(early), state_of(left)) == (State.SUSPENDED, State.ACTIVE)
    assert refused(say, left, Said(needed=True)) == Code.REVIEW_ANSWERED
    assert refused(reviews.cancel, first, actor=school.admin, now=NOW) == Code.REVIEW_NOT_OPEN
    assert opened(school).stage == ReviewStage.OPEN


def tell(now: datetime) -> int:
    reviews.start_rounds(now=now)
    return sum(sum(reviews.tell_in_batches(pk, now=now)) for pk in reviews.unfinished())


def test_owners_are_told_at_the_opening_a_week_and_a_day_before_while_they_have_not_answered(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "BATCH", 1)
    made = token(school.student).token
    token(school.teacher)
    opened(school)
    assert [tell(NOW), tell(NOW), tell(DUE - 8 * DAY)] == [2, 0, 0]
    say(made, Said(needed=True))
    assert [tell(DUE - 7 * DAY), tell(DUE - 6 * DAY), tell(DUE - DAY), tell(DUE)] == [1, 0, 1, 0]
    told = Notice.objects.filter(event__startswith="review.").order_by("pk").values_list("event", "person__login_id")
    assert list(told)[2:] == [("review.remind", "teacher")] * 2
    assert {kind for (kind,) in ReviewRound.objects.values_list("kind")} == {
        RoundKind.OPENING,
        RoundKind.WEEK,
        RoundKind.DAY,
    }


def test_the_word_names_the_tokens_the_day_and_the_way_back(school: School) -> None:
    token(school.student, purpose="Grade dashboard")
    opened(school)
    tell(NOW)
    notifications.deliver(now=NOW)
    [sent] = [each for each in mail.outbox if each.to == ["student@school.example"]]
    assert "14 December 2026" in sent.subject
    for words in ("Autumn term 2026", "Grade dashboard", "works again as soon as you answer", "/tokens/"):
        assert words in sent.body


def test_a_review_of_7_days_has_no_word_a_week_before_on_top_of_the_opening(school: School) -> None:
    token(school.student)
    opened(school, days=7)
    assert [tell(NOW), tell(NOW + DAY), tell(NOW + 6 * DAY)] == [1, 0, 1]


def test_owners_are_reminded_by_hand_at_most_once_a_day(school: School) -> None:
    token(school.student)
    review = opened(school)
    assert refused(reviews.remind, review, actor=school.admin, now=NOW + DAY / 2) == Code.REMINDED_TODAY
    reviews.remind(review, actor=school.admin, now=NOW + DAY)
    assert refused(reviews.remind, review, actor=school.admin, now=NOW + DAY) == Code.REMINDED_TODAY
    assert tell(NOW + DAY) == 2  # the opening's, which had not gone out, and this one
    assert AuditEvent.objects.filter(action="review.remind").count() == 1


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE tokens_review SET name = 'Another'",
        "DELETE FROM tokens_review",
        "UPDATE tokens_reviewitem SET answer = 'needed', answered_at = now()",
        "UPDATE tokens_reviewitem SET outcome = 'kept'",
        "UPDATE tokens_reviewitem SET purpose = 'Another'",
        "DELETE FROM tokens_reviewitem",
    ],
)
def test_the_report_of_a_closed_review_is_never_changed_whoever_writes(school: School, sql: str) -> None:
    token(school.student)
    closed(opened(school))
    with pytest.raises(DatabaseError, match="review"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_what_was_closed_is_neither_closed_again_nor_reminded_of(school: School) -> None:
    token(school.student)
    review = opened(school)
    reviews.close_early(review, actor=school.admin, now=NOW)
    assert refused(reviews.close_early, review, actor=school.admin, now=NOW) == Code.REVIEW_NOT_OPEN
    assert refused(reviews.remind, review, actor=school.admin, now=NOW + DAY) == Code.REVIEW_NOT_OPEN
    assert AuditEvent.objects.filter(action="review.close").count() == 1
    assert not AuditEvent.objects.filter(action="review.remind").exists()


def test_a_round_that_has_come_to_everybody_tells_nobody_again(school: School) -> None:
    token(school.student)
    review = opened(school)
    [turn] = reviews.unfinished()
    assert tell(NOW) == 1
    ReviewItem.objects.filter(review=review).update(answer="")
    assert list(reviews.tell_in_batches(turn, now=NOW)) == []
    assert Notice.objects.filter(event="review.open").count() == 1


def test_nobody_keeps_a_token_that_has_ended_meanwhile(school: School) -> None:
    made = token(school.student).token
    opened(school)
    lifecycle.revoke(made, actor=school.admin, now=NOW)
    assert refused(say, made, Said(needed=True)) == Code.TOKEN_ENDED
    assert item_of(made).answer == ""


def test_a_late_no_revokes_what_was_suspended_and_leaves_the_report_as_it_was(school: School) -> None:
    made = token(school.student).token
    closed(opened(school))
    say(made, Said(needed=False), AFTER + DAY)
    assert (state_of(made), made.revoked_code) == (State.REVOKED, "owners_wish")
    assert (item_of(made).outcome, item_of(made).answer) == (Outcome.SUSPENDED, "")
    assert AuditEvent.objects.get(action="review.answer").after["answer"] == "not_needed"


def test_what_the_review_suspended_and_somebody_revoked_since_is_not_answered(school: School) -> None:
    made = token(school.student).token
    closed(opened(school))
    lifecycle.revoke(made, actor=school.admin, now=AFTER)
    assert refused(say, made, Said(needed=True), AFTER + DAY) == Code.REVIEW_ANSWERED
    assert state_of(made) == State.REVOKED


def test_the_job_tells_owners_and_then_suspends_what_nobody_answered_in_time(school: School) -> None:
    made = token(school.student, days=90, now=timezone.now()).token
    review = reviews.open_review(school.root, name="Autumn", days=21, actor=school.admin, now=timezone.now())
    assert tasks.tend_reviews() == 0
    assert Notice.objects.filter(event="review.open", person=school.student).count() == 1
    reviews.close_early(review, actor=school.admin, now=timezone.now())
    assert tasks.tend_reviews() == 1
    assert state_of(made) == State.SUSPENDED
    assert tasks.tend_reviews() == 0
