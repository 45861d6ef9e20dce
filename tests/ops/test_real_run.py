"""A portal as `make run` starts it, with two web workers, watched as a school would watch it."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from tests.ops.test_metrics import SCRAPER, figures
from tests.portal import Portal, free_port, fresh_database, fresh_redis, running
from tokenportal.embedded import locks

ASKED = 60
MINUTE = 180  # seconds: beat comes once in one minute, and the machine may be slow


@pytest.fixture(scope="module")
def portal(migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Give one that counts and writes JSON, on a database of its own."""
    data = tmp_path_factory.mktemp("watched")
    url = fresh_redis()
    with fresh_database(migrated) as database_url:
        portal = Portal(free_port(), database_url, url, data, data / "portal.log")
        with ExitStack() as stack:
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("METRICS_TOKEN", SCRAPER)
                patch.setenv("LOG_FORMAT", "json")
                stack.enter_context(running(portal))
            yield portal


def scrape(portal: Portal) -> dict[str, float]:
    """Ask over a new connection, so that any of the workers may answer."""
    answer = requests.get(f"{portal.url}/metrics", headers={"Authorization": f"Bearer {SCRAPER}"}, timeout=60)
    assert answer.status_code == 200
    return figures(answer.text)


def counting(portal: Portal) -> list[Path]:
    """Name what the workers have counted checks in, each in a file of its own from its first answer on."""
    return [path for path in (portal.data / "metrics").rglob("counter_*.db") if b"checks_total" in path.read_bytes()]


def verify(portal: Portal, secret: str) -> int:
    header = {"Authorization": f"Bearer {secret}"}
    return requests.get(f"{portal.url}/verify?scope=a", headers=header, timeout=60).status_code


@pytest.fixture(scope="module")
def secrets(portal: Portal) -> list[str]:
    """Give a token and a verifier's secret."""
    made = portal.manage("issue_token", "teacher", "--purpose", "Try")
    verifier = portal.manage("verifier", "create", "Gradebook", "--json")
    assert not made.returncode, made.stderr
    return [made.stdout.strip(), json.loads(verifier.stdout)["client_secret"]]


def test_whichever_worker_is_asked_tells_what_all_of_them_counted(portal: Portal) -> None:
    asked = 0
    while len(counting(portal)) < 2:  # whom the kernel gives a connection is its own choice
        assert asked < 20 * ASKED, "both workers were to answer"
        with ThreadPoolExecutor(8) as callers:
            statuses = list(callers.map(lambda number: verify(portal, f"nonsense{number}"), range(ASKED)))
        assert statuses == [401] * ASKED
        asked += ASKED
    told = [scrape(portal) for _ in range(12)]
    assert {each["tokenportal_checks_total,invalid,verify"] for each in told} == {asked}
    assert {each["tokenportal_answer_seconds_count,401,verify"] for each in told} == {asked}
    assert len({path.parent for path in counting(portal)}) == 1


def test_tokens_and_jobs_are_told(portal: Portal) -> None:
    assert locks.wait_until(lambda: "tokenportal_beat_timestamp_seconds" in scrape(portal), seconds=MINUTE)
    told = scrape(portal)
    assert told["tokenportal_tokens,active"] > 100
    for job in ("expire_tokens", "roll_up_usage", "deliver_notices", "note_beat"):
        assert told[f"tokenportal_job_last_success_timestamp_seconds,{job}"] > 1_700_000_000, job
    assert told["tokenportal_job_failures_total,expire_tokens"] == 0
    assert 0 <= requests.get(f"{portal.url}/readyz", timeout=60).json()["beat"] < MINUTE


def test_no_line_of_any_process_holds_a_secret(portal: Portal, secrets: list[str]) -> None:
    for secret in secrets:
        put_everywhere(portal, secret)
    said = portal.log.read_text()
    for secret in secrets:
        _prefix, lookup, hidden = secret.split("_")
        assert lookup in said
        assert hidden[:20] not in said
        assert hidden[-20:] not in said
    assert "access_token" not in said
    assert SCRAPER not in said


def put_everywhere(portal: Portal, secret: str) -> None:
    """Send a secret where it belongs and where it does not."""
    session, bearer = requests.Session(), {"Authorization": f"Bearer {secret}"}
    session.get(f"{portal.url}/api/v1/users/self", headers=bearer, timeout=60)
    session.get(f"{portal.url}/{secret}?access_token={secret}", headers={"Referer": secret}, timeout=60)
    session.get(f"{portal.url}/login/", headers={"Host": secret, "User-Agent": secret}, timeout=60)
    session.get(f"{portal.url}/api/v1/users/self?access_token={secret}", timeout=60)
    session.post(f"{portal.url}/login/", data={"username": secret, "password": secret}, timeout=60)
    session.post(f"{portal.url}/oauth2/introspect", data={"token": secret}, auth=(secret, secret), timeout=60)
    session.get(f"{portal.url}/verify/{secret}?scope={secret}", headers=bearer, timeout=60)


def test_every_line_of_web_worker_and_beat_is_json(portal: Portal) -> None:
    verify(portal, "nonsense")
    requests.get(f"{portal.url}/login/", timeout=60)
    lines = re.findall(r"^\S+ (?:web|worker|beat)\S* *\| (.*)$", portal.log.read_text(), re.MULTILINE)
    said = [json.loads(line) for line in lines]
    assert any(line["logger"] == "tokenportal.requests" and line["path"] == "/login/" for line in said)
    assert not any(line.get("path") == "/verify" for line in said), "the hot doors write no lines"


def test_the_portal_of_a_trial_writes_for_people(running_portal: Portal) -> None:
    requests.get(f"{running_portal.url}/login/", timeout=60)
    assert re.search(r"INFO tokenportal\.requests: GET /login/ 200 in [\d.]+ ms", running_portal.log.read_text())
    assert requests.get(f"{running_portal.url}/metrics", timeout=60).status_code == 404
    assert not (running_portal.data / "metrics").exists()
