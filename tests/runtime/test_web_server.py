"""What a worker of the web server does before its first request, and how its threads share it."""

import json
import os
import resource
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from tokenportal.embedded import REPOSITORY
from tokenportal.turns import taking_turns

LOOK = """
import gc, json, sys
import tokenportal.wsgi
print(json.dumps({"kept": gc.get_freeze_count(), "looked_through": len(gc.get_objects()),
    "pages": "tokens.views" in sys.modules}))
"""


def test_what_a_worker_has_loaded_is_not_looked_through_again_by_the_garbage_collector() -> None:
    environment = {**os.environ, "DEBUG": "1"}
    found = json.loads(subprocess.check_output([sys.executable, "-c", LOOK], cwd=REPOSITORY, env=environment))
    assert found["pages"]
    assert found["kept"] > 20 * found["looked_through"]


def test_a_thread_that_has_answered_gives_way_only_where_another_one_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    rests: list[float] = []

    def rest(seconds: float) -> None:
        rests.append(seconds)
        time.sleep(seconds)

    monkeypatch.setattr("tokenportal.turns.time", SimpleNamespace(sleep=rest))
    _answer_a_thousand_times()
    assert rests == []
    entered, leave = threading.Event(), threading.Event()

    def answer_slowly() -> None:
        with taking_turns():
            entered.set()
            leave.wait()

    other = threading.Thread(target=answer_slowly)
    other.start()
    entered.wait()
    try:
        noticed = _answer_a_thousand_times()
    finally:
        leave.set()
        other.join()
    assert len(rests) == 1000
    assert noticed > 100  # a busy kernel does not notice each of them; of rests of no length it notices none


def _answer_a_thousand_times() -> int:
    """How often the kernel noticed that this thread let go of the processor by itself."""
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw
    for _ in range(1000):
        with taking_turns():
            pass
    return resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw - before
