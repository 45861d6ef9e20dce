"""An earlier secret in the open stops at once; the new one beside it goes on."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.api.caller import made
from tests.cast import School
from tests.leaks.test_settling import take
from tokens import lifecycle, notifications, tasks
from tokens.events import Event
from tokens.leaks import Report
from tokens.models import Leak, Notice, State
from tokens.models.leak import FoundBy, Outcome
from tokens.verification import Outcome as Judged
from tokens.verification import verify

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("reported_first", [True, False])
@pytest.mark.parametrize("found_by", list(FoundBy))
def test_an_earlier_secret_in_the_open_stops_and_its_token_does_not(
    school: School, found_by: FoundBy, *, reported_first: bool
) -> None:
    old = made(school.student)
    report = Report(old.secret, "commit", "https://example.com/a")
    if reported_first:
        take(report, found_by=found_by)
    new = lifecycle.regenerate(old.token, overlap=HOUR, actor=school.student, now=timezone.now())
    if not reported_first:
        take(report, found_by=found_by)
    tasks.settle_leaks()
    now = timezone.now()
    assert verify(old.secret, now=now).outcome == Judged.SUPERSEDED
    assert verify(new.secret, now=now).is_live
    assert Leak.objects.get().outcome == Outcome.REPLACED
    new.token.refresh_from_db()
    assert new.token.state == State.ACTIVE
    mail = notifications.letter(Notice.objects.get(event=Event.END_OVERLAP))
    assert "The reason given: Token leaked" in mail.body


def test_a_new_secret_in_the_open_stops_both(school: School) -> None:
    old = made(school.student)
    new = lifecycle.regenerate(old.token, overlap=HOUR, actor=school.student, now=timezone.now())
    take(Report(new.secret, "commit", ""))
    tasks.settle_leaks()
    assert {verify(each.secret, now=timezone.now()).outcome for each in (old, new)} == {Judged.REVOKED}
