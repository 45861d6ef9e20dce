"""What stands in the database, as one number: whoever was refused must have changed nothing of it."""

from functools import cache

from django.apps import apps
from django.db import connection

# Written also where a request is refused: who tried to sign in, when a browser was here, what somebody was refused.
_LEFT_OUT = frozenset(
    {"django_session", "accounts_browser", "axes_accessattempt", "axes_accessfailurelog", "axes_accesslog"}
)
_BUT = {"accounts_auditevent": "WHERE action <> 'act.refuse'"}


@cache
def tables() -> tuple[str, ...]:
    """Every table of a model but those left out."""
    named = {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed}
    return tuple(sorted(named - _LEFT_OUT))


@cache
def _statement() -> str:
    one = "SELECT '{0}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM {0} t {1}"
    return " UNION ALL ".join(one.format(table, _BUT.get(table, "")) for table in tables())


def digest() -> dict[str, tuple[int, str]]:
    """Of each table how many rows there are, and what they come to."""
    with connection.cursor() as cursor:
        cursor.execute(_statement())
        return {table: (count, total) for table, count, total in cursor.fetchall()}


def differing(before: dict[str, tuple[int, str]], after: dict[str, tuple[int, str]]) -> list[str]:
    """The tables that are not as they were."""
    return [table for table, facts in before.items() if after[table] != facts]
