"""The web server alone over a database of its own: a portal for tests that need neither worker nor beat."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.portal import START_SECONDS, STOP_SECONDS, find_answer
from tokenportal.embedded import REPOSITORY

APPLICATION = "tokenportal.wsgi:application"


@dataclass
class Web:
    """A granian that can be started, stopped and started again at the same port."""

    port: int
    database_url: str
    redis_url: str
    log: Path
    workers: int = 1
    threads: int = 2
    application: str = APPLICATION
    more: dict[str, str] = field(default_factory=dict)  # of the environment
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        places = {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url, "PORT": str(self.port)}
        return {**os.environ, **places, "DEBUG": "1", "DJANGO_SETTINGS_MODULE": "tokenportal.settings", **self.more}

    @property
    def command(self) -> list[str]:
        place = ["--host=127.0.0.1", f"--port={self.port}"]
        size = [f"--workers={self.workers}", f"--blocking-threads={self.threads}"]
        options = ["--interface=wsgi", "--no-ws", "--no-access-log", "--log-level=warning"]
        return [sys.executable, "-m", "granian", *place, *size, *options, self.application]

    def migrate(self) -> None:
        """Bring the database up to date."""
        self.run_manage("migrate", "--verbosity=0")

    def run_manage(self, *command: str) -> str:
        """Run a command of `manage.py` on this portal; return what it says. Fails where the command does."""
        return self._run([sys.executable, str(REPOSITORY / "manage.py"), *command])

    def ask_module(self, name: str, *arguments: str) -> Any:
        """Run a module of the tests on this portal's database; return the JSON it prints."""
        return json.loads(self._run([sys.executable, "-m", name, *arguments]))

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(
            command, cwd=REPOSITORY, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        """Start it; fail with its log unless it answers, whatever it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, cwd=REPOSITORY, env=self.environment, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while find_answer(self.port) is None:
            if self.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"The web server did not come up:\n{self.log.read_text()}")
            time.sleep(0.1)

    def stop(self, *, is_brutal: bool = False) -> None:
        """Stop it, in good order or at once with all its workers; nothing listens at its port afterwards."""
        if self.process is None:
            return
        if is_brutal:
            parent = psutil.Process(self.process.pid)
            for each in [*parent.children(recursive=True), parent]:
                each.kill()
        else:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process = None


@contextmanager
def serving(web: Web) -> Iterator[Web]:
    """Have it running until the end of the block."""
    try:
        web.start()
        yield web
    finally:
        web.stop()
