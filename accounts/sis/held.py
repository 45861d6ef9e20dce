"""enrollments.csv and admins.csv: who holds which role where.

A role is one of a person, in a course (or account) and section; of two rows about the same the later one counts. A row
that ends a role nobody holds changes nothing. What the files do not mention stays as it is. A role that claims gave is
the roster's once it is mentioned: it no longer ends when the claim is gone.
"""

from accounts.sis.run import SLICE, Run, execute

_RESOLVED = """
SELECT h.n, h.file, h.line, h.role_id, h.section, h.state, h.starts_at, h.ends_at, h.dated,
    u.id AS user_id, c.id AS course_id, coalesce(c.account_id, a.id) AS account_id,
    CASE WHEN w.sis IS NOT NULL AND h.state <> 'deleted' THEN format('user_id “%s” is deleted in users.csv', w.sis)
        WHEN u.id IS NULL THEN format('user_id “%s” is not known', h.user_sis)
        WHEN h.account_sis IS NOT NULL AND a.id IS NULL THEN format('account_id “%s” is not known', h.account_sis)
        WHEN h.course_sis IS NOT NULL AND c.id IS NULL THEN format('course_id “%s” is not known', h.course_sis)
        WHEN h.account_sis IS NULL AND c.id IS NULL
            THEN format('section_id “%s” is not in sections.csv with a known course_id', h.section)
        WHEN g.retired_at IS NOT NULL AND h.state = 'active' AND NOT EXISTS (
            SELECT FROM accounts_enrollment x
            WHERE x.user_id = u.id AND x.role_id = g.id AND x.account_id = coalesce(c.account_id, a.id)
                AND x.course_id IS NOT DISTINCT FROM c.id AND x.sis_section_id = h.section AND x.state = 'active')
            THEN format('role “%s” is retired', g.label)
    END AS reason
FROM sis_held h
JOIN accounts_role g ON g.id = h.role_id
LEFT JOIN (SELECT DISTINCT ON (sis) sis, course_sis FROM sis_section ORDER BY sis, n DESC) s
    ON h.course_sis IS NULL AND s.sis = h.section
LEFT JOIN accounts_user u ON u.sis_user_id = h.user_sis
LEFT JOIN accounts_course c ON c.sis_course_id = coalesce(h.course_sis, s.course_sis)
LEFT JOIN sis_place a ON a.sis = h.account_sis
LEFT JOIN sis_who w ON w.sis = h.user_sis AND w.is_deleted AND w.change NOT IN ('repeat', 'bad')
"""
# '' stands for the root.
_PLACES = """
CREATE TEMP TABLE sis_place ON COMMIT DROP AS
SELECT sis_account_id AS sis, id FROM accounts_account WHERE sis_account_id IS NOT NULL
UNION ALL SELECT '', id FROM accounts_account WHERE parent_id IS NULL
"""
_SAME_DATES = "(NOT r.dated OR (e.starts_at, e.ends_at) IS NOT DISTINCT FROM (r.starts_at, r.ends_at))"
TOUCHED = f"""
SELECT r.user_id FROM ({_RESOLVED}) r
WHERE r.user_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM accounts_enrollment e
    WHERE e.user_id = r.user_id AND e.role_id = r.role_id AND e.account_id = r.account_id
        AND e.course_id IS NOT DISTINCT FROM r.course_id AND e.sis_section_id = r.section
        AND e.state = r.state AND e.given_by = '' AND {_SAME_DATES})
"""  # noqa: S608  # all ours
_RESOLVE = f"""
CREATE TEMP TABLE sis_role ON COMMIT DROP AS
SELECT r.*, e.id AS held_id, CASE
    WHEN r.reason IS NOT NULL THEN 'bad'
    WHEN row_number() OVER (PARTITION BY r.user_id, r.role_id, r.account_id, r.course_id, r.section, r.reason IS NULL
        ORDER BY r.n DESC) > 1 THEN 'repeat'
    WHEN e.id IS NULL THEN CASE WHEN r.state = 'deleted' THEN 'none' ELSE 'new' END
    WHEN e.state = 'active' AND r.state <> 'active' THEN 'end'
    WHEN e.state = r.state AND e.given_by = '' AND {_SAME_DATES} THEN 'none'
    ELSE 'update' END AS change
FROM ({_RESOLVED}) r
LEFT JOIN accounts_enrollment e ON e.user_id = r.user_id AND e.role_id = r.role_id AND e.account_id = r.account_id
    AND e.course_id IS NOT DISTINCT FROM r.course_id AND e.sis_section_id = r.section;
CREATE INDEX ON sis_role (n);
ANALYZE sis_role;
"""  # noqa: S608
_BAD = "SELECT file, line, reason FROM sis_role WHERE change = 'bad'"
_FACTS = """jsonb_build_object('role', {0}.role_id, 'course', {0}.course_id, 'state', {0}.state,
    'starts_at', {0}.starts_at, 'ends_at', {0}.ends_at)
    || CASE WHEN {0}.given_by <> '' THEN jsonb_build_object('given_by', {0}.given_by) ELSE '{{}}' END"""
_INSERT = f"""
INSERT INTO accounts_enrollment AS e
    (user_id, role_id, account_id, course_id, sis_section_id, state, starts_at, ends_at)
SELECT user_id, role_id, account_id, course_id, section, state, starts_at, ends_at
FROM sis_role WHERE change = 'new' AND n BETWEEN %(low)s AND %(high)s
RETURNING e.user_id, e.account_id, e.id, '{{}}'::jsonb, {_FACTS.format("e")}
"""  # noqa: S608
_UPDATE = f"""
UPDATE accounts_enrollment e SET state = r.state, given_by = '',
    starts_at = CASE WHEN r.dated THEN r.starts_at ELSE e.starts_at END,
    ends_at = CASE WHEN r.dated THEN r.ends_at ELSE e.ends_at END
FROM sis_role r JOIN accounts_enrollment o ON o.id = r.held_id
WHERE e.id = r.held_id AND r.change IN ('update', 'end') AND r.n BETWEEN %(low)s AND %(high)s
RETURNING e.user_id, e.account_id, e.id, {_FACTS.format("o")}, {_FACTS.format("e")}
"""  # noqa: S608


def prepare() -> None:
    """Note the accounts by what the files call them. Once before the locks, and again when accounts were written."""
    execute(f"DROP TABLE IF EXISTS pg_temp.sis_place; {_PLACES}")


def apply(run: Run) -> None:
    """Write the roles; the people must be locked, and everything else written."""
    prepare()
    execute(_RESOLVE)
    run.refuse(_BAD)
    run.count("sis_role")
    for piece in run.slices("sis_role"):  # first: the planner does not know by how much a table grows
        run.told.update(run.write("enrollment.change", _UPDATE, piece))
    for piece in run.slices("sis_role"):
        run.told.update(run.write("enrollment.add", _INSERT, piece))
        run.wrote(SLICE)
