"""Queueing a job for what was committed holds nobody up, whatever Redis does."""

import threading
import time
from collections.abc import Iterator

import pytest
from celery import Celery, Task

from tokens.tasks.soon import Queue

PATIENCE = 0.05


@pytest.fixture
def celery() -> Celery:
    """One whose Redis is nobody's; no app of ours."""
    return Celery(broker="redis://127.0.0.1:1/0", set_as_current=False)


@pytest.fixture
def let_go() -> Iterator[threading.Event]:
    """Let what hangs go on at the end."""
    event = threading.Event()
    yield event
    event.set()


def hanging(celery: Celery, let_go: threading.Event, tried: list[str]) -> Task[[], None]:
    """A job whose broker does not answer until it is let go."""

    class Hanging(Task[[], None]):
        name = "hanging"

        def apply_async(self, *_given: object, **_named: object) -> None:  # type: ignore[override]
            tried.append(self.name)
            let_go.wait()

    return celery.register_task(Hanging())


def test_a_redis_that_is_away_is_no_error_of_whoever_acted(celery: Celery, caplog: pytest.LogCaptureFixture) -> None:
    @celery.task(name="tidy")
    def tidy() -> None: ...

    Queue(patience=60).put(tidy)
    assert "Redis is away; tidy waits for beat" in caplog.text


def test_a_redis_that_hangs_holds_one_act_up_for_a_moment_and_no_further_one(
    celery: Celery, let_go: threading.Event
) -> None:
    tried: list[str] = []
    queue, task = Queue(PATIENCE), hanging(celery, let_go, tried)
    for _ in range(3):
        queue.put(task)
    assert tried == ["hanging"]
    let_go.set()
    deadline = time.monotonic() + 60
    while len(tried) == 1 and time.monotonic() < deadline:
        queue.put(task)
        time.sleep(0.01)
    assert len(tried) > 1
