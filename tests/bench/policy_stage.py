"""What a change of policy is measured on: a copy of a filled database, with web server, worker and beat over it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from psycopg import sql

from tests.bench.stage import PLACE, ROTATION, TOKENS_EACH, database, portal_environment, run
from tests.bench.web import serving_with_granian
from tests.portal import fresh_redis, name_anew
from tokenportal import embedded
from tokenportal.embedded import REPOSITORY

APPLICATION = "tokenportal.wsgi:application"
CELERY = (sys.executable, "-W", "ignore:You're running the worker with superuser", "-m", "celery", "--quiet")
# What makes a filled database: with another of these, another is filled.
MADE_BY = ("*/migrations/*.py", "tests/bench/seed.py", "tests/bench/policy_seed.py")


@dataclass
class Worker:
    """A Celery worker as `make run` starts it, which can be killed and started again."""

    environment: dict[str, str]
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        options = ["--concurrency=2", "--without-mingle", "--without-gossip"]
        self.process = start("worker", options, self.environment)

    def kill(self) -> None:
        """End all of it at once, as `kill -9` and a lost machine do."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass(frozen=True)
class PolicyStage:
    """Where everything is; `rotation` are the tokens that the load presents."""

    database_url: str
    environment: dict[str, str]
    rotation: list[str]
    port: int
    worker: Worker

    def ask(self, *arguments: str) -> Any:
        """Run `tests.bench.policy_change` on this database; the JSON that it prints."""
        return json.loads(run([sys.executable, "-m", "tests.bench.policy_change", *arguments], self.environment))


@contextmanager
def open_stage(tokens: int) -> Iterator[PolicyStage]:
    """Have it all running until the end of the block; a database of this size is filled once, and copied each time."""
    os.environ.setdefault("DEBUG", "1")  # of this process, for the embedded servers; the portal runs without
    if "DATABASE_URL" not in os.environ:
        os.environ["TOKENPORTAL_DATA"] = str(PLACE / "data")
    with embedded.servers(), ExitStack() as stack:
        filled = _filled(tokens)
        copied = stack.enter_context(_copy(filled))
        environment = _environment(copied)
        [[texts]] = _rows(copied, "SELECT tokens FROM bench_rotation")
        web = serving_with_granian(Path(sys.executable), APPLICATION, environment, PLACE / "policy-web.log")
        port = stack.enter_context(web)
        worker = Worker(environment)
        stack.callback(worker.kill)
        fresh = stack.enter_context(TemporaryDirectory())  # a schedule that is kept has jobs due that a new one has not
        beat = start("beat", [f"--schedule={fresh}/schedule"], environment)
        stack.callback(beat.wait)
        stack.callback(beat.terminate)
        yield PolicyStage(copied, environment, texts, port, worker)


def start(name: str, options: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a process of Celery that leads a group of its own."""
    with (PLACE / f"policy-{name}.log").open("ab") as log:
        return subprocess.Popen(
            [*CELERY, "--app=tokenportal", name, *options],
            cwd=REPOSITORY,
            env={**os.environ, **environment},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _environment(url: str) -> dict[str, str]:
    """As the portal's for the check of a token, with jobs of its own and mails that go nowhere."""
    mails = "django.core.mail.backends.dummy.EmailBackend"
    settings = "tokenportal.settings"
    own = {
        "REDIS_URL": fresh_redis(),
        "EMAIL_BACKEND": mails,
        "DJANGO_SETTINGS_MODULE": settings,
        "LOG_LEVEL": "WARNING",
    }
    return {**portal_environment(url), **own}


def _filled(tokens: int) -> str:
    """The name of a database of this size; filled unless it is there."""
    digest = sha256()
    for path in sorted(each for pattern in MADE_BY for each in REPOSITORY.glob(pattern)):
        digest.update(path.read_bytes())
    of_size = f"policy_{tokens}_"
    name = f"{of_size}{digest.hexdigest()[:8]}"
    for (other,) in _rows(os.environ["DATABASE_URL"], "SELECT datname FROM pg_database"):
        if other.startswith(of_size) and other != name:
            _drop(other)
    url = database(name)
    if not _rows(url, "SELECT 1 FROM pg_class WHERE relname = 'bench_rotation'"):
        print(f"Filling {name}; this happens once.", file=sys.stderr, flush=True)
        environment = _environment(url)
        run([sys.executable, "manage.py", "migrate", "--verbosity=0"], environment)
        size = [str(tokens), str(max(tokens // TOKENS_EACH, 1)), str(min(ROTATION, tokens))]
        texts = run([sys.executable, "-m", "tests.bench.policy_seed", *size], environment)
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE bench_rotation (tokens jsonb)")
            connection.execute("INSERT INTO bench_rotation VALUES (%s)", [texts])
    return name


@contextmanager
def _copy(name: str) -> Iterator[str]:
    """The URL of a copy, which is dropped afterwards."""
    copied = f"{name}_run"
    _drop(copied)
    words = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(words.format(sql.Identifier(copied), sql.Identifier(name)))
    try:
        name_anew(database(copied))
        yield database(copied)
    finally:
        _drop(copied)


def _drop(name: str) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchall()
