"""A roster that is all its source has: what the last one held and this one does not has ended there.

Canvas calls that diffing (SIS imports, `diffing_data_set_identifier`). What is missing is staged as a deleted row, so
that it ends like any row that says so, by the same code. Two cautions, since a source that is read page by page while
people work on it may drop somebody between two pages: a thing ends when it is missing from two rosters in a row, and
where much is missing at once nothing is loaded (Canvas' `change_threshold`).

An enrollment is missed only from a course that is open in the roster: of a closed one none counts, and none is listed.
Somebody who was switched off in the portal stays so: the source knows nothing of that. Who was switched off because
they were missing comes back with the source.
"""

from dataclasses import dataclass

from django.db import connection

from accounts.sis.report import Report, TooManyGone
from accounts.sis.rows import BY_NAME
from accounts.sis.run import execute, rows
from accounts.sis.staging import Stage

# Fewer people or roles that are missing stop a roster only if they are more than half: so many leave in a week.
FEWEST_GONE = 20

# What the roster holds, live or not; what it names in a row that could not be read is neither (NULL).
_SAID = """
DROP TABLE IF EXISTS pg_temp.sis_said, pg_temp.sis_gone;
CREATE TEMP TABLE sis_said ON COMMIT DROP AS
SELECT kind, key, bool_or(live) AS live FROM (
    SELECT 'accounts' AS kind, ARRAY[sis] AS key, state <> 'deleted' AS live FROM sis_account
    UNION ALL SELECT 'users', ARRAY[sis], NOT is_deleted FROM sis_person
    UNION ALL SELECT 'courses', ARRAY[sis], state <> 'deleted' FROM sis_course
    UNION ALL SELECT CASE WHEN account_sis IS NULL THEN 'enrollments' ELSE 'admins' END,
        ARRAY[user_sis, role_id::text, coalesce(course_sis, ''), section, coalesce(account_sis, '')],
        state IN ('active', 'inactive') FROM sis_held
    UNION ALL SELECT kind, ARRAY[sis], NULL FROM sis_unread
) s GROUP BY kind, key;
ANALYZE sis_said;
"""
_UNREAD = """
DROP TABLE IF EXISTS pg_temp.sis_unread;
CREATE TEMP TABLE sis_unread (kind text, sis text) ON COMMIT DROP
"""
_GONE = """
CREATE TEMP TABLE sis_gone ON COMMIT DROP AS
SELECT m.id, m.kind, m.key, m.seen FROM accounts_mentioned m
LEFT JOIN sis_said s USING (kind, key)
WHERE s.kind IS NULL AND m.seen <> 'ended'
    AND (m.kind <> 'enrollments' OR EXISTS (SELECT FROM sis_course c WHERE c.sis = m.key[3] AND c.state = 'active'))
    AND (m.kind <> 'admins' OR m.key[5] = '' OR EXISTS (SELECT FROM sis_account a WHERE a.sis = m.key[5]));
ANALYZE sis_gone;
"""
# Of people, then of roles: how many are missing, and how many are known in all.
_SHARES = """
SELECT kind = 'users', count(*) FILTER (WHERE gone), count(*) FROM (
    SELECT kind, TRUE AS gone FROM sis_gone
    UNION ALL SELECT m.kind, FALSE FROM accounts_mentioned m JOIN sis_said USING (kind, key) WHERE m.seen <> 'ended'
) k WHERE kind IN ('users', 'enrollments', 'admins') GROUP BY 1 ORDER BY 1 DESC
"""
# What is missing for the second time, or at once where somebody has looked at it and agreed.
_ENDS = "(g.seen = 'missing' OR %(at_once)s)"
_NUMBERED = "%(last)s + row_number() OVER (), %(file)s, 0"
_STAGE = {  # all ours
    "accounts": f"""
        INSERT INTO sis_account (n, file, line, sis, parent, name, state)
        SELECT {_NUMBERED}, a.sis_account_id, coalesce(p.sis_account_id, ''), a.name, 'deleted'
        FROM sis_gone g JOIN accounts_account a ON a.sis_account_id = g.key[1]
        LEFT JOIN accounts_account p ON p.id = a.parent_id
        WHERE g.kind = 'accounts' AND {_ENDS} AND a.state <> 'deleted'""",  # noqa: S608
    # Whoever has their sign-in name now gets it, also later: they need not be called by it any more.
    "users": f"""
        INSERT INTO sis_person (n, file, line, sis, login_id, is_active, is_deleted, name_if_new, sortable_if_new)
        SELECT {_NUMBERED}, l.sis_user_id, l.login_id, FALSE, TRUE, l.name, l.sortable_name FROM (
            SELECT u.sis_user_id, u.name, u.sortable_name, CASE WHEN w.sis IS NULL THEN u.login_id
                ELSE left(u.login_id, 200) || ' ' || gen_random_uuid() END AS login_id
            FROM accounts_mentioned m JOIN accounts_user u ON u.sis_user_id = m.key[1]
            LEFT JOIN sis_gone g ON g.id = m.id
            LEFT JOIN sis_said s ON (s.kind, s.key) = (m.kind, m.key)
            LEFT JOIN (SELECT DISTINCT ON (lower(login_id)) * FROM sis_person) w
                ON lower(w.login_id) = lower(u.login_id)
            WHERE m.kind = 'users' AND s.kind IS NULL
                AND (g.id IS NOT NULL AND {_ENDS} OR m.seen = 'ended' AND w.sis IS NOT NULL)
        ) l""",  # noqa: S608
    "courses": f"""
        INSERT INTO sis_course (n, file, line, sis, code, name, account_sis, state, dated)
        SELECT {_NUMBERED}, c.sis_course_id, c.code, c.name, coalesce(a.sis_account_id, ''), 'deleted', FALSE
        FROM sis_gone g JOIN accounts_course c ON c.sis_course_id = g.key[1]
        JOIN accounts_account a ON a.id = c.account_id
        WHERE g.kind = 'courses' AND {_ENDS} AND c.state <> 'deleted'""",  # noqa: S608
    "enrollments": f"""
        INSERT INTO sis_held (n, file, line, user_sis, role_id, course_sis, section, state, dated)
        SELECT {_NUMBERED}, key[1], key[2]::bigint, key[3], key[4], 'deleted', FALSE
        FROM sis_gone g WHERE g.kind = 'enrollments' AND {_ENDS}""",  # noqa: S608
    "admins": f"""
        INSERT INTO sis_held (n, file, line, user_sis, role_id, section, account_sis, state, dated)
        SELECT {_NUMBERED}, key[1], key[2]::bigint, key[4], key[5], 'deleted', FALSE
        FROM sis_gone g WHERE g.kind = 'admins' AND {_ENDS}""",  # noqa: S608
}
_STAYS_OFF = """
UPDATE sis_person p SET is_active = FALSE FROM accounts_user u
WHERE u.sis_user_id = p.sis AND p.is_active AND NOT u.is_active AND NOT EXISTS (
    SELECT FROM accounts_mentioned m WHERE m.kind = 'users' AND m.key = ARRAY[p.sis] AND m.seen = 'ended')
"""
# In this order: what ended is forgotten, but of people; what is missing is noted; what is there is.
_REMEMBER = f"""
DELETE FROM accounts_mentioned m USING sis_gone g WHERE g.id = m.id AND g.kind <> 'users' AND {_ENDS};
UPDATE accounts_mentioned m SET seen = CASE WHEN {_ENDS} THEN 'ended' ELSE 'missing' END
FROM sis_gone g WHERE g.id = m.id;
DELETE FROM accounts_mentioned m USING sis_said s WHERE (s.kind, s.key) = (m.kind, m.key) AND NOT s.live;
UPDATE accounts_mentioned m SET seen = 'there' FROM sis_said s
WHERE (s.kind, s.key) = (m.kind, m.key) AND s.live AND m.seen <> 'there';
INSERT INTO accounts_mentioned (kind, key, seen)
SELECT s.kind, s.key, 'there' FROM sis_said s LEFT JOIN accounts_mentioned m USING (kind, key)
WHERE s.live AND m.id IS NULL;
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Complete:
    """How a roster that is complete is taken: at most so many percent may be gone; all at once if `agreed`."""

    most_gone: float
    agreed: bool = False


def compare(complete: Complete, stage: Stage, report: Report) -> None:
    """Stage what is missing, and remember what is there; before anything is resolved, in the import's transaction.

    Raises TooManyGone.
    """
    execute(_UNREAD)
    with connection.cursor() as cursor, cursor.copy("COPY sis_unread (kind, sis) FROM STDIN") as copy:
        for named in stage.unread:
            copy.write_row(named)
    execute(_SAID + _GONE)
    if not complete.agreed:
        _refuse_many(complete.most_gone)
    execute(_STAYS_OFF)
    for kind in BY_NAME.keys() & _STAGE.keys():
        _stage(kind, complete, stage, report)
    _execute(_REMEMBER, at_once=complete.agreed)


def _refuse_many(most_gone: float) -> None:
    for is_people, gone, known in rows(_SHARES):
        if gone * 100 > known * most_gone and (gone >= FEWEST_GONE or gone * 2 > known):
            raise TooManyGone(gone, known, is_people=is_people)


def _stage(kind: str, complete: Complete, stage: Stage, report: Report) -> None:
    number = stage.number_of(kind)
    if number is None:
        return
    staged = _execute(_STAGE[kind], at_once=complete.agreed, last=stage.last, file=number)
    stage.last += staged
    report.of(kind).rows += staged


def _execute(statements: str, **params: str | float | bool) -> int:
    """Run statements with values; return how many rows the last one wrote."""
    written = 0
    with connection.cursor() as cursor:
        for statement in filter(str.strip, statements.split(";")):
            cursor.execute(statement, params)
            written = cursor.rowcount
    return written
