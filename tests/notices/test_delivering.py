"""Notices go to a real mail server: over one connection, in text and HTML, again where it was away or refused them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend
from django.utils import timezone

from accounts.models import User
from tests.cast import School
from tests.notices.mailbox import TAKEN, Mailbox
from tests.pages.visits import token_of
from tests.portal import free_port
from tokens import notifications
from tokens.events import Event
from tokens.models import Notice

NOW = timezone.now()


@pytest.fixture
def port(settings: Any) -> int:
    """Where the mail server of the school would be."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", free_port(), 10
    return int(settings.EMAIL_PORT)


@pytest.fixture
def mailbox(port: int) -> Iterator[Mailbox]:
    with Mailbox(port).open() as opened:
        yield opened


def owe(person: User, by: User, purpose: str = "Grades") -> None:
    notifications.owe(Event.REVOKE, [token_of(person, purpose=purpose)], actor=by, now=NOW, reason="it leaked")


def test_many_mails_need_one_connection(school: School, mailbox: Mailbox) -> None:
    for _ in range(5):
        owe(school.student, school.admin)
    assert notifications.deliver(now=NOW) == 5
    assert (len(mailbox.mails), len(mailbox.connections)) == (5, 1)
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 5
    assert notifications.deliver(now=NOW + timedelta(days=1)) == 0


def test_a_mail_says_the_same_in_text_and_in_html_and_links_only_to_the_portal(
    school: School, mailbox: Mailbox
) -> None:
    owe(school.student, school.admin, purpose="Tom's <script> at https://elsewhere.example/x")
    notifications.deliver(now=NOW)
    [mail] = mailbox.mails
    text, html = (str(part.get_payload(decode=True), "utf-8") for part in mail.walk() if not part.is_multipart())  # type: ignore[arg-type]
    assert "Tom's <script> at https://elsewhere.example/x" in text
    assert "<script>" not in html
    assert html.count("href=") == 1
    assert f'<a href="{settings.PUBLIC_URL}/tokens/">' in html
    assert '<html lang="en" dir="ltr">' in html
    assert "src=" not in html
    assert mail["Auto-Submitted"] == "auto-generated"


def test_what_the_server_refuses_is_tried_again_later_and_holds_nothing_up(school: School, mailbox: Mailbox) -> None:
    owe(school.student, school.admin)
    owe(school.other_student, school.admin)
    answers = ["550 No such person", TAKEN, TAKEN]
    mailbox.answer = lambda: answers.pop(0)
    assert notifications.deliver(now=NOW) == 1
    refused = Notice.objects.get(sent_at=None)
    assert (refused.attempts, refused.due_at) == (1, NOW + timedelta(minutes=1))
    assert "No such person" in refused.last_error
    assert notifications.deliver(now=NOW + timedelta(seconds=59)) == 0
    assert notifications.deliver(now=NOW + timedelta(seconds=61)) == 1
    assert [mail["To"] for mail in mailbox.mails] == [school.other_student.email, school.student.email]
    assert not Notice.objects.exclude(last_error="").exists()


def test_what_is_never_taken_is_tried_for_four_days_and_no_longer(school: School, mailbox: Mailbox) -> None:
    owe(school.student, school.admin)
    mailbox.answer = lambda: "451 Not now"
    tried, clock = [], NOW
    while (notice := Notice.objects.get()).attempts < notifications.MOST_ATTEMPTS:
        clock = notice.due_at or clock
        tried.append(clock)
        notifications.deliver(now=clock)
    assert timedelta(days=3) < tried[-1] - NOW < timedelta(days=5)
    mailbox.answer = lambda: TAKEN
    assert notifications.deliver(now=clock + timedelta(days=9)) == 0


def test_a_server_that_is_away_costs_no_attempt(school: School, port: int) -> None:
    owe(school.student, school.admin)
    assert notifications.deliver(now=NOW) == 0
    assert Notice.objects.get().attempts == 0
    with Mailbox(port).open() as mailbox:
        assert notifications.deliver(now=NOW + timedelta(minutes=1)) == 1
    assert mailbox.mails


def test_a_notice_that_cannot_be_written_holds_nothing_up(school: School, mailbox: Mailbox) -> None:
    Notice.objects.create(person=school.student, event="no.such.mail", created_at=NOW)
    owe(school.student, school.admin)
    assert notifications.deliver(now=NOW) == 1
    assert "TemplateDoesNotExist" in Notice.objects.get(sent_at=None).last_error


def test_what_a_worker_had_that_died_is_tried_under_the_same_name_once_its_lease_is_over(
    school: School, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    owe(school.student, school.admin)
    owe(school.other_student, school.admin)

    send = EmailBackend.send_messages

    def dies_before_it_marks(backend: EmailBackend, mails: Any) -> None:
        send(backend, mails)
        raise SystemExit

    monkeypatch.setattr(EmailBackend, "send_messages", dies_before_it_marks)
    with pytest.raises(SystemExit):
        notifications.deliver(now=NOW)
    monkeypatch.setattr(EmailBackend, "send_messages", send)
    assert notifications.deliver(now=NOW + notifications.LEASE - timedelta(seconds=1)) == 0
    assert notifications.deliver(now=NOW + notifications.LEASE) == 2
    first, again, other = (mail["Message-ID"] for mail in mailbox.mails)
    assert first == again != other
    assert list(Notice.objects.order_by("pk").values_list("attempts", flat=True)) == [2, 1]


def test_a_notice_that_is_withheld_or_begun_by_another_worker_meanwhile_is_left_alone(
    school: School, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        owe(school.student, school.admin)
    first, withheld, taken = Notice.objects.order_by("pk")
    send = EmailBackend.send_messages

    def slowly(backend: EmailBackend, mails: Any) -> Any:
        Notice.objects.filter(pk=withheld.pk).update(withheld_at=NOW)
        Notice.objects.filter(pk=taken.pk).update(due_at=NOW + timedelta(days=1))
        return send(backend, mails)

    monkeypatch.setattr(EmailBackend, "send_messages", slowly)
    assert notifications.deliver(now=NOW) == 1
    assert len(mailbox.mails) == 1
    assert dict(Notice.objects.values_list("pk", "attempts")) == {first.pk: 1, withheld.pk: 0, taken.pk: 0}
