"""The code before a migration survives it: django-migration-linter looks at the SQL of each.

A server with the code before runs on while its neighbour is started anew, and after a step back.
"""

import pytest
from django.db.migrations.loader import MigrationLoader
from django_migration_linter import MigrationLinter
from django_migration_linter.sql_analyser.analyser import analyse_sql_statements, get_sql_analyser_class

from tokenportal.embedded import REPOSITORY

# The last ones before there was anybody whom a deploy could disturb. What comes after is judged.
LAST_BEFORE = {"accounts": "0014_wrong_code", "policies": "0010_notice_days", "tokens": "0042_journal_triggers"}


def new_ones() -> list[tuple[str, str]]:
    """The migrations behind those, from the disk alone."""
    names = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return sorted((app, name) for app, name in names if app in LAST_BEFORE and name > LAST_BEFORE[app])


def wrong_in(app: str, name: str) -> list[str]:
    """What the code before would stumble over."""
    linter = MigrationLinter(str(REPOSITORY), include_apps=[app], no_cache=True, no_output=True)
    errors, _ignored, _warnings = analyse_sql_statements(
        get_sql_analyser_class("postgresql"), linter.get_sql(app, name), []
    )
    return [error.code for error in errors]


def test_the_baseline_is_there() -> None:
    disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    assert set(LAST_BEFORE.items()) <= set(disk)


@pytest.mark.django_db
def test_the_code_before_survives_every_migration() -> None:
    """Where one has to break this, do it in two releases: first code that needs the old shape no more."""
    assert {f"{app} {name}": wrong for app, name in new_ones() if (wrong := wrong_in(app, name))} == {}


@pytest.mark.django_db
def test_a_column_that_goes_and_a_rule_that_comes_are_found() -> None:
    assert wrong_in("tokens", "0023_pause_report") == ["DROP_COLUMN", "ADD_UNIQUE"]
