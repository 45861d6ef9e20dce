"""Several processes as one: one log, one end. honcho's runner, with the cases it leaves open closed.

honcho waits for ever if every process ignores SIGTERM, sends signals to whole groups (which cuts a Celery job short
where its worker would have let it finish), and leaves orphans when it is killed itself.
"""

import os
import shlex
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from honcho.compat import ProcessManager
from honcho.manager import KILL_WAIT, Manager
from honcho.printer import Message
from honcho.process import Process

GLANCE = 0.2  # seconds between two looks


class Leader(ProcessManager):
    """Ask the leader of a group alone to end, it knows what to do with its own; force ends all of them."""

    def terminate(self, pid: int) -> None:
        """Send SIGTERM."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


class Follower(Process):
    """A process that ends when its runner does, however that ended, and leaves no child of its own behind."""

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        """Run it to its end, in a process that honcho makes for this."""
        threading.Thread(target=self.watch, args=(os.getppid(),), daemon=True).start()
        super().run(events, ignore_signals)

    def watch(self, runner: int) -> None:
        """Wait for the end of the process or of the runner."""
        while self._child is None or (os.getppid() == runner and self._child.poll() is None):
            time.sleep(GLANCE)
        if self._child.poll() is None:
            self._child.terminate()
            with suppress(Exception):
                self._child.wait(KILL_WAIT)
        end_group(self._child.pid)
        if os.getppid() != runner:
            os._exit(1)


def end_group(leader: int) -> None:
    """End by force what is left of a process group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


class Runner(Manager):
    """Runs the processes until one ends or somebody asks for the end; then none of them is left."""

    def __init__(self, while_running: Callable[["Runner"], None]) -> None:
        """Take what to do beside them, in a thread of its own."""
        super().__init__()
        self._procmgr = Leader()
        self._process_ctor = Follower
        self.while_running = while_running
        self.culprit: str | None = None

    def add(self, name: str, *command: str) -> None:
        """Add a process; its name stands before each line of its log."""
        self.add_process(name, f"exec {shlex.join(command)}")

    def run(self) -> None:
        """Run them all; afterwards `culprit` names the one that ended by itself, if one did."""
        try:
            self.loop()
        finally:
            for process in self._processes.values():
                if "pid" in process:
                    end_group(process["pid"])

    def say(self, text: str) -> None:
        """Put lines of our own into the log; safe from any thread."""
        for line in text.splitlines():
            now = datetime.now()  # noqa: DTZ005, TID251 - honcho's own clock, for its log
            self.events.put(Message("line", line, now, "portal", None))

    def terminate(self) -> None:
        """Ask all of them to end, and make sure they do."""
        if self._terminating:
            return
        if not self._all_started():  # honcho does not know their numbers yet
            threading.Timer(GLANCE, self.terminate).start()
            return
        self.culprit = next((name for name, process in self._processes.items() if "returncode" in process), None)
        super().terminate()
        force = threading.Timer(KILL_WAIT, self.kill)
        force.daemon = True
        force.start()

    def _start(self) -> None:
        """Start them deaf to Ctrl-C, which the terminal sends to everybody: the runner alone decides."""
        ours = signal.signal(signal.SIGINT, signal.SIG_IGN)
        super()._start()
        signal.signal(signal.SIGINT, ours)
        threading.Thread(target=self.while_running, args=(self,), daemon=True).start()
