"""Web servers of the benchmark: started with the settings of `make run`, in the benchmark's environment."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests.portal import free_port
from tokenportal.embedded import REPOSITORY

START_SECONDS = 60.0
STOP_SECONDS = 15.0
SIZE = ("--workers=2", "--blocking-threads=2", "--runtime-mode=st")  # as `manage.py up` has it, and the image


def granian(python: Path, port: int, application: str, size: Sequence[str] = SIZE) -> list[str]:
    """The command of `make run`, for any application."""
    options = ["--host=127.0.0.1", f"--port={port}", "--interface=wsgi", "--no-ws", "--no-access-log"]
    return [str(python), "-m", "granian", *options, "--log-level=warning", *size, application]


@contextmanager
def serving(command: Sequence[str], port: int, environment: Mapping[str, str], log: Path) -> Iterator[None]:
    """Have a server running until the end of the block. Raises RuntimeError with its log if it does not come up."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=REPOSITORY, env={**os.environ, **environment}, stdout=output, stderr=output
        )
    try:
        _wait(process, port, log)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def serving_with_granian(python: Path, application: str, environment: Mapping[str, str], log: Path) -> Iterator[int]:
    """Have an application running as `make run` would; gives its port."""
    port = free_port()
    with serving(granian(python, port, application), port, environment, log):
        yield port


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while ask(port, b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") is None:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"A server did not come up:\n{log.read_text()}")
        time.sleep(0.1)


def ask(port: int, request: bytes) -> tuple[int, str] | None:
    """Send one raw request; status and body, None where nobody answers."""
    head, _, body = request.decode().partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    method, path, _version = first.split(" ")
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body or None, dict(line.split(": ", 1) for line in lines))
        response = connection.getresponse()
        return response.status, response.read().decode()
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
