"""Everybody gets the mails that they want, and those about security whether they want them or not."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as portal
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.mails import CHOICES, Mail
from accounts.models import User
from accounts.preferences import prefer
from tests.cast import School
from tests.pages.visits import token_of
from tokenportal.embedded import REPOSITORY
from tokens import notifications
from tokens.events import Event
from tokens.models import Notice

NOW = timezone.now()


def owe(person: User, event: Event, by: User) -> None:
    notifications.owe(event, [token_of(person)], actor=by, now=NOW)


def test_every_event_that_is_mailed_is_of_one_kind() -> None:
    sorted_ = [event for events in notifications.EVENTS.values() for event in events]
    mailed = {folder.parent.name for folder in (REPOSITORY / "templates" / "mail").glob("*/body.txt")}
    assert len(sorted_) == len(set(sorted_))
    assert {event.replace(".", "_") for event in sorted_} == mailed
    assert set(notifications.EVENTS) == set(Mail)
    assert notifications.mail_of("no.such.mail") == Mail.SECURITY


def test_what_somebody_has_switched_off_is_withheld_and_waits_no_more(school: School, mailoutbox: list[Any]) -> None:
    prefer(school.student, unwanted_mails=[Mail.ENDING], now=NOW)
    for owner in (school.student, school.teacher):
        owe(owner, Event.UNUSED_WARNING, school.admin)
    assert notifications.deliver(now=NOW) == 2
    assert [each.to for each in mailoutbox] == [[school.teacher.email]]
    withheld, sent = Notice.objects.order_by("pk")
    assert (withheld.withheld_at, withheld.sent_at) == (NOW, None)
    assert (sent.withheld_at, sent.sent_at) == (None, NOW)
    prefer(school.student, unwanted_mails=[], now=NOW)
    assert notifications.deliver(now=NOW + timedelta(days=9)) == 0  # it is not sent late either


def test_what_counts_is_what_somebody_wants_when_it_is_mailed(school: School, mailoutbox: list[Any]) -> None:
    prefer(school.student, unwanted_mails=[Mail.ENDING], now=NOW)
    owe(school.student, Event.UNUSED_WARNING, school.admin)
    prefer(school.student, unwanted_mails=[Mail.MESSAGES], now=NOW)
    notifications.deliver(now=NOW)
    assert len(mailoutbox) == 1


def test_security_comes_to_whoever_has_switched_off_all_that_can_be(school: School, mailoutbox: list[Any]) -> None:
    prefer(school.student, unwanted_mails=CHOICES, now=NOW)
    owe(school.student, Event.REVOKE, school.admin)
    notifications.deliver(now=NOW)
    [sent] = mailoutbox
    assert "/preferences/" not in sent.body


def test_a_mail_that_may_be_switched_off_says_where(school: School, mailoutbox: list[Any]) -> None:
    owe(school.student, Event.UNUSED_WARNING, school.admin)
    notifications.deliver(now=NOW)
    [sent] = mailoutbox
    assert sent.body.rstrip().endswith(f"in your preferences:\n{portal.PUBLIC_URL}/preferences/")
    assert f'<a href="{portal.PUBLIC_URL}/preferences/">' in sent.alternatives[0][0]


def test_without_an_address_nothing_is_called_sent(school: School) -> None:
    User.objects.filter(pk=school.student.pk).update(email="")
    owe(school.student, Event.REVOKE, school.admin)
    notifications.deliver(now=NOW)
    assert (Notice.objects.get().sent_at, Notice.objects.get().withheld_at) == (None, NOW)


@pytest.mark.parametrize("kinds", [["security"], ["gossip"], ["ending", "security"]])
def test_the_database_keeps_no_other_choice(school: School, kinds: list[str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=school.student.pk).update(unwanted_mails=kinds)
