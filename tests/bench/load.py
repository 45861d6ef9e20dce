"""What a contestant does under load, by wrk or by a loop of our own."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Protocol

SCRIPT = Path(__file__).with_name("rotate.lua")
CONNECTIONS = 16
SEPARATOR = b"\n--next--\n"


@dataclass(frozen=True, slots=True)
class Sample:
    """One round's figures: units (requests, or tokens of a batch) a second, latencies in milliseconds."""

    per_second: float
    p50_ms: float
    p99_ms: float


class Contestant(Protocol):
    """Something that can be measured."""

    @property
    def name(self) -> str: ...

    def measure(self, seconds: float) -> Sample:
        """Have it work for so long."""


class WrongAnswers(Exception):
    """A contestant did not answer what it should; its figures would mean nothing."""


@dataclass(frozen=True)
class Load:
    """Requests to a server over kept connections, in rotation, each of them raw HTTP.

    `refused` says that each is to be answered by a status of 400 or more. `pause` is a rest of so many milliseconds, on
    average, before each request; without one, the next goes out when the answer is there.
    """

    name: str
    port: int
    requests: Path
    units: int = 1  # in one request
    connections: int = CONNECTIONS
    pause: int = 0
    refused: bool = False

    def measure(self, seconds: float) -> Sample:
        """Run wrk. Raises WrongAnswers."""
        return self.read(self.start(seconds))

    def start(self, seconds: float) -> subprocess.Popen[str]:
        """Start wrk: one thread, which leaves the machine to the server."""
        size = ["--threads=1", f"--connections={self.connections}", f"--duration={round(seconds)}s", "--latency"]
        aim = [f"--script={SCRIPT}", f"http://127.0.0.1:{self.port}/", "--", str(self.requests), str(self.pause)]
        return subprocess.Popen(["wrk", *size, *aim], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def read(self, process: subprocess.Popen[str]) -> Sample:
        """Wait for wrk's end. Raises WrongAnswers."""
        text, _ = process.communicate()
        lines = [line for line in text.splitlines() if line.startswith("{")]
        if process.returncode or not lines:
            raise WrongAnswers(f"{self.name}: wrk failed:\n{text}")
        got = json.loads(lines[0])
        expected = got["requests"] if self.refused else 0
        if got["broken"] or got["refused"] != expected:
            raise WrongAnswers(f"{self.name}: {lines[0]}")
        rate = got["requests"] / got["micros"] * 1e6 * self.units
        return Sample(rate, got["p50"] / 1000, got["p99"] / 1000)


@dataclass(frozen=True)
class Beside:
    """`load` while `other` runs; the figures are those of `load` alone."""

    name: str
    load: Load
    other: Load

    def measure(self, seconds: float) -> Sample:
        """Run both. Raises WrongAnswers."""
        first, second = self.load.start(seconds), self.other.start(seconds)
        sample = self.load.read(first)
        self.other.read(second)
        return sample


def raw(method: str, path: str, *, body: str = "", **headers: str) -> bytes:
    """A request as it goes over the wire; headers are given with underscores."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    if body:
        headers["Content_Length"] = str(len(body))
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", body]).encode()


def write(path: Path, requests: Sequence[bytes]) -> Path:
    """Write requests as rotate.lua reads them."""
    path.touch(0o600)
    path.write_bytes(b"".join(each + SEPARATOR for each in requests))
    return path


def middle(samples: Sequence[Sample]) -> Sample:
    """The median of each figure."""
    return Sample(
        median(each.per_second for each in samples),
        median(each.p50_ms for each in samples),
        median(each.p99_ms for each in samples),
    )
