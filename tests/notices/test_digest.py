"""The overview for administrators: what ends, waits or went wrong in their accounts, once a day or a week, or never."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, transaction

from accounts.audit import AuditEvent
from accounts.models import User
from accounts.preferences import prefer
from tests.cast import NOW, School, token
from tests.pages.test_flags import flag_of
from tests.pages.visits import client_of, text_of
from tokens import digest, notifications, tasks
from tokens.events import DigestEvent
from tokens.models import Digest, Notice

DAY = timedelta(days=1)  # NOW is a Monday, at noon


def owe(after: float = 0) -> int:
    """Run the job so many days after NOW; return how many get an overview."""
    return sum(digest.owe_in_batches(now=NOW + after * DAY))


def told(person: User) -> list[dict[str, Any]]:
    notices = Notice.objects.filter(person=person, event="digest.send").order_by("pk")
    return list(notices.values_list("facts", flat=True))


def test_each_administrator_is_told_of_their_accounts(school: School) -> None:
    token(school.student, days=10)
    assert owe() == 2
    [of_root], [of_arts] = told(school.admin), told(school.arts_admin)
    for facts, account in ((of_root, school.root), (of_arts, school.arts)):
        assert facts["accounts"] == [{"id": account.pk, "name": account.name, "ending": 1, "idle": 0, "flags": 0}]
    assert told(school.science_admin) == told(school.teacher) == told(school.student) == []


def test_where_there_is_nothing_to_tell_no_mail_comes(school: School) -> None:
    token(school.student, days=100)
    assert owe() == 0
    assert not Notice.objects.exists()


def test_it_comes_once_a_week_or_once_a_day_or_not_at_all(school: School) -> None:
    token(school.student, days=14)
    prefer(school.arts_admin, digest="daily", now=NOW)
    for day in (0, 0.1, 1, 2, 6, 7, 7.1):
        owe(day)
    assert (len(told(school.admin)), len(told(school.arts_admin))) == (2, 5)
    prefer(school.admin, digest="off", now=NOW)
    owe(13)
    owe(14)
    assert len(told(school.admin)) == 2


def test_it_waits_for_the_morning_of_whoever_gets_it(school: School) -> None:
    token(school.student, days=10)
    prefer(school.admin, time_zone="Pacific/Honolulu", now=NOW)
    prefer(school.arts_admin, digest="off", now=NOW)
    assert owe() == 0  # two in the night
    assert owe(0.25) == 1


def test_it_tells_of_unused_tokens_flags_and_mails_that_were_given_up(school: School) -> None:
    token(school.teacher, days=400)
    flag_of(school.student)
    notifications.owe_each(DigestEvent.SEND, {school.student.pk: {}}, now=NOW)
    Notice.objects.update(attempts=notifications.MOST_ATTEMPTS)
    owe(35)
    [facts] = told(school.admin)
    [numbers] = facts["accounts"]
    assert (numbers["idle"], numbers["flags"] > 0, facts["given_up"]) == (1, True, 1)
    assert told(school.arts_admin)[0]["given_up"] == 0  # mails are the root's


def test_the_mail_leads_to_the_pages_with_their_filters(school: School, mailoutbox: list[Any]) -> None:
    token(school.student, days=10)
    owe()
    notifications.deliver(now=NOW)
    [to_root] = [each for each in mailoutbox if each.to == [school.admin.email]]
    page = f"{settings.PUBLIC_URL}/inventory/?ends=14&account={school.root.pk}"
    assert "1 token ends within 14 days" in to_root.body
    assert page in to_root.body
    assert f'<a href="{page.replace("&", "&amp;")}">' in to_root.alternatives[0][0]
    assert "/preferences/" in to_root.body
    assert client_of(school.admin).get(page.removeprefix(settings.PUBLIC_URL)).status_code == 200


def test_who_has_switched_it_off_meanwhile_is_left_in_peace(school: School) -> None:
    token(school.student, days=10)
    owe()
    prefer(school.admin, digest="off", now=NOW)
    notifications.deliver(now=NOW)
    assert [each.to for each in mail.outbox] == [[school.arts_admin.email]]


def test_the_job_drops_what_is_long_past(school: School) -> None:
    Digest.objects.create(person=school.admin, begins_on=NOW.date() - 400 * DAY)
    tasks.send_digests()
    assert not Digest.objects.filter(begins_on__lt=NOW.date() - 300 * DAY).exists()


def test_only_administrators_are_asked_how_often(school: School) -> None:
    assert 'name="digest"' not in text_of(client_of(school.student).get("/preferences/"))
    client = client_of(school.arts_admin)
    assert 'name="digest"' in text_of(client.get("/preferences/"))
    client.post("/preferences/mails/", {"mails": ["ending"], "digest": "daily"})
    assert User.objects.get(pk=school.arts_admin.pk).digest == "daily"
    assert "digest" in AuditEvent.objects.get(person=school.arts_admin, action="person.change").after


def test_another_word_for_how_often_is_refused(school: School) -> None:
    client_of(school.arts_admin).post("/preferences/mails/", {"mails": ["ending"], "digest": "hourly"})
    assert User.objects.get(pk=school.arts_admin.pk).digest == "weekly"
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=school.arts_admin.pk).update(digest="hourly")
