"""users.csv: who there is.

A person is known by `user_id`. One who is here without it, such as the first administrator, is taken for the row with
the same login_id, as in Canvas. A login_id that another person holds is refused, unless that person gives it up in the
same file. Suspended and deleted people may not sign in; a deleted person's enrollments end with them.
"""

from accounts import enrolling
from accounts.models import User
from accounts.sis.run import SLICE, Run, execute, rows

# `change` is what is to become of the row: new, update, end (may no longer sign in), none, repeat or bad.
_RESOLVE = """
CREATE TEMP TABLE sis_who ON COMMIT DROP AS
SELECT p.*, coalesce(u.id, a.id) AS user_id, coalesce(u.login_id, a.login_id) AS was_login,
    CASE WHEN row_number() OVER (PARTITION BY p.sis ORDER BY p.n DESC) > 1 THEN 'repeat' ELSE 'none' END AS change
FROM sis_person p
LEFT JOIN accounts_user u ON u.sis_user_id = p.sis
LEFT JOIN accounts_user a ON u.id IS NULL AND a.sis_user_id IS NULL AND lower(a.login_id) = lower(p.login_id)
"""
# Of several rows that want one name, the one whose person has it now goes first, then the first.
_WANTED_TWICE = """
WITH ranked AS (
    SELECT n, row_number() OVER (
        PARTITION BY lower(login_id) ORDER BY lower(login_id) IS NOT DISTINCT FROM lower(was_login) DESC, n) AS place
    FROM sis_who WHERE change <> 'repeat'
)
UPDATE sis_who w SET change = 'bad' FROM ranked r WHERE r.n = w.n AND r.place > 1
RETURNING w.file, w.line, format('login_id “%s” is taken by another row', w.login_id)
"""
_HELD_BY_ANOTHER = """
UPDATE sis_who w SET change = 'bad' FROM accounts_user u
WHERE w.change = 'none' AND lower(u.login_id) = lower(w.login_id) AND u.id IS DISTINCT FROM w.user_id
    AND NOT EXISTS (SELECT FROM sis_who o
        WHERE o.user_id = u.id AND o.change = 'none' AND lower(o.login_id) <> lower(u.login_id))
RETURNING w.file, w.line, format('login_id “%s” is taken by another person', w.login_id)
"""
_AS_FILED = """(w.sis, w.login_id, coalesce(w.name, o.name), coalesce(w.sortable_name, o.sortable_name),
    coalesce(w.short_name, o.short_name), coalesce(w.email, o.email), w.is_active)"""
_COMPARE = f"""
UPDATE sis_who w SET change = CASE WHEN o.is_active AND NOT w.is_active THEN 'end' ELSE 'update' END
FROM accounts_user o WHERE o.id = w.user_id AND w.change = 'none'
    AND (o.sis_user_id, o.login_id, o.name, o.sortable_name, o.short_name, o.email, o.is_active)
        IS DISTINCT FROM {_AS_FILED};
UPDATE sis_who SET change = 'new' WHERE user_id IS NULL AND change = 'none';
CREATE INDEX ON sis_who (n);
CREATE INDEX ON sis_who (user_id);
ANALYZE sis_who;
"""  # noqa: S608  # all ours
TOUCHED = """
SELECT user_id FROM sis_who WHERE change IN ('update', 'end')
UNION SELECT w.user_id FROM sis_who w JOIN accounts_enrollment e USING (user_id)
    WHERE w.is_deleted AND w.change IN ('none', 'update', 'end') AND e.state <> 'deleted'
"""
_TURNED = """
SELECT w.user_id, w.is_active FROM sis_who w JOIN accounts_user u ON u.id = w.user_id
WHERE w.change IN ('update', 'end') AND u.is_active <> w.is_active
"""
# Somebody else takes over this name in the same file; the index is checked row by row.
_MAKE_ROOM = """
UPDATE accounts_user u SET login_id = 'moving ' || gen_random_uuid() FROM sis_who w, sis_who o
WHERE w.user_id = u.id AND w.change IN ('update', 'end') AND lower(w.login_id) <> lower(u.login_id)
    AND o.change IN ('new', 'update', 'end') AND o.n <> w.n AND lower(o.login_id) = lower(w.was_login)
"""
_FACTS = """jsonb_build_object('sis_user_id', {0}.sis_user_id, 'login_id', {1}, 'name', {0}.name,
    'sortable_name', {0}.sortable_name, 'short_name', {0}.short_name, 'email', {0}.email, 'is_active', {0}.is_active)"""
_UPDATE = f"""
UPDATE accounts_user u SET (sis_user_id, login_id, name, sortable_name, short_name, email, is_active) = ROW {_AS_FILED}
FROM sis_who w JOIN accounts_user o ON o.id = w.user_id
WHERE u.id = w.user_id AND w.change IN ('update', 'end') AND w.n BETWEEN %(low)s AND %(high)s
RETURNING u.id, NULL::bigint, u.id, {_FACTS.format("o", "w.was_login")}, {_FACTS.format("u", "u.login_id")}
"""  # noqa: S608
_INSERT = f"""
INSERT INTO accounts_user AS u (password, login_id, name, sortable_name, short_name, email, sis_user_id, time_zone,
    locale, is_active, created_at)
SELECT '!' || gen_random_uuid(), login_id, coalesce(name, name_if_new), coalesce(sortable_name, sortable_if_new),
    coalesce(short_name, ''), coalesce(email, ''), sis, %(time_zone)s, '', is_active, %(now)s
FROM sis_who WHERE change = 'new' AND n BETWEEN %(low)s AND %(high)s
RETURNING u.id, NULL::bigint, u.id, '{{}}'::jsonb, {_FACTS.format("u", "u.login_id")}
"""  # noqa: S608  # “!” begins what is no password, see django.contrib.auth.hashers
_END_WITH_PERSON = """
UPDATE accounts_enrollment e SET state = 'deleted' FROM sis_who w JOIN accounts_enrollment o USING (user_id)
WHERE e.id = o.id AND w.is_deleted AND w.change IN ('none', 'update', 'end') AND o.state <> 'deleted'
RETURNING e.user_id, e.account_id, e.id, jsonb_build_object('state', o.state), jsonb_build_object('state', e.state)
"""


def resolve(run: Run) -> None:
    """Find out who is who, and what is to change. Reports names that are taken."""
    execute(_RESOLVE)
    run.refuse(_WANTED_TWICE)
    while run.refuse(_HELD_BY_ANOTHER):  # whoever stays as they are keeps their name, which a third may want
        pass
    execute(_COMPARE)
    run.count("sis_who")


def apply(run: Run) -> None:
    """Write what `resolve` found; the people must be locked."""
    _switch(run)
    run.report.withdrawn = len(ended := run.write("enrollment.change", _END_WITH_PERSON))
    run.told.update(ended)
    execute(_MAKE_ROOM)
    for piece in run.slices("sis_who"):
        run.write("person.change", _UPDATE, piece)
    time_zone = User._meta.get_field("time_zone").get_default()
    for piece in run.slices("sis_who"):
        run.write("person.add", _INSERT, {**piece, "time_zone": time_zone, "now": run.now})
        run.wrote(SLICE)


def _switch(run: Run) -> None:
    """Tell of everybody who is about to be switched off or on, so that nothing of theirs goes on or comes back."""
    turned = list(rows(_TURNED))
    run.told.update(user_id for user_id, _is_active in turned)
    for on in (False, True):
        ids = (user_id for user_id, is_active in turned if is_active == on)
        run.report.stopped += enrolling.tell_of_switch(ids, is_active=on, actor=run.actor, now=run.now)
