"""A PostgreSQL that hangs: it keeps connections open and answers nobody, as if stopped.

libpq waits for an answer without an end. So each web process has a thread that asks over a connection of its own while
requests take their time; where no answer comes, it breaks all the process's connections, upon which those requests are
answered with 503, and so is every further one, at once, until PostgreSQL answers again. A statement that is only slow
is left alone, for as long as `tokenportal.statements` allows: its server answers others.
"""

import logging
import os
import select
import socket
import threading
import time
from contextlib import suppress
from typing import Any
from weakref import WeakSet

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse
from psycopg.errors import ConnectionTimeout

from accounts.middleware import GetResponse
from tokenportal import responses
from tokenportal.request_log import PROBES
from tokenportal.turns import inside

logger = logging.getLogger(__name__)
EVERY = 1.0  # seconds between two looks
HANGS = 3.0  # seconds without an answer
GLANCES = 12  # of which each has to pass: a machine that slept has not waited for its server


class Probe:
    """Asks PostgreSQL for nothing, over a connection of its own, which it has as long as there is something to ask."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = None

    def answers(self, seconds: float) -> bool:
        """False only where it hangs; that it is away, everybody hears who asks."""
        try:
            if self._connection is None:
                parameters = connections[DEFAULT_DB_ALIAS].get_connection_params()
                self._connection = psycopg.connect(**parameters, autocommit=True)
            if self._ask(self._connection.pgconn, seconds):
                return True
        except ConnectionTimeout:
            return False
        except psycopg.Error:
            self.close()
            return True
        self.close()
        return False

    @staticmethod
    def _ask(connection: psycopg.pq.abc.PGconn, seconds: float) -> bool:
        connection.send_query(b"SELECT 1")
        poll = select.poll()
        poll.register(connection.socket, select.POLLIN)
        for _ in range(GLANCES):
            if poll.poll(1000 * seconds / GLANCES):
                connection.consume_input()
                if not connection.is_busy():
                    while connection.get_result():
                        pass
                    return True
        return False

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


class Watch:
    """Over the connections of this process; its thread starts with the first of them."""

    def __init__(self, hangs: float = HANGS) -> None:
        self.is_hanging = False
        self._hangs = hangs
        self._connections: WeakSet[psycopg.Connection[Any]] = WeakSet()
        self._probe = Probe()
        self._thread: threading.Thread | None = None

    def note(self, connection: BaseDatabaseWrapper, **_kwargs: Any) -> None:
        """Watch over a connection that was made just now."""
        self._connections.add(connection.connection)
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="hanging", daemon=True)
            self._thread.start()

    def look(self) -> None:
        """See whether PostgreSQL answers; break all connections where it does not."""
        answers = self._probe.answers(self._hangs)
        if answers == self.is_hanging:
            logger.warning("PostgreSQL answers again" if answers else "PostgreSQL hangs")
        self.is_hanging = not answers
        if self.is_hanging:
            self._break_all()

    def _break_all(self) -> None:
        for connection in list(self._connections):
            with (
                suppress(OSError, psycopg.Error),  # closed meanwhile
                socket.socket(fileno=os.dup(connection.fileno())) as line,
            ):
                line.shutdown(socket.SHUT_RDWR)

    def _run(self) -> None:
        before: set[int] = set()
        while True:
            time.sleep(EVERY)
            now = inside()
            try:
                if self.is_hanging or now & before:
                    self.look()
                else:
                    self._probe.close()
            except Exception:
                logger.exception("Whether PostgreSQL hangs cannot be told")
            before = now


watch = Watch()


def start() -> None:
    """Watch over the connections of this process from now on."""
    connection_created.connect(watch.note, dispatch_uid="tokenportal.hanging")


class HangingMiddleware:
    """Answers 503 at once while PostgreSQL hangs, to everything but those who ask how this process is."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if watch.is_hanging and request.path not in PROBES:
            return responses.unavailable(request)
        return self.get_response(request)
