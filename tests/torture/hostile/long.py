"""`python -m tests.torture.hostile.long`: the long form within a process that has a database of its own."""

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from random import Random

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenportal.settings")
django.setup()

from django.test.utils import setup_test_environment  # noqa: E402  # all of it can be imported only now

from tests.torture.hostile.asking import Application, send  # noqa: E402
from tests.torture.hostile.attack import Attack, Found, Tries  # noqa: E402
from tests.torture.hostile.doors import Door, doors, misjudged  # noqa: E402
from tests.torture.hostile.fields import Fields, all_routes  # noqa: E402
from tests.torture.hostile.headers import changed  # noqa: E402
from tests.torture.hostile.judging import wrong_with  # noqa: E402
from tests.torture.hostile.planted import FAULTS  # noqa: E402
from tests.torture.hostile.stage import standing  # noqa: E402
from tokenportal.wsgi import application  # noqa: E402

AT_ONCE = 1_000  # requests; then it says how far it is
MOST_SHOWN = 40


def all_headers(asked: Application, door: Door, secrets: list[str], found: Found) -> None:
    """Every byte at every place, and the odd ones as a whole."""
    for header in (*changed(door.good), *door.good.whole):
        request = door.asked(header)
        answer = send(asked, request)
        found.requests += 1
        found.statuses[answer.status] += 1
        for words in (*wrong_with(request, answer, secrets), *misjudged(door, header, answer)):
            found.wrong[f"{door.name}: {header[:80]!r}: {words}"] += 1


def all_fields(attack: Attack, random: Random, count: int) -> Iterator[int]:
    """Values in fields, and whole requests; how many were sent so far, every now and then."""
    tries = Tries(attack.people, random)
    fields, routes = Fields(attack.application, attack.people).all, all_routes()
    say(f"{len(fields)} fields of {len(routes)} routes")
    while (left := count - attack.found.requests) > 0:
        some = min(left, AT_ONCE)
        attack.run(tries.of_fields(fields, some * 2 // 3))
        attack.run(tries.of_routes(routes, some - some * 2 // 3))
        yield attack.found.requests


def say(words: str) -> None:
    print(f"{datetime.now(tz=UTC):%H:%M:%S} {words}", flush=True)


def main() -> None:
    count, seed, planted, fields_only = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4] == "fields"
    asked = FAULTS.get(planted, application)
    setup_test_environment(debug=False)
    began, of_headers, of_fields = time.monotonic(), Found(), Found()
    with standing() as people, suppress(KeyboardInterrupt):  # whoever stops it hears what was found until then
        for door in () if fields_only else doors(people).values():
            all_headers(asked, door, people.secrets, of_headers)
            say(f"{door.name}: {of_headers.requests:,} requests, wrong: {sum(of_headers.wrong.values())}")
        attack = Attack(asked, people, of_fields)
        for _some in all_fields(attack, Random(seed), max(count - of_headers.requests, 0)):
            say(f"{of_fields.requests:,} requests to fields and routes, wrong: {sum(of_fields.wrong.values())}")
    report(of_headers, of_fields, seed, time.monotonic() - began)
    sys.exit(bool(of_headers.wrong + of_fields.wrong))


def report(of_headers: Found, of_fields: Found, seed: int, seconds: float) -> None:
    found = Found()
    found.add(of_headers)
    found.add(of_fields)
    for words, times in found.wrong.most_common(MOST_SHOWN):
        print(f"{times:6} {words}")
    classes = Counter({f"{status}xx": 0 for status in (2, 3, 4, 5)})
    for status, times in found.statuses.items():
        classes[f"{status // 100}xx"] += times
    answers = ", ".join(f"{times:,} {name}" for name, times in sorted(classes.items()))
    result = (
        f"seed {seed}: {found.requests:,} requests in {seconds:.0f} s, {of_headers.requests:,} with every byte at "
        f"every place of a credential, {of_fields.requests:,} to fields and routes as four people; answered with "
        f"{answers}; wrong: {len(found.wrong) or 'none'}"
    )
    print(f"\nFor docs/reliability.md:\n| bad input | {datetime.now(tz=UTC).date()} | {result} |")


if __name__ == "__main__":
    main()
