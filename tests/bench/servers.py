"""Which web server, and with which settings: `/verify` under each of them, interleaved: `make bench-servers`."""

import os
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from tests.bench import contestants as names
from tests.bench.load import Contestant, Load, raw, write
from tests.bench.report import rows_of, table
from tests.bench.rounds import play
from tests.bench.stage import PLACE, PYTHON, Stage, open_stage, portal_environment, requests_at
from tests.bench.web import granian, serving
from tests.portal import free_port

APPLICATION = "tests.bench.portal.wsgi:application"


@dataclass(frozen=True)
class Setting:
    """A server with its settings; gunicorn's workers are processes, so are granian's."""

    name: str
    options: tuple[str, ...]
    is_granian: bool = True

    def command(self, port: int) -> Sequence[str]:
        if self.is_granian:
            return granian(PYTHON, port, APPLICATION, self.options)
        bind = [f"--bind=127.0.0.1:{port}", "--log-level=warning", "--keep-alive=60"]
        return [str(PYTHON), "-m", "gunicorn", *bind, *self.options, APPLICATION]


def settings() -> Iterator[Setting]:
    """What is compared."""
    size: tuple[str, ...]
    for workers, threads in ((1, 1), (1, 2), (2, 1), (2, 2), (2, 4), (2, 5), (3, 1), (4, 1)):
        size = (f"--workers={workers}", f"--blocking-threads={threads}")
        yield Setting(f"granian, {workers} workers of {threads} threads", size)
    for threads in (1, 2):
        size = ("--workers=2", f"--blocking-threads={threads}", f"--backpressure={threads}")
        yield Setting(f"granian, 2 workers of {threads} threads, no more requests taken on", size)
    yield Setting("granian, 2 workers of 1 thread, st", ("--workers=2", "--blocking-threads=1", "--runtime-mode=st"))
    yield Setting("granian, 2 workers of 1 thread, mt", ("--workers=2", "--blocking-threads=1", "--runtime-mode=mt"))
    yield Setting("gunicorn, 2 sync workers", ("--workers=2", "--worker-class=sync"), is_granian=False)
    for threads in (2, 4):
        size = ("--workers=2", "--worker-class=gthread", f"--threads={threads}")
        yield Setting(f"gunicorn, 2 workers of {threads} threads", size, is_granian=False)


def contestants(stage: Stage, stack: ExitStack) -> Iterator[Contestant]:
    """Start every server; the idle ones cost nothing."""
    requests = write(
        requests_at("servers"),
        [raw("GET", "/verify", Authorization=f"Bearer {token}") for token in stage.rotation["tokens"]],
    )
    yield Load(names.FLOOR, stage.ports["constant"], requests)
    for setting in settings():
        port = free_port()
        log = PLACE / f"server-{port}.log"
        environment = portal_environment(stage.database_url)
        stack.enter_context(serving(setting.command(port), port, environment, log))
        yield Load(setting.name, port, requests)


def main() -> None:
    parser = ArgumentParser(description="Compare web servers and their settings for /verify, interleaved.")
    parser.add_argument("--tokens", type=int, default=1_000_000, help="in the table")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4, help="of each server in each round")
    given = parser.parse_args()
    with open_stage(given.tokens) as stage, ExitStack() as stack:
        figures = play(list(contestants(stage, stack)), rounds=given.rounds, seconds=given.seconds)
    print(f"\n{os.cpu_count()} cores, {given.tokens:,} tokens; medians of {given.rounds} rounds of {given.seconds} s\n")
    print(table(rows_of(figures, names.FLOOR)))


if __name__ == "__main__":
    main()
