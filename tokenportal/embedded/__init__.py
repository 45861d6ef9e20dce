"""PostgreSQL and Redis without an installation: for trying the portal and for its tests, never for a real school.

Every process that needs them says `with embedded.servers(): ...`. The first one starts them, further ones share them,
and they stop when the last one has gone, however it went.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tokenportal.embedded.programs import PROGRAMS
from tokenportal.embedded.server import Server, ServerError
from tokenportal.embedded.sharing import shared

__all__ = ["ServerError", "data_directory", "is_debug", "servers"]

REPOSITORY = Path(__file__).resolve().parent.parent.parent


def data_directory() -> Path:
    """Return the one directory that holds everything the embedded servers and `manage.py up` keep."""
    return Path(os.environ.get("TOKENPORTAL_DATA") or REPOSITORY / "var").resolve()


def is_debug() -> bool:
    """Tell whether DEBUG is on, by the same words as the settings; these are not imported yet when this is asked."""
    return os.environ.get("DEBUG", "").lower() in {"1", "on", "t", "true", "y", "yes"}


def refuse_without_debug(missing: list[type[Server]]) -> None:
    """Keep servers that trust this machine, with data nobody backs up, out of production."""
    if missing and not is_debug():
        names = " and ".join(server.variable for server in missing)
        raise ServerError(f"Set {names}: with DEBUG off no embedded server is started. See .env.example.")


@contextmanager
def servers(*, durable: bool = True) -> Iterator[None]:
    """Have DATABASE_URL and REDIS_URL set, each to an embedded server where the environment names none.

    `durable=False` trades safety against power cuts for speed, for tests. Raises ServerError.
    """
    missing = [program for program in PROGRAMS.values() if not os.environ.get(program.variable)]
    refuse_without_debug(missing)
    with ExitStack() as stack:
        uses = [shared(server, data_directory(), durable=durable) for server in missing]
        with ThreadPoolExecutor(max_workers=2) as pool:  # they take a second each, together as well
            urls = list(pool.map(stack.enter_context, uses))
        for server, url in zip(missing, urls, strict=True):
            stack.callback(os.environ.pop, server.variable, None)
            os.environ[server.variable] = url
        yield
