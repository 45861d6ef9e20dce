"""courses.csv: what is taught, where and when. Terms are not kept; a course without dates of its own has none."""

from accounts.sis.run import Run, execute, rows

_ACCOUNT = """LEFT JOIN accounts_account a
    ON a.sis_account_id = s.account_sis OR (s.account_sis = '' AND a.parent_id IS NULL)"""
_DIFFERS = """(c.state, c.account_id) IS DISTINCT FROM (s.state, a.id)
    OR s.dated AND (c.starts_at, c.ends_at) IS DISTINCT FROM (s.starts_at, s.ends_at)"""
# People in courses that move, open, close, or change their dates; more than needed where a row turns out to be bad.
TOUCHED = f"""
SELECT e.user_id FROM sis_course s JOIN accounts_course c ON c.sis_course_id = s.sis {_ACCOUNT}
JOIN accounts_enrollment e ON e.course_id = c.id WHERE {_DIFFERS}
"""  # noqa: S608  # all ours
_RESOLVE = f"""
CREATE TEMP TABLE sis_taught ON COMMIT DROP AS
SELECT s.*, c.id AS course_id, a.id AS account_id, c.account_id AS was_account_id,
    c.id IS NOT NULL AND ({_DIFFERS}) AS turns,
    CASE WHEN a.id IS NULL THEN 'bad'
        WHEN row_number() OVER (PARTITION BY s.sis, a.id IS NULL ORDER BY s.n DESC) > 1 THEN 'repeat'
        WHEN c.id IS NULL THEN 'new'
        WHEN c.state = 'active' AND s.state <> 'active' THEN 'end'
        WHEN (c.code, c.name) IS DISTINCT FROM (s.code, s.name) OR {_DIFFERS} THEN 'update'
        ELSE 'none' END AS change
FROM sis_course s LEFT JOIN accounts_course c ON c.sis_course_id = s.sis {_ACCOUNT}
"""  # noqa: S608
_BAD = "SELECT file, line, format('account_id “%s” is not known', account_sis) FROM sis_taught WHERE change = 'bad'"
_FACTS = """jsonb_build_object('sis_course_id', {0}.sis_course_id, 'code', {0}.code, 'name', {0}.name,
    'account', {0}.account_id, 'state', {0}.state, 'starts_at', {0}.starts_at, 'ends_at', {0}.ends_at)"""
_INSERT = f"""
INSERT INTO accounts_course AS c (sis_course_id, code, name, account_id, state, starts_at, ends_at)
SELECT sis, code, name, account_id, state, starts_at, ends_at FROM sis_taught WHERE change = 'new'
RETURNING NULL::bigint, c.account_id, c.id, '{{}}'::jsonb, {_FACTS.format("c")}
"""  # noqa: S608
_UPDATE = f"""
UPDATE accounts_course c SET code = s.code, name = s.name, account_id = s.account_id, state = s.state,
    starts_at = CASE WHEN s.dated THEN s.starts_at ELSE c.starts_at END,
    ends_at = CASE WHEN s.dated THEN s.ends_at ELSE c.ends_at END
FROM sis_taught s JOIN accounts_course o ON o.id = s.course_id
WHERE c.id = s.course_id AND s.change IN ('update', 'end')
RETURNING NULL::bigint, c.account_id, c.id, {_FACTS.format("o")}, {_FACTS.format("c")}
"""  # noqa: S608
# A role in a course is held in the course's account.
_MOVE_ROLES = """
UPDATE accounts_enrollment e SET account_id = s.account_id FROM sis_taught s
WHERE e.course_id = s.course_id AND s.change IN ('update', 'end') AND s.account_id <> s.was_account_id
"""
_TURNED = """
SELECT DISTINCT e.user_id FROM accounts_enrollment e JOIN sis_taught s USING (course_id)
WHERE s.turns AND s.change IN ('update', 'end')
"""


def apply(run: Run) -> None:
    """Write the courses; the people in them must be locked, and the accounts written."""
    execute(_RESOLVE)
    run.refuse(_BAD)
    run.count("sis_taught")
    run.told.update(user_id for (user_id,) in rows(_TURNED))
    run.write("course.change", _UPDATE)
    execute(_MOVE_ROLES)
    run.write("course.add", _INSERT)
