"""One of two lanes: a thread with a connection of its own, which runs an act and stops in the midst where told to."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import SimpleQueue
from time import perf_counter_ns
from typing import Any, Self

from django.db import DEFAULT_DB_ALIAS, connection, connections

from policies.refusals import Refused

PATIENCE = 60  # seconds; nothing here takes one
Act = Callable[[], object]


@dataclass
class Run:
    """One act on a lane, and what came of it: a value, a refusal by its code, or an error, which nobody may see.

    `hold_at` is the number of the statement before which it stops until `go`; a COMMIT counts as one. `opened` and
    `closed` are when its first and its last statement were answered, so that its transaction was open between them, and
    for one of reads alone, when it began and ended; `ended` is when it came back.
    """

    act: Act
    hold_at: int = 0
    wait_before: Callable[[], None] = lambda: None
    arrived: threading.Event = field(default_factory=threading.Event)  # held, or done
    go: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    statements: int = 0
    opened: int = 0
    closed: int = 0
    ended: int = 0  # when it was acknowledged
    value: Any = None
    refused: str = ""
    error: str = ""

    @property
    def is_held(self) -> bool:
        return self.arrived.is_set() and not self.done.is_set()

    def overlaps(self, other: "Run") -> bool:
        return self.opened < other.closed and other.opened < self.closed

    def before_statement(self) -> None:
        self.statements += 1
        if self.statements == self.hold_at:
            self.arrived.set()
            if not self.go.wait(PATIENCE):
                raise TimeoutError("nobody let it go on")

    def after_statement(self) -> None:
        self.closed = perf_counter_ns()
        if self.statements == 1:
            self.opened = self.closed

    def perform(self) -> None:
        try:
            self.wait_before()
            self.opened = perf_counter_ns()
            self.value = self.act()
        except Refused as refused:
            self.refused = str(refused.code)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is found
            self.error = f"{type(error).__name__}: {error}".strip()
        finally:
            self.ended = perf_counter_ns()
            self.closed = self.closed or self.ended
            self.arrived.set()
            self.done.set()


class Lane:
    """A thread that takes runs from a queue; to be used as a context."""

    def __init__(self) -> None:
        self._runs: SimpleQueue[Run | None] = SimpleQueue()
        self._is_ready = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._run: Run | None = None
        self._is_after_commit = False
        self.pid = 0  # of PostgreSQL's process

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._is_ready.wait(PATIENCE)
        return self

    def __exit__(self, *_error: object) -> None:
        self._runs.put(None)
        self._thread.join(PATIENCE)

    def start(self, run: Run) -> Run:
        self._runs.put(run)
        return run

    def _work(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            [self.pid] = cursor.fetchone()
        here = connections[DEFAULT_DB_ALIAS]
        commit = here.commit

        def watched_commit() -> None:
            self._before()
            commit()

        hooks = here.run_and_clear_commit_hooks

        def unwatched_hooks() -> None:
            self._is_after_commit = True
            try:
                hooks()
            finally:
                self._is_after_commit = False

        # What follows a commit waits for a file, the journal's, at which nobody could be seen waiting: it is not held.
        vars(here).update(commit=watched_commit, run_and_clear_commit_hooks=unwatched_hooks)
        self._is_ready.set()
        with connection.execute_wrapper(self._watch):
            while (run := self._runs.get()) is not None:
                self._run = run
                run.perform()
        connection.close()

    def _before(self) -> None:
        if self._run is not None and not self._is_after_commit:
            self._run.before_statement()

    def _watch(self, execute: Callable[..., Any], *given: Any) -> Any:
        self._before()
        answer = execute(*given)
        if self._run is not None and not self._is_after_commit:
            self._run.after_statement()
        return answer
