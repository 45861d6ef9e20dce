"""`python -m tests.hostile.long`: the long form within a process that has a database of its own."""

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenportal.settings")
django.setup()

from django.test.utils import setup_test_environment  # noqa: E402  # all of it can be imported only now

from tests.hostile.asking import Application, send  # noqa: E402
from tests.hostile.attack import Attack, Found, Tries  # noqa: E402
from tests.hostile.doors import Door, doors, misjudged  # noqa: E402
from tests.hostile.fields import Fields, all_routes  # noqa: E402
from tests.hostile.headers import changed  # noqa: E402
from tests.hostile.judging import wrong_with  # noqa: E402
from tests.hostile.people import People  # noqa: E402
from tests.hostile.planted import FAULTS  # noqa: E402
from tests.hostile.stage import standing  # noqa: E402
from tokenportal.wsgi import application  # noqa: E402

AT_ONCE = 5_000  # requests; then it says how far it is
MOST_SHOWN = 40


def all_headers(asked: Application, door: Door, secrets: list[str], found: Found) -> None:
    """Every byte at every place, and the odd ones as a whole."""
    for header in (*changed(door.good), *door.good.whole):
        request = door.asked(header)
        answer = send(asked, request)
        found.requests += 1
        found.statuses[answer.status] += 1
        found.statuses[f"{door.name} let in"] += answer.status == 200
        for words in (*wrong_with(request, answer, secrets), *misjudged(door, header, answer)):
            found.wrong[f"{door.name}: {header[:80]!r}: {words}"] += 1


def all_fields(asked: Application, people: People, random: Random, count: int) -> Iterator[Found]:
    """Values in fields, and whole requests, by halves; what was found so far."""
    attack, tries = Attack(asked, people), Tries(people, random)
    fields, routes = Fields(asked, people).all, all_routes()
    say(f"{len(fields)} fields of {len(routes)} routes")
    while (left := count - attack.found.requests) > 0:
        some = min(left, AT_ONCE)
        attack.run(tries.of_fields(fields, some * 2 // 3))
        attack.run(tries.of_routes(routes, some - some * 2 // 3))
        yield attack.found


def say(words: str) -> None:
    print(f"{datetime.now(tz=UTC):%H:%M:%S} {words}", flush=True)


def main() -> None:
    count, seed, planted = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    asked = FAULTS.get(planted, application)
    setup_test_environment(debug=False)
    began, found = time.monotonic(), Found()
    with standing() as people:
        for door in doors(people).values():
            all_headers(asked, door, people.secrets, found)
            say(f"{door.name}: {found.requests:,} requests, wrong: {sum(found.wrong.values())}")
        of_headers = found.requests
        for fields in all_fields(asked, people, Random(seed), max(count - of_headers, 0)):
            say(f"{of_headers + fields.requests:,} requests, wrong: {sum((found.wrong + fields.wrong).values())}")
        found.add(fields)
    report(found, of_headers, seed, time.monotonic() - began)
    sys.exit(bool(found.wrong))


def report(found: Found, of_headers: int, seed: int, seconds: float) -> None:
    for words, times in found.wrong.most_common(MOST_SHOWN):
        print(f"{times:6} {words}")
    classes = Counter({f"{status}xx": 0 for status in (2, 3, 4, 5)})
    for status, times in found.statuses.items():
        if isinstance(status, int):
            classes[f"{status // 100}xx"] += times
    answers = ", ".join(f"{times:,} {name}" for name, times in sorted(classes.items()))
    result = (
        f"seed {seed}: {found.requests:,} requests in {seconds:.0f} s, {of_headers:,} of them with every byte at every "
        f"place of a credential at three doors, the others to every field of every route as four people; answered with "
        f"{answers}; wrong: {len(found.wrong) or 'none'}"
    )
    print(f"\nFor docs/reliability.md:\n| bad input | {datetime.now(tz=UTC).date()} | {result} |")


if __name__ == "__main__":
    main()
