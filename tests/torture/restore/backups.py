"""Backups of the stage's PostgreSQL as an operator makes them: a dump, or the files of the whole cluster."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg

from tokenportal.embedded import account
from tokenportal.embedded.postgres import DATABASE, Postgres

Restore = Callable[[], None]


def run(postgres: Postgres, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs."""
    command = [str(postgres.program().with_name(program)), *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd="/", **account.identity(postgres.directory)
    )
    assert done.returncode == 0, done.stderr


def dump(postgres: Postgres, place: Path) -> Restore:
    """`pg_dump`, and back into a new database: connections to the old one are cut."""
    run(postgres, "pg_dump", "--format=custom", "--compress=none", f"--file={place}", postgres.url)

    def restore() -> None:
        with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {DATABASE}")
        run(postgres, "pg_restore", "--exit-on-error", f"--dbname={postgres.url}", str(place))

    return restore


def copy_files(postgres: Postgres, place: Path) -> Restore:
    """`pg_basebackup`, and back in the place of the cluster, which is stopped for it."""
    whole = postgres.url_of("postgres")
    run(postgres, "pg_basebackup", f"--pgdata={place}", "--checkpoint=fast", "--no-sync", f"--dbname={whole}")

    def restore() -> None:
        postgres.stop()
        shutil.rmtree(postgres.directory)
        done = subprocess.run(["cp", "-a", str(place), str(postgres.directory)], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        postgres.start()

    return restore


KINDS = {"dump": dump, "files": copy_files}


def place_for(postgres: Postgres, directory: Path, name: str) -> Path:
    """Where a backup goes: a directory that PostgreSQL's user may write to."""
    backups = directory / "backups"
    if not backups.exists():
        backups.mkdir()
        who = account.identity(postgres.directory)
        if who:
            shutil.chown(backups, who["user"], who["group"])
    return backups / name
