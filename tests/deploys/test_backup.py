"""The script that makes backups, with the real pg_dump: a dump can be restored, a broken one gets no name."""

import os
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.portal import fresh_database
from tokenportal.embedded import REPOSITORY
from tokenportal.embedded.postgres import Postgres

SCRIPT = REPOSITORY / "deploy" / "backup" / "backup.sh"
DAY = 86400


def environment(url: str, place: Path) -> dict[str, str]:
    """What compose gives to the script, of the tests' server."""
    parts = urlsplit(url)
    with psycopg.connect(url) as connection:
        info = connection.info
        return {
            "PATH": f"{Postgres.program().parent}:{os.environ['PATH']}",
            "PGHOST": info.host,
            "PGPORT": str(info.port),
            "PGUSER": info.user,
            "PGDATABASE": parts.path.removeprefix("/"),
            "BACKUP_DIR": str(place / "backups"),
            "BACKUP_DAYS": "30",
        }


def run(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", str(SCRIPT), *arguments], env=env, capture_output=True, text=True, check=False)


def dumps(place: Path) -> list[Path]:
    return sorted((place / "backups").glob("*"))


def test_a_dump_brings_everything_back(migrated: str, tmp_path: Path) -> None:
    with fresh_database(migrated) as url, fresh_database() as empty:
        env = environment(url, tmp_path)
        done = run("once", env=env)
        assert done.returncode == 0, done.stderr
        [dump] = dumps(tmp_path)
        assert dump.stat().st_mode & 0o077 == 0
        name = urlsplit(empty).path.removeprefix("/")
        subprocess.run(["pg_restore", f"--dbname={name}", str(dump)], env=env, check=True)
        count = "SELECT count(*) FROM django_migrations"
        with psycopg.connect(url) as one, psycopg.connect(empty) as other:
            assert one.execute(count).fetchone() == other.execute(count).fetchone()


def test_what_cannot_be_dumped_leaves_no_dump_and_says_so(migrated: str, tmp_path: Path) -> None:
    with fresh_database(migrated) as url:
        env = environment(url, tmp_path)
        assert run("once", env=env).returncode == 0
        kept = dumps(tmp_path)
        broken = run("once", env={**env, "PGDATABASE": "not_there"})
        assert broken.returncode != 0
        assert [path for path in dumps(tmp_path) if not path.name.startswith(".")] == kept
        assert run("once", env=env).returncode == 0
        assert not [path for path in dumps(tmp_path) if path.name.startswith(".")]


def test_old_dumps_go_but_never_the_last_three(migrated: str, tmp_path: Path) -> None:
    place = tmp_path / "backups"
    place.mkdir()
    ages = {
        40: "tokenportal-20260101T000000Z.dump",
        35: "tokenportal-20260106T000000Z.dump",
        32: "tokenportal-20260109T000000Z.dump",
    }
    ages[29] = "tokenportal-20260112T000000Z.dump"
    for days, name in ages.items():
        (place / name).touch()
        os.utime(place / name, (time.time() - days * DAY,) * 2)
    with fresh_database(migrated) as url:
        assert run("once", env=environment(url, tmp_path)).returncode == 0
    left = [path.name for path in dumps(tmp_path)]
    assert len(left) == 3
    assert left[:2] == [ages[32], ages[29]]


@pytest.mark.parametrize(("hours", "code"), [(25, 0), (27, 1), (None, 1)])
def test_the_check_knows_how_old_the_newest_dump_may_be(tmp_path: Path, hours: int | None, code: int) -> None:
    place = tmp_path / "backups"
    place.mkdir()
    if hours is not None:
        (place / "tokenportal-20260101T000000Z.dump").touch()
        os.utime(place / "tokenportal-20260101T000000Z.dump", (time.time() - hours * 3600,) * 2)
    assert run("check", env={**os.environ, "BACKUP_DIR": str(place)}).returncode == code
