"""The inventory of a large school: no page asks more of the database for showing a part of more tokens."""

import re
import time
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role
from accounts.roles import Base
from tests.cast import School
from tests.pages.visits import client_of, rows_of, text_of
from tokens.inventory.figures import COUNTED
from tokens.inventory.filters import FILTERS
from tokens.inventory.ordering import KEYS, Order, place_of
from tokens.models import AccessToken

PATH = "/inventory/"
PEOPLE, TOKENS = 20_000, 100_000
# Three of them for the navigation, one for changes of settings that wait, one for the views that somebody keeps, one
# for the total; below the root three more for who is at home there; and two prepared ones, which Django does not count.
MOST_QUERIES = {"admin": 13, "arts_admin": 16}
MORE_QUERIES = {"role=": 1, "course=": 1, "purpose=": 1, "q=": 2, "limited_by=": 5}  # for whose tokens they are
MOST_SECONDS = 3.0  # a quiet machine needs a fraction of it
MOST_READINGS = 20  # on a busy one, a page takes no longer than to read all tokens so often
TRIES = 3
FEW = ("", "role=students_only&use=idle&ends=30&sort=ends", "q=nobody", "state=all&sort=-used")
# Three people in four belong to one faculty; one in ten teaches, the others are students in two courses.
_PEOPLE = """
    INSERT INTO accounts_user (password, login_id, name, sortable_name, short_name, email, sis_user_id, time_zone,
        locale, is_active, created_at)
    SELECT '!', 'login' || n, 'Given Person' || n, 'Person' || n || ', Given', 'Given',
        'login' || n || '@school.example', 'U' || n, 'UTC', '', true, %(now)s
    FROM generate_series(1, %(people)s) n
"""
_ENROLLMENTS = """
    INSERT INTO accounts_enrollment (user_id, role_id, account_id, course_id, sis_section_id, state)
    SELECT u.id, CASE WHEN u.id %% 10 = 0 THEN %(teacher)s ELSE %(student)s END, c.account_id, c.id, section, 'active'
    FROM accounts_user u, accounts_course c, unnest(ARRAY['1', '2']) section
    WHERE u.login_id LIKE 'login%%' AND c.id = CASE WHEN u.id %% 4 = 0 THEN %(physics)s ELSE %(history)s END
"""
_TOKENS = """
    INSERT INTO tokens_accesstoken (user_id, purpose, scopes, state, created_at, updated_at, secret_made_at, expires_at,
        revoked_reason, lookup_id, tag, tag_key, verifier, last_used_at, last_used_agent, use_count)
    SELECT (SELECT min(id) FROM accounts_user WHERE login_id LIKE 'login%%') + n %% %(people)s, 'Purpose ' || n, '{}',
        CASE WHEN n %% 50 = 0 THEN 'pending' ELSE 'active' END,
        at, at, at, CASE WHEN n %% 5 > 0 THEN at + make_interval(days => 30 + n %% 300) END,
        '', 'B' || lpad(n::text, 15, '0'), '\\x00', 'old', repeat('x', 97),
        CASE WHEN n %% 3 > 0 THEN at + make_interval(mins => n) END, 'curl/8', n %% 1000
    FROM (SELECT n, %(now)s - make_interval(mins => (n::bigint * 7919 %% 144000)::int) AS at
        FROM generate_series(1, %(tokens)s) n) made
"""


def fill(school: School, people: int, tokens: int) -> None:
    roles = {base: Role.objects.get(base=base, is_builtin=True).pk for base in (Base.TEACHER, Base.STUDENT)}
    values: dict[str, Any] = {
        "now": timezone.now() - timedelta(hours=1),
        "people": people,
        "tokens": tokens,
        "teacher": roles[Base.TEACHER],
        "student": roles[Base.STUDENT],
        "history": school.history.pk,
        "physics": school.physics.pk,
    }
    with connection.cursor() as cursor:
        for statement in (_PEOPLE, _ENROLLMENTS, _TOKENS):
            cursor.execute(statement, values)
        cursor.execute("ANALYZE accounts_user, accounts_enrollment, tokens_accesstoken")


def addresses() -> list[str]:
    """Every filter and every order, a deep page of each order, and words that match all, few and none."""
    options = [f"{each.name}={value}" for each in FILTERS for value in each.options if value != each.usual]
    orders = [f"sort={minus}{name}" for name in KEYS for minus in ("", "-")]
    words = [f"q={word}" for word in ("Purpose", "Person1999", "tpat_B00000000000077", "nobody", "e")]
    typed = [
        "owner=Person1999",
        "purpose=77",
        "course=nothing",
        "scope=url",
        "created_to=2000-01-01",
        "used_from=2020-01-01",
    ]
    deep = [f"{order}&after={deep_place(order)}" for order in orders]
    return ["", *options, *orders, *deep, *words, *typed, "role=students_only&use=idle&ends=30&sort=ends"]


def deep_place(order: str) -> str:
    """The place of the token before which four in five of them stand."""
    tokens = Order.by(QueryDict(order)).sorted(AccessToken.objects.in_use(now=timezone.now()))
    return quote(place_of(tokens[TOKENS * 4 // 5]))


def test_every_filter_order_and_depth_answers_from_few_queries_at_once(school: School) -> None:
    AccessToken.objects.bulk_create(rows_of(school.student, 30, now=timezone.now()))
    clients = {name: client_of(getattr(school, name)) for name in ("admin", "arts_admin")}
    small = {name: visit(client, "")[1] for name, client in clients.items()}
    fill(school, PEOPLE, TOKENS)
    slow = {}
    for name, asked in {"admin": addresses(), "arts_admin": FEW}.items():
        for address in asked:
            seconds, queries = visit(clients[name], address)
            more = sum(number for part, number in MORE_QUERIES.items() if part in address)
            assert queries <= small[name] + 1 + more, address
            assert queries - more <= MOST_QUERIES[name], address
            slow[name, address] = seconds
    assert not {where: seconds for where, seconds in slow.items() if seconds > MOST_SECONDS}
    page = text_of(clients["admin"].get(PATH))
    in_use = AccessToken.objects.in_use(now=timezone.now())
    assert f"{in_use.count():,} tokens match" in page
    unused_ones = in_use.filter(last_used_at=None)
    [about] = re.findall(
        r"About ([\d,]+) tokens match \(an estimate\)", text_of(clients["admin"].get(f"{PATH}?use=never"))
    )[:1]
    assert unused_ones.count() > COUNTED
    assert abs(int(about.replace(",", "")) / unused_ones.count() - 1) < 0.2
    assert '<span class="count">10,000+</span>' in page


def visit(client: Client, address: str) -> tuple[float, int]:
    """The seconds that a page takes where nothing else comes in its way, and how many queries it makes."""
    seconds: list[float] = []
    while len(seconds) < TRIES and min(seconds, default=MOST_SECONDS) >= MOST_SECONDS:
        began = time.perf_counter()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{PATH}?{address}").status_code == 200
        seconds.append(time.perf_counter() - began)
    best = min(seconds)
    if MOST_SECONDS <= best < MOST_READINGS * a_reading():
        return MOST_SECONDS, len(queries)
    return best, len(queries)


def a_reading() -> float:
    """The seconds that it takes to read all tokens once, now."""
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(md5(t::text)) FROM tokens_accesstoken t")
    return time.perf_counter() - began
