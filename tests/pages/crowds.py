"""Many people, tokens and lines at once, for pages that must bear them: made by the database itself."""

from django.db import connection

from accounts.models import Account
from tests.cast import School

PEOPLE = """
INSERT INTO accounts_user (password, login_id, name, sortable_name, short_name, email, sis_user_id, time_zone, locale,
    is_active, created_at)
SELECT '!', 'crowd' || n, 'Given' || n %% 311 || ' Family' || n %% 997, 'Family' || n %% 997 || ', Given' || n %% 311,
    '', 'crowd' || n || '@school.example', 'C' || n, 'UTC', '', TRUE, now()
FROM generate_series(1, %s) n
"""
# Nine of ten are students; one of ten holds no role.
ENROLLMENTS = """
INSERT INTO accounts_enrollment (user_id, role_id, account_id, sis_section_id, state)
SELECT u.id, r.id, %s, '', 'active' FROM accounts_user u, accounts_role r
WHERE u.login_id LIKE 'crowd%%' AND u.id %% 10 <> 0 AND r.is_builtin
    AND r.base = CASE WHEN u.id %% 10 = 1 THEN 'teacher' ELSE 'student' END
"""
TOKENS = """
INSERT INTO tokens_accesstoken (user_id, purpose, scopes, state, created_at, updated_at, expires_at, revoked_reason,
    lookup_id, tag, tag_key, verifier, secret_made_at, last_used_agent, use_count)
SELECT u.id, 'Token ' || u.id, '{}', 'active', now(), now(), now() + interval '30 days', '',
    'A' || lpad(u.id::text, 15, '0'), '', 'k', 'v', now(), '', 0
FROM accounts_user u WHERE u.login_id LIKE 'crowd%'
"""
LINES = """
INSERT INTO accounts_auditevent (at, action, actor_id, person_id, subject_id, before, after, reason, request_id, agent)
SELECT now() - n * interval '5 minutes', CASE WHEN n %% 5000 = 0 THEN 'scope.define'
        ELSE (ARRAY['token.issue', 'token.revoke', 'token.clamp'])[1 + n %% 3] END,
    CASE WHEN n %% 3 = 0 THEN u.id END, u.id, u.id, '{}', '{"state": "active"}',
    CASE WHEN n %% 7 = 0 THEN 'The term has ended' ELSE '' END, '', ''
FROM generate_series(1, %s) n JOIN accounts_user u ON u.login_id = 'crowd' || 1 + n %% %s
"""
TABLES = "accounts_account, accounts_course, accounts_role, accounts_user, accounts_enrollment, tokens_accesstoken"


def crowd(school: School, size: int, *, account: Account | None = None) -> None:
    """As many people, each with a token, at home in `account`, else in the Faculty of Arts."""
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, [size])
        cursor.execute(ENROLLMENTS, [(account or school.arts).pk])
        cursor.execute(TOKENS)
        cursor.execute(f"ANALYZE {TABLES}")


def lines(size: int, people: int) -> None:
    """As many lines in the trail, five minutes apart, about the people of a crowd."""
    with connection.cursor() as cursor:
        cursor.execute(LINES, [size, people])
        cursor.execute("ANALYZE accounts_auditevent")
