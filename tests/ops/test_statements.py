"""A statement of a web request ends before nginx gives up on it, and whoever asked is told to come again."""

import re

import pytest
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections

from tokenportal import statements, wsgi
from tokenportal.embedded import REPOSITORY


@pytest.fixture
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections.settings[DEFAULT_DB_ALIAS]["OPTIONS"], "options", "")
    statements.limit(0.05)


@pytest.mark.usefixtures("_short")
@pytest.mark.django_db
def test_postgresql_ends_what_takes_too_long() -> None:
    fresh = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with fresh.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0)")
            with pytest.raises(OperationalError, match="statement timeout"):
                cursor.execute("SELECT pg_sleep(60)")
    finally:
        fresh.close()


def test_web_processes_have_such_a_limit_and_it_is_over_before_nginx_gives_up() -> None:
    assert callable(wsgi.application)
    options = connections.settings[DEFAULT_DB_ALIAS]["OPTIONS"]["options"]
    assert f"-c statement_timeout={statements.MOST * 1000}" in options
    shipped = (REPOSITORY / "deploy/nginx/portal.conf").read_text()
    assert max(int(seconds) for seconds in re.findall(r"proxy_read_timeout (\d+)s", shipped)) > statements.MOST
