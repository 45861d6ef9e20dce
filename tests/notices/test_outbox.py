"""The outbox, as whoever reads the audit log of the school sees it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import User
from tests.cast import School
from tests.pages.visits import client_of, text_of, token_of
from tokens import notifications
from tokens.events import Event
from tokens.models import Notice

NOW = timezone.now()
MOST = notifications.MOST_ATTEMPTS


def owed(person: User, by: User, **fields: object) -> Notice:
    notifications.owe(Event.REVOKE, [token_of(person, purpose="Grades & marks")], actor=by, now=NOW, reason="it leaked")
    notice = Notice.objects.latest("pk")
    Notice.objects.filter(pk=notice.pk).update(**fields)
    return Notice.objects.get(pk=notice.pk)


@pytest.fixture
def admin(school: School) -> Client:
    return client_of(school.admin)


def shown(client: Client, query: str = "") -> list[int]:
    return [row.notice.pk for row in client.get(f"/outbox/{query}").context["rows"]]


def test_mails_are_listed_newest_first_and_by_how_far_they_are(school: School, admin: Client) -> None:
    sent = owed(school.student, school.admin, sent_at=NOW, attempts=1)
    waits = owed(school.student, school.admin, attempts=3, due_at=NOW + timedelta(days=1), last_error="451 Not now")
    given_up = owed(school.teacher, school.admin, attempts=MOST, last_error="550 No such person")
    tried = owed(school.teacher, school.admin, attempts=MOST, due_at=NOW + timedelta(days=1))
    withheld = owed(school.student, school.admin, event=Event.UNUSED_WARNING.value, withheld_at=NOW)
    assert shown(admin) == [each.pk for each in (withheld, tried, given_up, waits, sent)]
    assert shown(admin, "?state=sent") == [sent.pk]
    assert shown(admin, "?state=waiting") == [tried.pk, waits.pk]
    assert shown(admin, "?state=given_up") == [given_up.pk]
    assert shown(admin, "?state=withheld") == [withheld.pk]
    assert shown(admin, "?kind=ending") == [withheld.pk]
    assert shown(admin, f"?q={school.teacher.login_id}") == [tried.pk, given_up.pk]
    assert shown(admin, "?state=gone&kind=gossip&before=x") == shown(admin)
    page = text_of(admin.get("/outbox/"))
    for words in ("550 No such person", "3 attempts", "Not wanted", "1 mail was given up"):
        assert words in page


def test_a_page_ends_where_the_next_one_begins(school: School, admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tokens.views.outbox.A_PAGE", 2)
    first, second, third = (owed(school.student, school.admin) for _ in range(3))
    assert shown(admin) == [third.pk, second.pk]
    assert f"before={second.pk}" in text_of(admin.get("/outbox/"))
    assert shown(admin, f"?before={second.pk}") == [first.pk]


def test_many_mails_cost_no_more_queries_than_one(
    school: School, admin: Client, django_assert_max_num_queries: object
) -> None:
    for person in (school.student, school.teacher, school.other_student):
        owed(person, school.admin)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        admin.get("/outbox/")


def test_a_mail_reads_as_whom_it_goes_to_reads_it(school: School, admin: Client) -> None:
    User.objects.filter(pk=school.student.pk).update(locale="ar")
    page = text_of(admin.get(f"/outbox/{owed(school.student, school.admin).pk}/"))
    assert '<div class="body stack letter" lang="ar" dir="rtl">' in page
    assert "Grades &amp; marks" in page
    assert "it leaked" in page
    assert "access token of yours was revoked" in page  # its title, for whoever looks


def test_a_mail_that_cannot_be_written_breaks_no_page(school: School, admin: Client) -> None:
    notice = owed(school.student, school.admin, event="no.such.mail")
    assert "no.such.mail" in text_of(admin.get("/outbox/"))
    assert "This mail cannot be written" in text_of(admin.get(f"/outbox/{notice.pk}/"))


def test_what_was_given_up_is_tried_again_once(school: School, admin: Client) -> None:
    one, other = (owed(school.student, school.admin, attempts=MOST) for _ in range(2))
    busy = owed(school.student, school.admin, attempts=MOST, due_at=timezone.now() + timedelta(minutes=9))
    admin.post(f"/outbox/{one.pk}/retry/"), admin.post(f"/outbox/{one.pk}/retry/")
    assert list(Notice.objects.order_by("pk").values_list("attempts", flat=True)) == [0, MOST, MOST]
    for words in ("1 mail is tried again.", "There is nothing to try again."):
        assert words in text_of(admin.post("/outbox/retry/", follow=True))
    assert list(Notice.objects.order_by("pk").values_list("attempts", flat=True)) == [0, 0, MOST]
    lines = AuditEvent.objects.filter(action="notice.retry").order_by("pk")
    assert [(line.actor_id, line.after) for line in lines] == [(school.admin.pk, {"count": 1})] * 2
    assert "Mails that were given up are tried again" in text_of(admin.get("/audit/"))
    assert {other.pk, busy.pk} < set(shown(admin, "?state=waiting"))


def test_only_who_reads_the_log_of_the_school_sees_it(school: School) -> None:
    notice = owed(school.student, school.admin, attempts=MOST)
    for who in (school.student, school.teacher, school.arts_admin):
        client = client_of(who)
        assert client.get("/outbox/").status_code == client.get(f"/outbox/{notice.pk}/").status_code == 403
        assert client.post("/outbox/retry/").status_code == 403
        assert client.post(f"/outbox/{notice.pk}/retry/").status_code == 403
        assert "/outbox/" not in text_of(client.get("/audit/"))
    assert Notice.objects.get().attempts == MOST
    assert 'href="/outbox/"' in text_of(client_of(school.admin).get("/audit/"))
    assert client_of(school.admin).get("/outbox/999999/").status_code == 404


def test_a_portal_without_a_mail_server_says_so(school: School, admin: Client, settings: object) -> None:
    says = "This portal has no mail server"
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"  # type: ignore[attr-defined]
    assert says in text_of(admin.get("/outbox/"))
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]
    assert says not in text_of(admin.get("/outbox/"))
