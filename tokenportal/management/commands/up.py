"""`manage.py up`: the whole portal with one command, as `make run` calls it."""

import os
import signal
import socket
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from tokenportal import embedded
from tokenportal.demo import PASSWORD, SIGN_INS
from tokenportal.embedded import locks

try:
    from tokenportal.processes import Runner
except ModuleNotFoundError as missing:
    raise CommandError("Install what `up` runs with: pip install -r requirements/demo.txt.") from missing

HOST = "127.0.0.1"
READY_SECONDS = 60
DEMO_CLAMP_EVERY = "60"  # seconds; nobody who tries the portal waits a day for the daily job


class Command(BaseCommand):
    """Prepare the database, then run web, worker and beat until Ctrl-C, or until one of them ends."""

    help = "Run web, worker and beat together, with an embedded PostgreSQL and Redis where none are named."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the port, which is also the environment's PORT."""
        parser.add_argument(
            "--port", type=port_number, default=os.environ.get("PORT") or "8000", help="default: $PORT or 8000"
        )

    def handle(self, *, port: int, **_options: Any) -> None:
        """Run the portal. Ctrl-C and SIGTERM are a good end; anything else is not."""
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        data = embedded.data_directory()
        with only_one(data, f"http://{HOST}:{port}/"):
            refuse_taken(port)
            self.prepare()
            welcome = "\n".join(words_of_welcome(port))
            connections.close_all()  # the processes to come must not inherit one
            run(port, data, welcome)

    def prepare(self) -> None:
        """Bring the database up to date, and put the demo school into an empty one."""
        self.stdout.write("Preparing the database.")
        call_command("migrate", interactive=False, verbosity=0)
        if settings.DEBUG and not get_user_model().objects.exists():
            call_command("seed_demo")


def port_number(text: str) -> int:
    """Read a port that one can listen on. Raises ArgumentTypeError."""
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ArgumentTypeError(f"{text!r} is no port: choose a number from 1 to 65535, PORT=8001 make run")
    return int(text)


@contextmanager
def only_one(data: Path, address: str) -> Iterator[None]:
    """Refuse a second portal over the same data directory, and say where the first one is."""
    data.mkdir(parents=True, exist_ok=True)
    path = data / "up.lock"
    lock = locks.find_free(path)
    if lock is None:
        raise CommandError(
            f"TokenPortal already runs with the data in {data}: {path.read_text()}\n"
            "For a second one choose other places: TOKENPORTAL_DATA=elsewhere PORT=8001 make run"
        )
    path.write_text(address)
    try:
        yield
    finally:
        lock.release()


def refuse_taken(port: int) -> None:
    """Look whether the port is free before anything is started."""
    try:
        socket.create_server((HOST, port)).close()
    except PermissionError as error:
        raise CommandError(f"Port {port} is not open to you. Choose another: PORT=8001 make run") from error
    except OSError as error:
        raise CommandError(f"Port {port} is taken. Choose another: PORT={port + 1} make run") from error


def words_of_welcome(port: int) -> Iterator[str]:
    """Say where the portal is and, in a demo school, who can sign in."""
    yield f"TokenPortal is ready: http://{HOST}:{port}/"
    people = get_user_model().objects.filter(login_id__in=SIGN_INS).values_list("login_id", flat=True)
    there = set(people) if settings.DEBUG else set()
    if there:
        yield f'Sign in with the password "{PASSWORD}" as: {", ".join(n for n in SIGN_INS if n in there)}'
    yield "Ctrl-C stops everything."


def run(port: int, data: Path, welcome: str) -> None:
    """Run the processes until the end. Raises CommandError if one ended by itself."""
    if settings.DEBUG:
        os.environ.setdefault("CLAMP_EVERY", DEMO_CLAMP_EVERY)
    runner = Runner(while_running=lambda runner: announce(runner, port, welcome))
    runner.add("web", *web(port))
    runner.add("worker", *celery("worker", "--concurrency=2", "--without-mingle", "--without-gossip"))
    runner.add("beat", *celery("beat", f"--schedule={data / 'celerybeat-schedule'}"))
    runner.run()
    if runner.culprit:
        raise CommandError(f"{runner.culprit} ended by itself; its last lines above say why. Everything is stopped.")


def web(port: int) -> list[str]:
    """Return the web server's command."""
    place = [f"--host={HOST}", f"--port={port}"]
    size = ["--workers=2", "--blocking-threads=2", "--runtime-mode=st"]  # see docs/operations.md, "How many"
    options = ["--interface=wsgi", "--no-ws", "--no-access-log", "--log-level=warning"]
    return [sys.executable, "-m", "granian", *place, *size, *options, "tokenportal.wsgi:application"]


def celery(*arguments: str) -> list[str]:
    """Return a Celery command without its banner, and without its alarm at root: PostgreSQL and Redis step down."""
    quiet = ["-W", "ignore:You're running the worker with superuser privileges"]
    return [sys.executable, *quiet, "-m", "celery", "--quiet", "--app=tokenportal", *arguments]


def announce(runner: Runner, port: int, welcome: str) -> None:
    """Welcome people once the first page can be had."""
    deadline = time.monotonic() + READY_SECONDS
    while (status := find_answer(port)) is None and time.monotonic() < deadline:
        time.sleep(0.1)
    if status is None:
        runner.say(f"The portal does not answer after {READY_SECONDS} seconds; the lines above may say why.")
    elif status >= 500:
        runner.say(f"The portal answers with an error ({status}); the lines above say why.")
    else:
        runner.say(welcome)


def find_answer(port: int) -> int | None:
    """Return the status of the sign-in page, None while nobody answers."""
    connection = HTTPConnection(HOST, port, timeout=READY_SECONDS)
    try:
        connection.request("GET", "/login/")
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
