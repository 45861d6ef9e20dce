"""Fixtures that every test may ask for."""

import math
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from tests.cast import School
from tokens.inventory import keeping
from tokens.journal import gate

# An example that takes long was made on a busy machine. Where CI is set, hypothesis takes the same examples each time.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker, journals: Iterator[Path]) -> None:
    """Let tests that commit empty the audit trail after themselves; everywhere else the database refuses that.

    The doors look at the journal now, and then only where a test has them: once a second would be a matter of luck
    where queries are counted.
    """
    gate.EVERY = 86400.0
    django_settings.REVOCATION_JOURNAL = next(journals)
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_auditevent DISABLE TRIGGER audit_no_truncate")
        cursor.execute("ALTER TABLE accounts_auditseal DISABLE TRIGGER seal_no_truncate")
        gate.require_open()


@pytest.fixture(scope="session")
def journals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Places for journals of endings, as many as wanted."""
    place = tmp_path_factory.mktemp("journals")
    return (place / str(number) for number in count())


@pytest.fixture(autouse=True)
def _journal_of_a_test(journals: Iterator[Path]) -> None:
    """Let the journal of a test go with what it has written: the next one finds a database that knows nothing of it."""
    django_settings.REVOCATION_JOURNAL = next(journals)


@pytest.fixture(autouse=True)
def _figures_of_a_test() -> Iterator[None]:
    """Forget the figures of a large school: they are kept for a minute, and the next test has the same root account."""
    yield
    keeping.forget()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let those in a browser come last: its event loop runs on, and the ORM refuses to work beside one.

    Of these the largest modules come first, or the process that gets them works on when the others are done.
    """
    sizes = Counter(item.path for item in items)
    items.sort(key=lambda item: sizes[item.path] if _is_in_browser(item) else math.inf, reverse=True)


def _is_in_browser(item: pytest.Item) -> bool:
    return "browser" in getattr(item, "fixturenames", ())


@pytest.fixture
def school(db: None) -> School:
    """The small school of `tests.cast`."""
    return School()
