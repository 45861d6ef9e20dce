"""What the benchmark runs on: databases with people and tokens in them, and four web servers."""

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tests.bench.web import serving_with_granian
from tokenportal import embedded
from tokenportal.embedded import REPOSITORY

PLACE = REPOSITORY / "var" / "bench"
PYTHON = PLACE / "venv" / "bin" / "python"
ARGON2 = PLACE / "argon2.calls"
TOKENS_EACH = 10  # of a person
ROTATION = 1_000  # tokens presented in turn


@dataclass(frozen=True)
class Stage:
    """Where everything is. `rotation` and `peers` are the credentials that the load presents."""

    database_url: str
    rotation: dict[str, Any]
    peers: dict[str, list[str]]
    ports: dict[str, int]  # of: portal, bare, peers, constant


@contextmanager
def open_stage(tokens: int) -> Iterator[Stage]:
    """Have it all running until the end of the block; a database of this size that is there is used again."""
    os.environ.setdefault("DEBUG", "1")  # of this process, for the embedded servers; the portal runs without
    os.environ["TOKENPORTAL_DATA"] = str(PLACE / "data")
    ARGON2.write_bytes(b"")
    with embedded.servers(), ExitStack() as stack:
        portal, peers = database(f"portal_{tokens}"), database("peers")
        rotation = _school(portal, tokens)
        credentials = _people_of_peers(peers)
        of_portal, of_peers = portal_environment(portal), _peers_environment(peers)
        servers = {
            "constant": ("tests.bench.constant:application", {}),
            "portal": ("tests.bench.portal.wsgi:application", of_portal),
            "bare": (
                "tests.bench.portal.wsgi:application",
                {**of_portal, "DJANGO_SETTINGS_MODULE": "tests.bench.portal.bare"},
            ),
            "peers": ("tests.bench.peers.wsgi:application", of_peers),
        }
        ports = {
            name: stack.enter_context(serving_with_granian(PYTHON, application, environment, PLACE / f"{name}.log"))
            for name, (application, environment) in servers.items()
        }
        yield Stage(portal, rotation, credentials, ports)


def portal_environment(database: str) -> dict[str, str]:
    """The portal as a school runs it: DEBUG off, keys of its own, plain HTTP behind a proxy that is not there."""
    key = base64.b64encode(b"a key that is good for a benchmark only").decode()
    return {
        "DEBUG": "0",
        "DJANGO_SETTINGS_MODULE": "tests.bench.portal.settings",
        "DATABASE_URL": database,
        "REDIS_URL": os.environ["REDIS_URL"],
        "SECRET_KEY": key,
        "TOKEN_KEYS": f"bench:{key}",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECURE_SSL_REDIRECT": "0",
        "API_RATE": "1000000000/min",  # a thousand people ask for all
        "BENCH_ARGON2": str(ARGON2),
    }


def _peers_environment(database: str) -> dict[str, str]:
    return {"PEERS_DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "tests.bench.peers.settings"}


def database(name: str) -> str:
    """The URL of a database of this name, made if there is none."""
    server = os.environ["DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return urlsplit(server)._replace(path=f"/{name}").geturl()


def _school(url: str, tokens: int) -> dict[str, Any]:
    """The portal's people and tokens, made unless they are there."""
    environment = portal_environment(url)
    run([str(PYTHON), "manage.py", "migrate", "--verbosity=0"], environment)
    size = [str(tokens), str(max(tokens // TOKENS_EACH, 1)), str(min(ROTATION, tokens))]
    found: dict[str, Any] = _kept(f"portal_{tokens}", ["tests.bench.seed", *size], environment)
    return found


def _people_of_peers(database: str) -> dict[str, list[str]]:
    command = ["tests.bench.peers.seed", str(ROTATION)]
    found: dict[str, list[str]] = _kept("peers", command, _peers_environment(database))
    return found


def _kept(name: str, module: list[str], environment: dict[str, str]) -> Any:
    """What the module printed when it filled the database, now or in an earlier run."""
    path = PLACE / "data" / f"{name}.json"
    if not path.exists():
        print(f"Filling {name}; this happens once.", flush=True)
        text = run([str(PYTHON), "-m", *module], environment)
        path.touch(0o600)
        path.write_text(text)
    return json.loads(path.read_text())


def run(command: list[str], environment: dict[str, str]) -> str:
    """Run a command of ours to its end; what it printed."""
    done = subprocess.run(
        command, cwd=REPOSITORY, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stderr}")
    return done.stdout


def requests_at(name: str) -> Path:
    """Where the requests of a contestant are kept for wrk."""
    directory = PLACE / "requests"
    directory.mkdir(exist_ok=True)
    return directory / name
