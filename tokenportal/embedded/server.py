"""One server as a child process: started, asked whether it answers, stopped."""

import os
import signal
import subprocess
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from tokenportal.embedded import account, locks

START_SECONDS = 60.0
STOP_SECONDS = 15.0
TAIL_LINES = 12


class ServerError(Exception):
    """An embedded server cannot be had; the text says why and what to do."""


class Server(ABC):
    """A server over its own directory, `data/name`; subclasses know one program each."""

    name: ClassVar[str]  # of its files
    title: ClassVar[str]  # in sentences
    variable: ClassVar[str]  # set this environment variable yourself, and no such server is started
    stop_signal: ClassVar[signal.Signals]

    def __init__(self, data: Path, *, durable: bool) -> None:
        self.directory = data / self.name
        self.log = data / f"{self.name}.log"
        self.alive = data / f"{self.name}.alive"
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None

    @staticmethod
    @abstractmethod
    def program() -> Path:
        """Return the program. Raises ServerError if none is installed."""

    @staticmethod
    @abstractmethod
    def answers(url: str) -> bool:
        """Tell whether such a server takes work at this address."""

    @property
    @abstractmethod
    def url(self) -> str:
        """Return where clients find it."""

    def prepare(self) -> None:  # noqa: B027 - not every program needs it
        """Bring the directory into a state to start from."""

    @abstractmethod
    def command(self) -> list[str]:
        """Return the program and its arguments."""

    def is_ready(self) -> bool:
        """Tell whether it takes work."""
        return self.answers(self.url)

    def configuration(self) -> bytes:
        """Return what the program reads from its standard input; secrets go here, the command line is public."""
        return b""

    def start(self) -> None:
        """Start it and return when it answers. Raises ServerError with the end of its log."""
        self.end_leftover()
        self.prepare()
        self.process = self.spawn()
        process = self.process
        if not locks.wait_until(lambda: process.poll() is not None or self.is_ready(), seconds=START_SECONDS):
            self.stop()
        if process.poll() is not None:
            raise self.failure("did not start")

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the program with the `alive` lock in its hands, which tells a later keeper that it still runs."""
        alive = locks.take(self.alive)
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                self.command(),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                env={**os.environ, "LC_ALL": "C"},
                start_new_session=True,
                pass_fds=(alive.fd,),
                **account.identity(self.directory),
            )
        self.alive.write_text(str(process.pid))
        alive.hand_over()
        if process.stdin:
            with suppress(BrokenPipeError), process.stdin as stdin:  # one that died at once is noticed by `start`
                stdin.write(self.configuration())
        return process

    def wait(self) -> None:
        """Wait until the process ends, whatever ends it."""
        if self.process:
            self.process.wait()

    def stop(self) -> None:
        """Stop it in good order; after STOP_SECONDS by force."""
        if self.process is None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def end_leftover(self) -> None:
        """End the server of a keeper that was killed: two of them over one directory would destroy the data."""
        for ending in (None, self.stop_signal, signal.SIGKILL):
            if ending and not locks.is_free(self.alive):
                with suppress(ProcessLookupError):
                    os.kill(int(self.alive.read_text()), ending)
            if locks.wait_until(lambda: locks.is_free(self.alive), seconds=STOP_SECONDS if ending else 1):
                return
        raise ServerError(f"An earlier {self.title} over {self.directory} does not stop; end it by hand.")

    def failure(self, what: str) -> ServerError:
        """Return an error with the end of the log."""
        lines = self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:] if self.log.exists() else []
        indented = "".join(f"\n  {line}" for line in lines)
        return ServerError(f"{self.title} {what}. The end of {self.log}:{indented}")
