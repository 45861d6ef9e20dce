"""The embedded servers: started by the first who needs them, shared, stopped with the last, whatever happens."""

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import psutil
import psycopg
import pytest
import redis

from tests.runtime.conftest import User, is_stopped, open_place, server_process
from tokenportal import embedded
from tokenportal.embedded import account, locks
from tokenportal.embedded.postgres import Postgres
from tokenportal.embedded.redis_server import Redis

Join = Callable[[], User]
NAMES = ("postgres", "redis")


def write(user: User) -> None:
    """Leave something in both servers."""
    with psycopg.connect(user.database_url) as connection:
        connection.execute("CREATE TABLE kept (what text)")
        connection.execute("INSERT INTO kept VALUES ('a row')")
    with redis.Redis.from_url(user.redis_url) as client:
        client.set("kept", "a value")


def read(user: User) -> tuple[object, object]:
    """Return what `write` left."""
    with psycopg.connect(user.database_url) as connection, redis.Redis.from_url(user.redis_url) as client:
        row = connection.execute("SELECT what FROM kept").fetchone()
        return row, client.get("kept")


KEPT = (("a row",), b"a value")


def test_servers_keep_their_data_and_leave_no_process(join: Join, data: Path) -> None:
    first = join()
    write(first)
    assert first.leave() == ""
    assert all(is_stopped(data, name) for name in NAMES)
    assert read(join()) == KEPT


def test_servers_stay_until_the_last_user_leaves(join: Join, data: Path) -> None:
    first, second = join(), join()
    assert first.said == second.said
    write(first)
    first.leave()
    assert read(second) == KEPT
    second.leave()
    assert all(is_stopped(data, name) for name in NAMES)


def test_servers_stop_when_their_only_user_is_killed(join: Join, data: Path) -> None:
    join().kill()
    assert all(locks.wait_until(lambda name=name: is_stopped(data, name), seconds=120) for name in NAMES)  # type: ignore[misc]


def test_many_users_at_once_get_one_pair_of_servers(join: Join) -> None:
    said = {tuple(user.said) for user in [join() for _ in range(4)]}
    assert len(said) == 1
    assert len(said.pop()) == 2


def test_a_machine_that_lost_power_starts_again_with_its_data(join: Join, data: Path) -> None:
    user = join()
    write(user)
    for name in NAMES:
        server = server_process(data, name)
        keeper = server.parent()
        assert keeper
        keeper.kill()
        server.kill()
    user.kill()
    assert (data / "postgres" / "postmaster.pid").exists()
    assert read(join()) == KEPT


def test_a_server_whose_keeper_was_killed_is_ended_before_another_starts(join: Join, data: Path) -> None:
    user = join()
    write(user)
    left = [server_process(data, name) for name in NAMES]
    for server in left:
        keeper = server.parent()
        assert keeper
        keeper.kill()
    user.kill()
    assert read(join()) == KEPT
    assert not any(server.is_running() and server.status() != psutil.STATUS_ZOMBIE for server in left)


def test_a_server_that_was_killed_comes_back_at_the_same_address(join: Join, data: Path) -> None:
    user = join()
    write(user)
    for name in NAMES:
        server_process(data, name).kill()
    assert locks.wait_until(lambda: Postgres.answers(user.database_url) and Redis.answers(user.redis_url), seconds=120)
    assert read(user)[0] == ("a row",)


def test_a_deep_and_oddly_named_directory_works(environment: dict[str, str], join: Join, data: Path) -> None:
    deep = data / "A b%20c" / ("d" * 60) / ("e" * 60)
    environment["TOKENPORTAL_DATA"] = str(deep)
    user = join()
    server_process(deep, "postgres").kill()
    assert locks.wait_until(lambda: Postgres.answers(user.database_url), seconds=120)
    sockets = Path(unquote(user.database_url.rpartition("host=")[2]))
    assert sockets.exists()
    user.leave()
    assert is_stopped(deep, "postgres")
    assert not sockets.exists()


def test_an_oddly_named_directory_holds_its_own_socket(environment: dict[str, str], join: Join) -> None:
    with open_place('A "b%20') as short:
        environment["TOKENPORTAL_DATA"] = str(short)
        user = join()
        assert (short / "postgres" / ".s.PGSQL.5432").is_socket()
        assert Postgres.answers(user.database_url)
        user.leave()


def test_redis_obeys_nobody_without_its_password(join: Join) -> None:
    address = join().redis_url.rpartition("@")[2]
    assert not Redis.answers(f"redis://{address}")


def test_only_the_server_that_is_not_named_is_started(environment: dict[str, str], join: Join, data: Path) -> None:
    environment["DATABASE_URL"] = "postgres://db.example.edu/portal"
    assert join().database_url == "postgres://db.example.edu/portal"
    assert not (data / "postgres").exists()
    assert (data / "redis").exists()


def test_without_debug_they_are_refused_with_what_to_set(environment: dict[str, str], join: Join) -> None:
    environment["DEBUG"] = "0"
    complaint = join().leave()
    assert complaint.startswith("Set DATABASE_URL and REDIS_URL: with DEBUG off no embedded server is started.")


def test_a_server_that_does_not_start_shows_the_end_of_its_log(join: Join, data: Path) -> None:
    join().leave()
    (data / "postgres" / "postgresql.conf").write_text("no_such_setting = 1\n")
    complaint = join().leave()
    assert complaint.startswith(f"PostgreSQL did not start. The end of {data}/postgres.log:")
    assert "no_such_setting" in complaint


def test_a_directory_that_cannot_be_made_is_said_plainly(environment: dict[str, str], join: Join) -> None:
    environment["TOKENPORTAL_DATA"] = "/dev/null/data"
    assert join().leave().startswith("Set TOKENPORTAL_DATA to a directory you can write to")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_for_root_the_servers_run_as_nobody_and_may_pass_through_the_directories(join: Join, data: Path) -> None:
    data.parent.chmod(0o700)
    user = join()
    assert server_process(data, "postgres").username() == "nobody"
    assert server_process(data, "redis").username() == "nobody"
    assert data.parent.stat().st_mode & 0o777 == 0o701
    assert f"chmod o+x {data.parent}" in user.leave()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root meets other people's directories")
def test_for_root_the_servers_run_as_the_owner_of_their_directory(tmp_path: Path) -> None:
    os.chown(tmp_path, 1234, 1234)
    assert account.identity(tmp_path) == {"user": 1234, "group": 1234, "extra_groups": []}


def test_the_words_for_debug_are_those_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for word, meaning in {
        "1": True,
        "true": True,
        "Yes": True,
        "on": True,
        "0": False,
        "": False,
        "off": False,
    }.items():
        monkeypatch.setenv("DEBUG", word)
        assert embedded.is_debug() is meaning
