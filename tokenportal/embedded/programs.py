"""The embedded servers there are, by the name of their files."""

from tokenportal.embedded.postgres import Postgres
from tokenportal.embedded.redis_server import Redis
from tokenportal.embedded.server import Server

PROGRAMS: dict[str, type[Server]] = {server.name: server for server in (Postgres, Redis)}
