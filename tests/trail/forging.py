"""Forgery of the audit trail, as whoever owns the database could do it: triggers off, any column, any row.

Each act knows what a verification has to name afterwards.
"""

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from accounts.chain.verifying import Finding, Wrong

LINES = """
INSERT INTO accounts_auditevent (at, action, actor_id, person_id, account_id, subject_id, before, after, reason,
    request_id, address, agent, carried_by)
SELECT timestamptz '2026-03-01' + n * interval '7.000123 seconds',
    (ARRAY['token.issue', 'token.revoke', 'policy.change'])[1 + n %% 3],
    CASE WHEN n %% 4 > 0 THEN u.id END, CASE WHEN n %% 5 > 0 THEN u.id END, CASE WHEN n %% 3 = 0 THEN a.id END, n,
    jsonb_build_object('state', 'active', 'n', n),
    CASE WHEN n %% 2 = 0 THEN '{}' ELSE '{"state": "revoked"}' END::jsonb,
    CASE WHEN n %% 3 = 0 THEN 'Grüße, ' || n ELSE '' END, md5(n::text),
    CASE WHEN n %% 4 > 0 THEN '192.0.2.0'::inet + n %% 256 END, 'curl/8.' || n %% 7,
    CASE WHEN n %% 6 = 0 THEN 'Abcdefgh12345678' ELSE '' END
FROM generate_series(1, %s) n, accounts_user u, accounts_account a
WHERE u.login_id = 'teacher' AND a.parent_id IS NULL
"""
# Another value of each type; the two forms that compare alike, a number with and without decimals, are two.
CHANGES = {
    "bigint": ("coalesce({0}, 0) + 1", "coalesce({0}, 0) + 1000000", "-coalesce({0}, 1) - 1"),
    "timestamp with time zone": (
        "{0} + interval '1 microsecond'",
        "{0} - interval '3 days'",
        "{0} + interval '1 hour'",
        "'infinity'",
        "{0} - interval '4100 years'",
    ),
    "character varying": ("left({0}, 15) || 'y'", "'x ' || left({0}, 10)", "left(upper({0}), 15) || '.'"),
    "jsonb": (
        """{0} || '{{"state": "pending"}}'""",
        """{0} || '{{"n": 1.00}}'""",
        """'{{"": null}}'""",
        "jsonb_build_array({0})",
    ),
    "inet": ("coalesce({0}, '10.0.0.1') + 1", "coalesce({0}, '::1') - 1", "set_masklen(coalesce({0}, '10.0.0.1'), 24)"),
}
CHANGES_OF_ID = ("id + 1000000", "-id")  # one that is free
Named = Callable[[Collection[Finding]], bool]


@dataclass(frozen=True, slots=True)
class Forged:
    """What was done, and whether findings name it."""

    what: str
    is_named: Named = field(repr=False)


def forge_lines(count: int) -> None:
    """Write so many lines of all sorts, as honest ones."""
    run(LINES, count)


def run(statement: str, *params: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, params or None)
        return int(cursor.rowcount)


def ask(statement: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params or None)
        return list(cursor.fetchall())


def columns() -> dict[str, str]:
    """The columns of a line with their types, as the database knows them."""
    found = ask("""
        SELECT column_name, data_type FROM information_schema.columns
        WHERE table_name = 'accounts_auditevent' AND table_schema = current_schema() ORDER BY ordinal_position
    """)
    return dict(found)


def forge(chance: random.Random) -> Forged:
    """Do one thing to the trail. Its triggers are off until the transaction ends."""
    run("SET LOCAL session_replication_role = replica")
    return chance.choice(ACTS)(chance)


def edit(chance: random.Random, column: str = "") -> Forged:
    """Change one column of one line."""
    kinds = columns()
    column = column or chance.choice(list(kinds))
    line, change = _line(chance), chance.choice(CHANGES_OF_ID if column == "id" else CHANGES[kinds[column]])
    changed = run(
        f"UPDATE accounts_auditevent SET {column} = {change.format(column)} "
        f"WHERE id = {line} AND {column}::text IS DISTINCT FROM ({change.format(column)})::text"
    )
    if not changed:  # it was that already
        return edit(chance, column)
    return Forged(f"{column} of line {line} set to {change.format(column)}", _about(line))


def remove(chance: random.Random) -> Forged:
    line = _line(chance)
    run("DELETE FROM accounts_auditevent WHERE id = %s", line)
    return Forged(f"line {line} removed", _about(line, Wrong.REMOVED))


def swap(chance: random.Random) -> Forged:
    """Let two lines change their numbers, and so their places."""
    one, other = _two(chance)
    for old, new in ((one, -1), (other, one), (-1, other)):
        run("UPDATE accounts_auditevent SET id = %s WHERE id = %s", new, old)
    return Forged(f"lines {one} and {other} swapped", lambda found: _about(one)(found) and _about(other)(found))


def swap_seals(chance: random.Random) -> Forged:
    """Let two seals change their lines."""
    one, other = _two(chance)
    for old, new in ((one, -1), (other, one), (-1, other)):
        run("UPDATE accounts_auditseal SET line = %s WHERE line = %s", new, old)
    return Forged(f"seals of {one} and {other} swapped", lambda found: _about(one)(found) and _about(other)(found))


def insert(chance: random.Random) -> Forged:
    """Slip a line in among the old ones."""
    like = _line(chance)
    names = ", ".join(name for name in columns() if name != "id")
    [(line,)] = ask(f"""
        INSERT INTO accounts_auditevent (id, {names})
        SELECT (SELECT max(id) + 7 FROM accounts_auditevent), {names} FROM accounts_auditevent WHERE id = {like}
        RETURNING id
    """)
    return Forged(f"line {line} slipped in", _about(line, Wrong.ADDED))


def edit_seal(chance: random.Random) -> Forged:
    place = _place(chance)
    run("UPDATE accounts_auditseal SET hash = sha256(hash) WHERE place = %s", place)
    return Forged(f"hash at place {place} edited", _at(place))


def move_seal(chance: random.Random) -> Forged:
    place = _place(chance)
    away = chance.choice([-3, 10_000_000])
    run("UPDATE accounts_auditseal SET place = %s WHERE place = %s", away, place)
    return Forged(f"seal moved from {place} to {away}", lambda found: _at(place)(found) or _at(away)(found))


def remove_seal(chance: random.Random) -> Forged:
    place = _place(chance)
    [(line,)] = ask("DELETE FROM accounts_auditseal WHERE place = %s RETURNING line", place)
    return Forged(f"seal at place {place} removed", _about(line, Wrong.ADDED))


def remove_both(chance: random.Random) -> Forged:
    """A line and its seal, so that only the gap in the places tells."""
    place = chance.randint(1, _last() - 1)
    [(line,)] = ask("DELETE FROM accounts_auditseal WHERE place = %s RETURNING line", place)
    run("DELETE FROM accounts_auditevent WHERE id = %s", line)
    return Forged(f"line {line} removed with its seal", _at(place))


ACTS = (*[edit] * 6, remove, swap, swap_seals, insert, edit_seal, move_seal, remove_seal, remove_both)


def _about(line: int, *wrong: Wrong) -> Named:
    return lambda found: any(each.line == line and (not wrong or each.wrong in wrong) for each in found)


def _at(place: int) -> Named:
    return lambda found: any(
        each.place is not None and each.place <= place <= (each.until or each.place) for each in found
    )


def _last() -> int:
    [(last,)] = ask("SELECT max(place) FROM accounts_auditseal")
    return int(last)


def _place(chance: random.Random) -> int:
    return chance.randint(1, _last())


def _line(chance: random.Random) -> int:
    [(line,)] = ask("SELECT line FROM accounts_auditseal WHERE place = %s", _place(chance))
    return int(line)


def _two(chance: random.Random) -> tuple[int, int]:
    one = other = _line(chance)
    while other == one:
        other = _line(chance)
    return one, other
