"""Servers of the torture's own, which it may stop and start: PostgreSQL, Redis, and the portal's web server."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.portal import free_port
from tests.web import APPLICATION, Web, serving
from tokenportal.embedded import sharing
from tokenportal.embedded.postgres import Postgres
from tokenportal.embedded.redis_server import Redis
from tokenportal.embedded.server import Server

ENOUGH = "1000000000/min"  # no throttle: eight processes ask in the name of a few people


@dataclass(frozen=True)
class Stage:
    """What there is to be asked, stopped and started."""

    place: Path
    postgres: Postgres
    redis: Redis
    web: Web


@contextmanager
def open_servers(
    place: Path, *, program: type[Postgres] = Postgres, durable: bool = False
) -> Iterator[tuple[Postgres, Redis]]:
    """Have a PostgreSQL and a Redis running whose data is in a directory that everybody may pass through."""
    with ExitStack() as stack:
        postgres, redis = program(place, durable=durable), Redis(place, durable=durable)
        for server in (postgres, redis):
            sharing.prepare(type(server), place)
            stack.callback(server.stop)
            server.start()
        yield postgres, redis


@contextmanager
def open_stage(application: str = APPLICATION) -> Iterator[Stage]:
    """Have all three running in a directory of their own; PostgreSQL must be able to pass through to it."""
    with TemporaryDirectory(prefix="tokenportal-torture-", ignore_cleanup_errors=True) as name, ExitStack() as stack:
        place = Path(name)
        place.chmod(0o755)
        postgres, redis = stack.enter_context(open_servers(place))
        more = {"API_RATE": ENOUGH, "TOKENPORTAL_DATA": str(place)}
        web = Web(
            free_port(),
            postgres.url,
            redis.url,
            place / "web.log",
            workers=2,
            threads=4,
            application=application,
            more=more,
        )
        web.migrate()
        stack.enter_context(serving(web))
        yield Stage(place, postgres, redis, web)


@contextmanager
def stopped(server: Server) -> Iterator[None]:
    """Have a server stopped, in good order, until the end of the block; it comes back at the same address."""
    server.stop()
    try:
        yield
    finally:
        server.start()
