"""The real nginx and the real Caddy, with the files that we ship; nothing but the addresses in them is changed."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest

from tests.portal import free_port
from tokenportal.embedded import REPOSITORY

RECIPES = REPOSITORY / "docs" / "recipes"
START_SECONDS = 120
SITE, PORTAL, SERVICE = 8080, 8000, 9000  # the ports in the files


def must_have(name: str, package: str) -> str:
    """Find a program. Where it is missing, CI fails; elsewhere the test is skipped and says what to install."""
    if found := shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin"):
        return found
    wanted = f"Install {name}: apt-get install {package}"
    if os.environ.get("CI") == "true":
        pytest.fail(wanted)
    pytest.skip(wanted)


class Proxy(ABC):
    """A program, and how it is started over a directory of its own.

    `fault` is a line of a recipe that is left out, to see that a test notices.
    """

    name: ClassVar[str]  # of the program and of its Debian package

    def __init__(self, fault: str = "") -> None:
        self.fault = fault

    @classmethod
    def program(cls) -> str:
        """Find the program."""
        return must_have(cls.name, cls.name)

    @abstractmethod
    def command(self, place: Path, ports: dict[int, int]) -> list[str]:
        """Write the shipped files into `place` with other ports, return the command that serves them."""

    @contextmanager
    def running(self, place: Path, *, portal: int, service: int) -> Iterator[int]:
        """Run it until the end of the block; gives the port of the site."""
        site = free_port()
        command = self.command(place, {SITE: site, PORTAL: portal, SERVICE: service})
        without(self.fault, place)
        log = place / "log"
        homes = {"XDG_CONFIG_HOME": str(place), "XDG_DATA_HOME": str(place)}
        with log.open("wb") as out:
            process = subprocess.Popen(command, env={**os.environ, **homes}, stdout=out, stderr=out)
        try:
            _wait(process, site, log)
            yield site
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(START_SECONDS)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    pytest.fail(f"The proxy did not come up:\n{log.read_text()}")


def readdressed(text: str, ports: dict[int, int]) -> str:
    """The text of a recipe with other ports; every one must be there."""
    for old, new in ports.items():
        text, count = re.subn(rf":{old}\b", f":{new}", text)
        assert count, f"no port {old}"
    return text


def without(line: str, directory: Path) -> None:
    """Leave a line out of the files in `directory` that have it; one has."""
    if not line:
        return
    having = [path for path in directory.rglob("*") if path.is_file() and line in path.read_text()]
    assert having, line
    for path in having:
        path.write_text(path.read_text().replace(line, ""))


class Nginx(Proxy):
    """nginx with `nginx.conf` as a file of conf.d/."""

    name = "nginx"

    def command(self, place: Path, ports: dict[int, int]) -> list[str]:
        (place / "conf.d").mkdir()
        (place / "conf.d" / "tokens.conf").write_text(readdressed((RECIPES / "nginx.conf").read_text(), ports))
        shutil.copy(RECIPES / "token-check.conf", place)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{kind}_temp_path {place}/{kind};" for kind in kinds)
        main = f"daemon off; pid {place}/pid; worker_processes 1; events {{ worker_connections 256; }}"
        user = "user root;" if os.geteuid() == 0 else ""
        (place / "nginx.conf").write_text(
            f"{user} {main} http {{ access_log off; error_log stderr; {temporary} include conf.d/*.conf; }}"
        )
        return [self.program(), "-e", "stderr", "-p", str(place), "-c", str(place / "nginx.conf")]


class Caddy(Proxy):
    """Caddy with `Caddyfile`, below the one option that several at a time need."""

    name = "caddy"

    def command(self, place: Path, ports: dict[int, int]) -> list[str]:
        (place / "Site").write_text(readdressed((RECIPES / "Caddyfile").read_text(), ports))
        (place / "Caddyfile").write_text(f"{{\n\tadmin off\n}}\nimport {place}/Site\n")
        return [self.program(), "run", "--adapter", "caddyfile", "--config", str(place / "Caddyfile")]


PROXIES: tuple[Proxy, ...] = (Nginx(), Caddy())
