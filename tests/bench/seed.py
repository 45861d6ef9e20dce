"""`python -m tests.bench.seed TOKENS PEOPLE ROTATION`: fill an empty, migrated database; prints what the load needs.

Everything goes in by COPY, without triggers and foreign keys looking on. The tokens in rotation, spread over the whole
table, are real; the others have tags that no string has.
"""

import json
import random
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import django
import psycopg

django.setup()

# ruff: noqa: E402  # models can be imported only now
from django.db import connection

from accounts.models import Account, Role
from tokens import secrets, verifiers

FACULTIES, DEPARTMENTS = 20, 200
COURSES = 4_000
COURSES_EACH = 5  # of a person, as at a large school: 100,000 people, 500,000 enrollments
NOW = datetime.now(tz=UTC)
ENDS = NOW + timedelta(days=100)
VERIFIER = "$argon2id$v=19$m=19456,t=2,p=1$" + "A" * 22 + "$" + "A" * 43
_PEOPLE = (
    "accounts_user(id, password, login_id, name, sortable_name, short_name, email, sis_user_id, time_zone, locale, "
    "is_active, created_at)"
)
_COURSES = "accounts_course(id, code, name, account_id, state)"
_ENROLLMENTS = "accounts_enrollment(user_id, role_id, account_id, course_id, sis_section_id, state)"
_TOKENS = (
    "tokens_accesstoken(user_id, purpose, scopes, state, created_at, updated_at, secret_made_at, expires_at, "
    "revoked_reason, lookup_id, tag, tag_key, verifier, last_used_agent, use_count)"
)
_COUNTERS = """
    SELECT setval(pg_get_serial_sequence('accounts_user', 'id'), (SELECT max(id) FROM accounts_user)),
        setval(pg_get_serial_sequence('accounts_course', 'id'), (SELECT max(id) FROM accounts_course))
"""
Rows = Iterable[tuple[Any, ...]]


@dataclass(frozen=True)
class Rotation:
    """The strings that the load presents. `wrong` are well formed, for tokens that exist."""

    tokens: list[str]
    wrong: list[str]
    client_id: str
    client_secret: str


def fill(tokens: int, people: int, rotation: int) -> Rotation:
    """Fill the tables."""
    texts: list[str] = []
    with school(people) as cursor:
        copy(cursor, _TOKENS, _tokens(tokens, people, tokens // rotation, texts))
    verifier = verifiers.register("benchmark", owner=None, actor=None, now=NOW)
    return Rotation(texts, [_spoilt(each) for each in texts], verifier.verifier.lookup_id, verifier.secret)


@contextmanager
def school(people: int) -> Iterator[psycopg.Cursor[Any]]:
    """Fill in departments, courses, people and their roles; gives a cursor for COPY of what the people hold."""
    departments, roles = _tree(), dict(Role.objects.filter(is_builtin=True).values_list("base", "id"))
    database: psycopg.Connection[Any] = connection.connection
    with database.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        copy(cursor, _COURSES, _courses(departments))
        copy(cursor, _PEOPLE, _people(people))
        copy(cursor, _ENROLLMENTS, _enrollments(people, departments, roles))
        yield cursor
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute(_COUNTERS)
        cursor.execute("UPDATE accounts_enrollment SET as_grant = NULL")  # its trigger writes it
        cursor.execute("VACUUM (FREEZE, ANALYZE)")
        cursor.execute("CHECKPOINT")


def _tree() -> list[int]:
    """Faculties, and departments below them; the ids of the departments."""
    root = Account.objects.root()
    faculties = [Account.objects.create_under(root, name=f"Faculty {n}") for n in range(FACULTIES)]
    return [
        Account.objects.create_under(faculties[n % FACULTIES], name=f"Department {n}").pk for n in range(DEPARTMENTS)
    ]


def copy(cursor: psycopg.Cursor[Any], columns: str, rows: Rows) -> None:
    """Write rows into a table; `columns` names it with those that they have."""
    with cursor.copy(f"COPY {columns} FROM STDIN") as stream:
        for row in rows:
            stream.write_row(row)


def _courses(departments: list[int]) -> Rows:
    return ((n + 1, f"SUBJ {n}", f"Subject {n}", departments[n % DEPARTMENTS], "active") for n in range(COURSES))


def _people(people: int) -> Rows:
    for n in range(1, people + 1):
        name, mail = f"Given Person{n}", f"login{n}@school.example"
        yield n, "!", f"login{n}", name, f"Person{n}, Given", "Given", mail, f"U{n}", "UTC", "", True, NOW


def _enrollments(people: int, departments: list[int], roles: dict[str, int]) -> Rows:
    """Courses of one department each; one person in ten teaches one of theirs."""
    for n in range(1, people + 1):
        department = n % DEPARTMENTS
        for k in range(COURSES_EACH):
            role = roles["teacher" if k == 0 and n % 10 == 0 else "student"]
            course = (department + DEPARTMENTS * ((n // DEPARTMENTS + k) % (COURSES // DEPARTMENTS))) + 1
            yield n, role, departments[department], course, "", "active"


def _tokens(number: int, people: int, every: int, texts: list[str]) -> Iterator[tuple[Any, ...]]:
    """Each `every`th is real, its string is added to `texts`."""
    rng = random.Random(5)
    for n in range(number):
        if n % every == 0:
            presented = secrets.generate()
            texts.append(presented.text)
            lookup_id, (key, tag) = presented.lookup_id, secrets.tag_of(presented)
        else:
            lookup_id, tag = "b" + "".join(rng.choices(secrets.ALPHABET, k=15)), rng.randbytes(32)
        moments = (NOW, NOW, NOW, ENDS)
        yield n % people + 1, "a benchmark", "{}", "active", *moments, "", lookup_id, tag, key, VERIFIER, "", 0


def _spoilt(text: str) -> str:
    """The same token with another secret of the right shape and checksum."""
    body = text[: -secrets.CHECKSUM_LENGTH]
    body = body[:-1] + ("a" if body[-1] != "a" else "b")
    return body + secrets.checksum(body)


if __name__ == "__main__":
    print(json.dumps(asdict(fill(*map(int, sys.argv[1:])))))
