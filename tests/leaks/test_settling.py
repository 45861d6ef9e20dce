"""What a report does: once, as the policy says, and with word to the owner."""

from datetime import UTC, timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.audit import AuditEvent
from policies import settings as policy
from tests.api.caller import bearing, made
from tests.cast import School
from tests.journeys.test_no_secret_at_rest import dump_of_database
from tests.pages.visits import client_of, text_of
from tokens import leaks, lifecycle, notifications, tasks
from tokens.leaks import Report
from tokens.models import Leak, Notice, State, TokenDay
from tokens.models.leak import FoundBy, Outcome


def take(*reports: Report, found_by: FoundBy = FoundBy.SCANNER) -> int:
    return leaks.take(reports, found_by=found_by, now=timezone.now())


def test_the_same_report_twice_does_one_thing(school: School) -> None:
    issued = made(school.student)
    report = Report(issued.secret, "commit", "https://example.com/a")
    assert take(report, report) == 1
    assert take(report) == 0
    assert tasks.settle_leaks() == 1
    assert take(report) == 0
    assert tasks.settle_leaks() == 0
    assert Leak.objects.count() == 1
    assert Notice.objects.filter(event="leak.found").count() == 1
    assert AuditEvent.objects.filter(action="token.leak").count() == 1
    assert AuditEvent.objects.get(action="token.revoke").after["reason_code"] == "leaked"


def test_one_token_at_many_places_is_one_end_and_one_word(school: School) -> None:
    issued = made(school.student)
    assert take(*(Report(issued.secret, "commit", f"https://example.com/{n}") for n in range(3))) == 3
    tasks.settle_leaks()
    assert set(Leak.objects.values_list("outcome", flat=True)) == {Outcome.REVOKED}
    [notice] = Notice.objects.filter(event="leak.found")
    assert notice.facts["places"] == [f"https://example.com/{n}" for n in range(3)]


def test_the_policy_may_say_that_it_is_suspended(school: School) -> None:
    policy.change(school.arts, {"leaked_tokens": "suspend"}, actor=None, now=timezone.now())
    of_arts, of_admin = made(school.student), made(school.admin)
    take(Report(of_arts.secret), Report(of_admin.secret))
    assert tasks.settle_leaks() == 2
    states = [issued.token.__class__.objects.get(pk=issued.token.pk).state for issued in (of_arts, of_admin)]
    assert states == [State.SUSPENDED, State.REVOKED]
    assert bearing(of_arts.secret).get("users/self").status == 401


def test_what_waits_for_its_owner_is_revoked_even_then(school: School) -> None:
    policy.change(school.root, {"leaked_tokens": "suspend"}, actor=None, now=timezone.now())
    issued = made(school.student, actor=school.admin)
    take(Report(issued.secret))
    tasks.settle_leaks()
    issued.token.refresh_from_db()
    assert issued.token.state == State.REVOKED


def test_a_secret_that_was_replaced_meanwhile_costs_nobody_the_new_one(school: School) -> None:
    issued = made(school.student)
    take(Report(issued.secret))
    fresh = lifecycle.regenerate(issued.token, actor=school.student, now=timezone.now())
    assert tasks.settle_leaks() == 0
    assert bearing(fresh.secret).get("users/self").status == 200
    assert Leak.objects.get().outcome == Outcome.REPLACED


def test_what_has_ended_stays_as_it_ended(school: School) -> None:
    issued = made(school.student)
    lifecycle.revoke(issued.token, actor=school.student, now=timezone.now())
    take(Report(issued.secret))
    assert tasks.settle_leaks() == 0
    issued.token.refresh_from_db()
    assert (issued.token.revoked_by, Leak.objects.get().outcome) == (school.student, Outcome.ENDED)


def test_the_owner_learns_where_it_was_found_and_what_it_did(school: School) -> None:
    issued = made(school.student)
    today = timezone.now().astimezone(UTC).date()
    TokenDay.objects.create(token=issued.token, day=today, outcomes={"accepted": 1}, addresses={"192.0.2.9": 1})
    take(Report(issued.secret, "commit", "https://example.com/found\r\nBcc: somebody"))
    tasks.settle_leaks()
    notifications.deliver(now=timezone.now())
    [found] = [each for each in mail.outbox if "in the open" in each.subject]
    assert found.to == [school.student.email]
    for words in (
        "https://example.com/found Bcc: somebody",
        "1 request was answered",
        "1 from 192.0.2.9",
        "revoked it",
    ):
        assert words in str(found.body), str(found.body)


def test_of_a_report_nothing_secret_is_kept(school: School) -> None:
    issued, other = made(school.student), made(school.teacher)
    take(Report(issued.secret, other.secret, f"https://example.com/?token={other.secret}"))
    tasks.settle_leaks()
    kept = dump_of_database()
    for each in (issued, other):
        assert each.secret.rsplit("_", 1)[1] not in kept
    assert f"https://example.com/?token=tpat_{other.token.lookup_id}_…" in kept
    assert issued.secret not in repr(Report(issued.secret))


def test_a_report_that_came_while_no_worker_ran_is_dealt_with_later(school: School) -> None:
    secrets = [made(school.student, purpose=f"No {n}").secret for n in range(3)]
    take(*map(Report, secrets))
    assert next(leaks.settle_in_batches(now=timezone.now()))
    assert Leak.objects.filter(settled_at=None).count() == 2
    assert tasks.settle_leaks() == 2
    assert Notice.objects.filter(event="leak.found").count() == 3


def test_administrators_see_the_leaks_of_their_people(school: School) -> None:
    issued = made(school.student, purpose="Left in a notebook")
    take(Report(issued.secret, "gist_content", "https://gist.example.com/1"))
    tasks.settle_leaks()
    for viewer, sees in ((school.admin, True), (school.arts_admin, True), (school.science_admin, False)):
        page = text_of(client_of(viewer).get("/leaks/"))
        assert ("Left in a notebook" in page) is sees
        assert ("https://gist.example.com/1" in page) is sees
    assert client_of(school.student).get("/leaks/").status_code == 403
    own = text_of(client_of(school.student).get(f"/tokens/{issued.token.pk}/"))
    assert "https://gist.example.com/1" in own
    assert "Secret reported to be in the open" in own


def test_reports_of_one_token_are_bounded(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    issued = made(school.student)
    assert take(*(Report(issued.secret, "commit", f"https://example.com/{n}") for n in range(150))) == 100
    assert take(Report(issued.secret, "commit", "https://example.com/x")) == 0


def test_many_reports_are_judged_in_few_queries(
    school: School, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    secrets = [made(school.student, purpose=f"No {n}").secret for n in range(5)]
    with django_assert_max_num_queries(10):
        assert take(*map(Report, secrets)) == 5


def test_a_page_of_many_leaks_goes_on(school: School) -> None:
    issued = made(school.student)
    take(*(Report(issued.secret, "commit", f"https://example.com/{n}/") for n in range(60)))
    page: Any = client_of(school.admin).get("/leaks/")
    assert "https://example.com/59/" in text_of(page)
    assert "https://example.com/9/" not in text_of(page)
    onward = text_of(page).partition('href="?before=')[2].partition('"')[0]
    assert "https://example.com/9/" in text_of(client_of(school.admin).get(f"/leaks/?before={onward}"))
    assert Leak.objects.filter(reported_at__gt=timezone.now() - timedelta(minutes=5)).count() == 60
