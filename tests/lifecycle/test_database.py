"""What the database refuses, whoever writes."""

import itertools
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import Account
from tests.cast import NOW, School, token
from tokens import lifecycle
from tokens.models import AccessToken, State

ARROWS = {
    ("pending", "active"),
    ("active", "suspended"),
    ("suspended", "active"),
    ("expired", "revoked"),
    *((state, end) for state in ("pending", "active", "suspended") for end in ("revoked", "expired")),
}


UPDATE = "UPDATE tokens_accesstoken SET {} WHERE id = %s"


def bring_to(school: School, state: str) -> AccessToken:
    made = token(school.student, actor=school.admin if state == "pending" else None).token
    if state == "suspended":
        return lifecycle.suspend(made, actor=school.admin, now=NOW)
    if state == "revoked":
        return lifecycle.revoke(made, actor=school.admin, now=NOW)
    if state == "expired":
        AccessToken.objects.filter(pk=made.pk).update(state="expired")
    return made


def is_refused(sql: str, *params: Any) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, params)
    except DatabaseError:
        return True
    return False


@pytest.mark.parametrize(("old", "new"), [p for p in itertools.product(State.values, repeat=2) if p[0] != p[1]])
def test_only_the_drawn_arrows_exist(school: School, old: str, new: str) -> None:
    made = bring_to(school, old)
    revoked_at = NOW if new == "revoked" else None
    sql = "UPDATE tokens_accesstoken SET state = %s, revoked_at = %s WHERE id = %s"
    assert is_refused(sql, new, revoked_at, made.pk) == ((old, new) not in ARROWS)


@pytest.mark.parametrize("state", ["suspended", "revoked", "expired"])
def test_a_token_cannot_begin_ended_or_suspended(school: School, state: str) -> None:
    made = token(school.student).token
    made.pk, made.lookup_id, made.state = None, "A" * 16, state
    made.revoked_at = NOW if state == "revoked" else None
    with pytest.raises(DatabaseError, match="cannot begin"), transaction.atomic():
        made.save(force_insert=True)


@pytest.mark.parametrize(
    "change",
    [
        "purpose = ''",
        "purpose = ' x'",
        "state = 'paused'",
        "lookup_id = 'short'",
        "revoked_at = now()",
        "user_id = (SELECT id FROM accounts_user WHERE login_id = 'teacher')",
        "state = 'expired', expires_at = NULL",
        "state = 'pending'",
    ],
)
def test_a_broken_row_is_refused(school: School, change: str) -> None:
    made = token(school.student).token
    assert is_refused(UPDATE.format(change), made.pk)


@pytest.mark.parametrize(
    "change", ["expires_at = NULL", "scopes = '{x}'", "lookup_id = 'Abcdefgh12345678'", "revoked_at = now()"]
)
def test_a_revoked_token_never_changes(school: School, change: str) -> None:
    assert is_refused(UPDATE.format(change), bring_to(school, "revoked").pk)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE accounts_auditevent SET reason = 'nothing happened'",
        "DELETE FROM accounts_auditevent",
        "TRUNCATE accounts_auditevent",
    ],
)
def test_the_audit_trail_cannot_be_changed(school: School, sql: str) -> None:
    with connection.cursor() as cursor:  # see conftest.py
        cursor.execute("ALTER TABLE accounts_auditevent ENABLE TRIGGER audit_no_truncate")
    token(school.student)
    assert is_refused(sql)


@pytest.mark.parametrize("days", [0, 121, -1])
def test_no_cap_outside_1_to_120_days_can_be_stored(school: School, days: int) -> None:
    sql = "INSERT INTO policies_policy (account_id, student_cap_days, updated_at) VALUES (%s, %s, now())"
    assert is_refused(sql, school.root.pk, days)


@pytest.mark.usefixtures("school")
def test_there_is_one_root() -> None:
    assert is_refused("INSERT INTO accounts_account (name, path, state) VALUES ('Another', '{}', 'active')")


def test_paths_follow_a_moved_account_and_everything_below_it(school: School) -> None:
    below = Account.objects.create_under(school.arts, name="History")
    deeper = Account.objects.create_under(below, name="Medieval history")
    school.arts.parent = school.science
    school.arts.save()
    deeper.refresh_from_db()
    assert deeper.path == [school.root.pk, school.science.pk, school.arts.pk, below.pk, deeper.pk]


def test_an_account_cannot_lie_below_itself(school: School) -> None:
    below = Account.objects.create_under(school.arts, name="History")
    assert is_refused("UPDATE accounts_account SET parent_id = %s WHERE id = %s", below.pk, school.arts.pk)
