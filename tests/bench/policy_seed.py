"""`python -m tests.bench.policy_seed TOKENS PEOPLE ROTATION`: fill an empty, migrated database for a change of policy.

Nine of ten people are students. Of every ten tokens four are students' and end after more than SHORTER_CAP days: these
are shortened by a cap of so many days. Five end before; one is a teacher's and never does. Prints the strings of those
that the load presents: spread over the whole table, they are shortened as often as others.
"""

import json
import random
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tests.bench.seed import NOW, VERIFIER, copy, school
from tokens import secrets

SHORTER_CAP = 60  # days
_TOKENS = (
    "tokens_accesstoken(user_id, purpose, scopes, state, created_at, updated_at, secret_made_at, expires_at, "
    "revoked_reason, lookup_id, tag, tag_key, verifier, last_used_at, last_used_agent, use_count)"
)
_PURPOSES = ("Grades for my notebook", "Timetable on my phone", "Coursework in data science", "Reading list", "Tests")


def fill(tokens: int, people: int, rotation: int) -> list[str]:
    """Fill the tables; the strings of the tokens in rotation."""
    texts: list[str] = []
    with school(people) as cursor:
        copy(cursor, _TOKENS, _tokens(tokens, people, max(tokens // rotation, 1), texts))
    return texts


def _tokens(number: int, people: int, every: int, texts: list[str]) -> Iterator[tuple[Any, ...]]:
    """Of each person one after the other, so that those of one lie far from each other in the table."""
    rng = random.Random(5)
    for n in range(number):
        owner, round_ = n % people + 1, n // people
        made = NOW - timedelta(hours=rng.randrange(24 * 30))
        used = made + timedelta(hours=rng.randrange(24 * 30)) if rng.random() < 0.6 else None
        state = rng.choices(("active", "suspended", "pending"), (95, 3, 2))[0]
        if n % every == 0:
            presented, state = secrets.generate(), "active"
            texts.append(presented.text)
            lookup_id, (key, tag) = presented.lookup_id, secrets.tag_of(presented)
        else:
            lookup_id, tag = "b" + "".join(rng.choices(secrets.ALPHABET, k=15)), rng.randbytes(32)
        yield (
            *(owner, rng.choice(_PURPOSES), "{}", state, made, made, made, _end(owner, round_, rng), ""),
            *(lookup_id, tag, key, VERIFIER),
            *(min(used, NOW) if used else None, "", 0 if used is None else rng.randrange(1, 5000)),
        )


def _end(owner: int, round_: int, rng: random.Random) -> Any:
    if owner % 10 == 0:
        return None
    # 900,000 of a million are students': four ninths of them, in every person's share.
    is_long = (owner + round_ * 7) % 9 < 4
    days = rng.uniform(SHORTER_CAP + 1, 120) if is_long else rng.uniform(2, SHORTER_CAP - 1)
    return NOW + timedelta(days=days)


if __name__ == "__main__":
    print(json.dumps(fill(*map(int, sys.argv[1:]))))
