"""`python -m tests.bench.sizing TOKENS`: fill an empty, migrated database; prints the bytes of each kind of row.

People, roles and tokens come in by COPY; lines of the trail, their seals, days of use and notices as the portal writes
them: a tenth of the tokens is revoked, another hundredth was used every hour of a month from one place by one program.
"""

import json
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import django

django.setup()

# ruff: noqa: E402  # models can be imported only now
from django.db import connection

from accounts.chain import sealing
from accounts.models import User
from tests.bench.seed import NOW, fill
from tokens import lifecycle
from tokens.models import AccessToken
from tokens.reasons import Reason
from tokens.usage import rollup
from tokens.usage.counting import ACCEPTED, DayUse, Key, Use, day_of

ROTATION = 1_000
REVOKED = 10  # of so many tokens one
DAYS = 30
AT_ONCE = 1000
TABLES = {
    "a person": ["accounts_user"],
    "a role of a person": ["accounts_enrollment"],
    "a token": ["tokens_accesstoken"],
    "a line of the audit trail, with its seal": ["accounts_auditevent", "accounts_auditseal"],
    "a day on which a token was used": ["tokens_tokenday"],
    "a mail that was sent or waits": ["tokens_notice"],
}


def main(tokens: int) -> dict[str, Any]:
    """`sizes`: rows, and bytes a row, of each kind; `presented`: tokens that are good."""
    texts = fill(tokens, tokens // 10, ROTATION).tokens
    ids = list(AccessToken.objects.order_by("pk").values_list("pk", flat=True))
    _revoke(ids[: tokens // REVOKED])
    _use(ids[-tokens // 100 :])
    sealing.seal()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return {
        "sizes": {name: _size(tables) for name, tables in TABLES.items()},
        "presented": texts[len(texts) // REVOKED + 1 :],
    }


def _revoke(ids: list[int]) -> None:
    actor = User.objects.order_by("-pk")[0]
    rest = iter(ids)
    while some := list(islice(rest, AT_ONCE)):
        lifecycle.revoke_many(some, actor=actor, now=NOW, reason=Reason("No longer needed by anybody in this course"))


def _use(ids: list[int]) -> None:
    for back in range(DAYS):
        rollup.write(dict(_days(ids, NOW - timedelta(days=back))), now=NOW)


def _days(ids: list[int], at: datetime) -> Iterator[tuple[Key, DayUse]]:
    for pk in ids:
        day, midnight = DayUse(), at.replace(hour=0)
        for hour in range(24):
            moment, path = midnight + timedelta(hours=hour), f"/api/v1/courses/{pk % 40}/{('users', 'files')[hour % 2]}"
            day.add(Use(moment, ACCEPTED, path, f"192.0.2.{pk % 250}", "python-requests/2.32"))
        yield (pk, day_of(at)), day


def _size(tables: list[str]) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {tables[0]}")  # noqa: S608  # ours
        [rows] = cursor.fetchone()
        cursor.execute("SELECT sum(pg_total_relation_size(each::regclass)) FROM unnest(%s::text[]) AS each", [tables])
        [size] = cursor.fetchone()
    return rows, round(size / rows)


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
