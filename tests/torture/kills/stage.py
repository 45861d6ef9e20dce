"""Everything that can be killed, and comes back as an orchestrator would start it: by its name, in the same place."""

import base64
import os
import secrets
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from tests.notices.mailbox import Mailbox
from tests.portal import find_answer, free_port
from tests.torture.stage import ENOUGH, open_servers
from tests.web import APPLICATION, Web
from tokenportal.embedded import REPOSITORY
from tokenportal.embedded.postgres import Postgres
from tokenportal.embedded.redis_server import Redis
from tokenportal.embedded.server import Server

PATIENCE = 120.0  # seconds
GLANCE = 0.05


class Hasty(Postgres):
    """A PostgreSQL with a fault: it acknowledges a commit long before it writes it down."""

    def command(self) -> list[str]:
        return [*super().command(), "--synchronous_commit=off", "--wal_writer_delay=10000"]


class Piece(ABC):
    """Something that can be killed."""

    name: str

    @abstractmethod
    def kill(self, random: Random) -> str:
        """Kill it, or a process of it; tells which."""

    @abstractmethod
    def is_over(self) -> bool:
        """Whether it ended, also by itself, as a web server does some time after it has lost a worker."""

    @abstractmethod
    def revive(self) -> None:
        """Start it if it is not running, and wait until it works."""


class Store(Piece):
    """PostgreSQL, or Redis."""

    def __init__(self, server: Server) -> None:
        self.name, self.server = server.name, server

    def kill(self, random: Random) -> str:
        """All at once, or one backend, whereupon PostgreSQL throws all others out and begins anew."""
        assert self.server.process
        backends = [each for each in psutil.Process(self.server.process.pid).children() if _is_backend(each)]
        if backends and random.random() < 0.3:
            with suppress(psutil.NoSuchProcess):
                random.choice(backends).kill()
            return f"{self.name} backend"
        self.server.process.kill()
        self.server.process.wait()  # until the kernel has done it, it would not count as over
        return self.name

    def is_over(self) -> bool:
        return self.server.process is None or self.server.process.poll() is not None

    def revive(self) -> None:
        if self.is_over():
            self.server.start()
        try:
            _wait(self.server.is_ready, self.name)
        except AssertionError as error:
            raise self.server.failure("does not come back") from error


def _is_backend(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return any(" tokenportal " in part for part in process.cmdline())
    return False


class Program(Piece):
    """A process of the portal with its children; those that are left behind by it are ended before it starts again."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], log: Path, port: int = 0) -> None:
        self.name, self.command, self.environment, self.log, self.port = name, command, environment, log, port
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=REPOSITORY, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, random: Random) -> str:
        """The first process or one of its children."""
        assert self.process
        with suppress(psutil.NoSuchProcess):
            children = psutil.Process(self.process.pid).children()
            if children and random.random() < 0.5:
                random.choice(children).kill()
                return f"{self.name} child"
        self.process.kill()
        self.process.wait()
        return self.name

    def is_over(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def revive(self) -> None:
        if self.is_over():
            self.end()
            self.start()
        if self.port:
            _wait(lambda: self.is_over() or find_answer(self.port) is not None, self.name)

    def end(self) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def _wait(is_done: Any, name: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_done():
        assert time.monotonic() < deadline, f"{name} does not come back"
        time.sleep(GLANCE)


@dataclass(frozen=True)
class Stage:
    """A whole portal."""

    place: Path
    postgres: Postgres
    redis: Redis
    web: Web
    pieces: dict[str, Piece]
    mails: list[str]  # the Message-IDs of what came in; a mailbox drops one that it has had

    def tend(self) -> None:
        """Start what has ended, as systemd or compose would."""
        for piece in self.pieces.values():
            if piece.is_over():
                piece.revive()

    def log(self, name: str) -> str:
        return (self.place / f"{name}.log").read_text(errors="replace")


def _as_at_a_school() -> dict[str, str]:
    """DEBUG is off, and all that follows from it; only TLS would be a proxy's."""
    return {
        "DEBUG": "0",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "TOKEN_KEYS": "kills:" + base64.b64encode(secrets.token_bytes(48)).decode(),
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECURE_SSL_REDIRECT": "0",
        "LOG_FORMAT": "line",
        "DJANGO_SETTINGS_MODULE": "tests.torture.kills.settings",
    }


def _celery(application: str, *arguments: str) -> list[str]:
    quiet = ["-W", "ignore:You're running the worker with superuser privileges"]
    return [sys.executable, *quiet, "-m", "celery", "--quiet", f"--app={application}", *arguments]


@contextmanager
def open_stage(
    *, application: str = APPLICATION, postgres: type[Postgres] = Postgres, planted: str = "", jobs: bool = True
) -> Iterator[Stage]:
    """Have all of it running: what is on disk is as safe as at a school. Without `jobs`, neither worker nor beat."""
    with TemporaryDirectory(prefix="tokenportal-kills-", ignore_cleanup_errors=True) as name, ExitStack() as stack:
        place = Path(name)
        place.chmod(0o755)
        database, redis = stack.enter_context(open_servers(place, program=postgres, durable=True))
        mail_port, mails = free_port(), list[str]()
        mailbox = stack.enter_context(Mailbox(mail_port).open())
        mailbox.take = lambda mail: mails.append(str(mail["Message-ID"]))
        more = {
            "API_RATE": ENOUGH,
            "TOKENPORTAL_DATA": str(place),
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(mail_port),
            "PLANTED": planted,
            **_as_at_a_school(),
        }
        log, port = place / "web.log", free_port()
        web = Web(port, database.url, redis.url, log, workers=2, threads=4, application=application, more=more)
        web.migrate()
        size = ("--concurrency=2", "--without-mingle", "--without-gossip")
        worker = _celery("tests.torture.kills.worker", "worker", *size)
        beat = _celery("tokenportal", "beat", f"--schedule={place / 'schedule'}")
        programs = [
            Program("web", web.command, web.environment, log, port),
            Program("worker", worker, web.environment, place / "worker.log"),
            Program("beat", beat, web.environment, place / "beat.log"),
        ]
        programs = programs if jobs else programs[:1]
        for program in programs:
            stack.callback(program.end)
            program.start()
        pieces: list[Piece] = [Store(database), Store(redis), *programs]
        stage = Stage(place, database, redis, web, {piece.name: piece for piece in pieces}, mails)
        for piece in pieces:
            piece.revive()
        yield stage
