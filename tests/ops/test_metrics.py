"""What Prometheus is told, and who is told at all."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from celery import shared_task
from celery.states import FAILURE, SUCCESS
from django.db import connection
from django.test import Client, RequestFactory
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoDbBlocker, Settings

from accounts.models import User
from tests.cast import NOW, School, endless_token
from tests.gateway.asking import ask
from tokenportal.metrics import jobs, stock
from tokenportal.metrics.sharing import forget_stopped_servers
from tokenportal.metrics.views import metrics
from tokenportal.tasks import note_beat
from tokens import lifecycle, usage
from tokens.models import Notice
from tokens.scopes import OWN
from tokens.usage.noting import connect

SCRAPER = "a-scraper-that-knows-the-word"
NOBODY = "redis://127.0.0.1:1/0"
Ask = Callable[[], dict[str, float]]


def figures(text: str) -> dict[str, float]:
    """Return every sample by its name and labels, as Prometheus reads them."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {",".join([name, *sorted(labels.values())]): value for name, labels, value, *_rest in samples}


@pytest.fixture
def scrape(settings: Settings, rf: RequestFactory) -> Ask:
    """Give a way to ask as Prometheus does."""
    settings.METRICS_TOKEN = SCRAPER
    with connect() as client:
        client.delete(jobs.KEY, jobs.BEAT)

    def ask_for_metrics() -> dict[str, float]:
        answer = metrics(rf.get("/metrics", headers={"Authorization": f"Bearer {SCRAPER}"}))
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/plain; version=")
        return figures(answer.content.decode())

    return ask_for_metrics


def counted(name: str, **labels: str) -> float:
    """Return what this process has counted so far."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_there_is_no_such_page_unless_a_scraper_is_named(client: Client, settings: Settings, db: None) -> None:
    settings.METRICS_TOKEN = ""
    for header in ("Bearer ", "Bearer x", ""):
        assert client.get("/metrics", headers={"Authorization": header}).status_code == 404


def test_only_the_scraper_is_answered(client: Client, settings: Settings, db: None) -> None:
    settings.METRICS_TOKEN = SCRAPER
    for header in ("", "Bearer ", f"Bearer {SCRAPER}x", SCRAPER, "Bearer é"):
        assert client.get("/metrics", headers={"Authorization": header}).status_code == 401, header
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {SCRAPER}"})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_nothing_is_counted_while_it_is_off(school: School, settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    before = counted("tokenportal_checks_total", door="verify", outcome="invalid")
    ask("/verify", authorization="Bearer nonsense")
    assert counted("tokenportal_checks_total", door="verify", outcome="invalid") == before


def test_checks_are_counted_by_door_and_outcome(school: School, scrape: Ask, client: Client) -> None:
    issued = lifecycle.issue(school.teacher, purpose="Try", expires_at=None, actor=school.teacher, now=NOW)
    header = f"Bearer {issued.secret}"
    names = [
        f"tokenportal_checks_total,{each}" for each in ("live,verify", "invalid,verify", "api,live", "api,revoked")
    ]
    before = scrape()
    ask("/verify", authorization=header)
    ask("/verify", authorization="Bearer nonsense")
    client.get("/api/v1/users/self", headers={"Authorization": header})
    lifecycle.revoke(issued.token, actor=school.teacher, now=NOW)
    client.get("/api/v1/users/self", headers={"Authorization": header})
    after = scrape()
    assert [after[name] - before.get(name, 0) for name in names] == [1, 1, 1, 1]


def test_a_token_without_the_scope_that_was_demanded_is_told_apart(school: School, scrape: Ask) -> None:
    scope = next(iter(OWN))
    issued = lifecycle.issue(
        school.teacher, purpose="Try", expires_at=None, scopes=[scope], actor=school.teacher, now=NOW
    )
    before = counted("tokenportal_checks_total", door="verify", outcome="insufficient_scope")
    assert ask("/verify", authorization=f"Bearer {issued.secret}", query="scope=other").code == 403
    assert counted("tokenportal_checks_total", door="verify", outcome="insufficient_scope") == before + 1


def test_answers_are_timed_by_door_and_status(school: School, scrape: Ask, client: Client) -> None:
    names = [f"tokenportal_answer_seconds_count,{each}" for each in ("401,verify", "401,api", "405,revoke")]
    before = scrape()
    ask("/verify/below")
    client.get("/api/v1/users/self")
    ask("/oauth2/revoke")
    after = scrape()
    assert [after[name] - before.get(name, 0) for name in names] == [1, 1, 1]


def test_the_buffer_of_uses_is_measured_as_it_is_handed_on(school: School, scrape: Ask) -> None:
    usage.buffer.flush()
    token = endless_token(school.teacher)
    usage.note(token.pk, usage.Use(NOW, usage.ACCEPTED, "/verify", None, ""))
    usage.buffer.flush()
    figures_now = scrape()
    assert figures_now["tokenportal_usage_buffer,tokens"] == 1
    assert figures_now["tokenportal_waiting,usage"] >= 1
    usage.buffer.flush()
    assert scrape()["tokenportal_usage_buffer,tokens"] == 0


def test_jobs_say_when_they_last_did_well_how_long_it_took_and_how_often_they_failed(scrape: Ask, db: None) -> None:
    jobs.keep("clamp_tokens", SUCCESS, 1.25, at=1000.5)
    jobs.keep("clamp_tokens", FAILURE, 9.0, at=2000.0)
    said = scrape()
    assert said["tokenportal_job_last_success_timestamp_seconds,clamp_tokens"] == 1000.5
    assert said["tokenportal_job_duration_seconds,clamp_tokens"] == 1.25
    assert said["tokenportal_job_failures_total,clamp_tokens"] == 1


def test_a_job_that_runs_is_noted(scrape: Ask, db: None) -> None:
    note_beat.apply()
    said = scrape()
    assert said["tokenportal_job_last_success_timestamp_seconds,note_beat"] > 1_700_000_000
    assert said["tokenportal_job_failures_total,note_beat"] == 0
    assert said["tokenportal_beat_timestamp_seconds"] > 1_700_000_000


@shared_task
def breaks() -> None:
    """Fail, as a job may."""
    raise ValueError


def test_a_job_that_fails_is_noted(scrape: Ask, db: None) -> None:
    breaks.apply()
    said = scrape()
    assert said["tokenportal_job_failures_total,breaks"] == 1
    assert "tokenportal_job_last_success_timestamp_seconds,breaks" not in said


def test_tokens_are_counted_by_state(school: School, scrape: Ask) -> None:
    endless_token(school.teacher)
    lifecycle.revoke(endless_token(school.teacher), actor=school.teacher, now=NOW)
    said = scrape()
    states = {state: said[f"tokenportal_tokens,{state}"] for state in ("active", "revoked", "suspended", "expired")}
    assert states == {"active": 1, "revoked": 1, "suspended": 0, "expired": 0}


def test_very_many_tokens_are_estimated_from_the_statistics(
    school: School, scrape: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        endless_token(school.teacher)
    lifecycle.revoke(endless_token(school.teacher), actor=school.teacher, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tokens_accesstoken")
    monkeypatch.setattr(stock, "EXACT_UP_TO", 3)
    monkeypatch.setattr(stock, "_EXACT", "SELECT 'never asked', 1")
    assert stock.count_tokens() == {"active": 4}  # of the one that is revoked the sample says nothing: too rare


def test_mails_that_wait_and_mails_given_up_are_counted_apart(school: School, scrape: Ask) -> None:
    Notice.objects.all().delete()
    person = User.objects.first()
    assert person
    for attempts in (0, 9, 10):
        Notice.objects.create(person=person, event="token.revoked", created_at=NOW, attempts=attempts)
    Notice.objects.create(person=person, event="token.revoked", created_at=NOW, sent_at=NOW)
    said = scrape()
    assert (said["tokenportal_notices,waiting"], said["tokenportal_notices,given_up"]) == (2, 1)


def test_without_redis_the_rest_is_told(scrape: Ask, db: None, settings: Settings) -> None:
    settings.REDIS_URL = NOBODY
    said = scrape()
    assert (said["tokenportal_redis_up"], said["tokenportal_database_up"]) == (0, 1)
    assert "tokenportal_tokens,active" in said


def test_without_the_database_the_rest_is_told(scrape: Ask, django_db_blocker: DjangoDbBlocker) -> None:
    def scrape_without_database() -> dict[str, float]:
        options = {**connection.settings_dict["OPTIONS"], "host": "/nowhere"}
        connection.settings_dict = {**connection.settings_dict, "OPTIONS": options}
        return scrape()

    with django_db_blocker.unblock(), ThreadPoolExecutor() as other:  # a thread has a connection of its own
        said = other.submit(scrape_without_database).result()
    assert (said["tokenportal_redis_up"], said["tokenportal_database_up"]) == (1, 0)
    assert "tokenportal_waiting,jobs" in said


def test_a_scrape_asks_the_database_three_things(
    school: School, scrape: Ask, django_assert_num_queries: Callable[[int], object]
) -> None:
    with django_assert_num_queries(3):  # type: ignore[attr-defined]  # a context manager
        scrape()


def test_counts_of_servers_that_are_gone_are_removed(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    gone, here, other = tmp_path / str(ended.pid), tmp_path / "1", tmp_path / "notes"
    for place in (gone, here, other):
        place.mkdir()
    forget_stopped_servers(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1", "notes"]
