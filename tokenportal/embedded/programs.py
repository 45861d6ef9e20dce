"""The embedded servers there are, by the name of their files."""

from .postgres import Postgres
from .redis_server import Redis
from .server import Server

PROGRAMS: dict[str, type[Server]] = {server.name: server for server in (Postgres, Redis)}
