"""The page and its file, as their visitors read them, and what stands in them."""

import csv
import re
from datetime import timedelta
from io import StringIO
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.spreadsheets import BOM
from tests.cast import School
from tests.pages.visits import client_of, text_of, token_of
from tokens import usage
from tokens.models import AccessToken, State
from tokens.usage import ACCEPTED, DayUse, Use

PATH = "/inventory/"
IN_USE = {"plain", "pending", "suspended", "soon", "sooner", "endless", "busy", "idle"}


def purposes(answer: Any) -> list[str]:
    """The purposes of the rows of a page, from top to bottom."""
    return re.findall(r'class="title" href="/tokens/\d+/">([^<]+)', text_of(answer))


def listed(user: User, query: str = "") -> list[str]:
    answer = client_of(user).get(f"{PATH}?{query}")
    assert answer.status_code == 200
    return purposes(answer)


def use(made: AccessToken, *, ago: timedelta = timedelta(0), outcome: str = ACCEPTED, times: int = 1) -> None:
    now = timezone.now()
    one, day = Use(now - ago, outcome, "GET /api/v1/users/:user_id", "192.0.2.1", "curl/8"), DayUse()
    for _ in range(times):
        day.add(one)
    usage.write({one.key(made.pk): day}, now=now)


def moved(made: AccessToken, **facts: object) -> AccessToken:
    """A token of another past: nothing but a test writes a row like this."""
    AccessToken.objects.filter(pk=made.pk).update(**facts)
    made.refresh_from_db()
    return made


def text_in(answer: Any) -> str:
    """The whole file."""
    return b"".join(answer.streaming_content).decode()


def rows_of(answer: Any) -> list[dict[str, str]]:
    text = text_in(answer)
    assert text.startswith(BOM)
    return list(csv.DictReader(StringIO(text.removeprefix(BOM), newline="")))


def rows_of_file(user: User, query: str) -> list[str]:
    """The purposes in the file."""
    return [row["purpose"] for row in rows_of(client_of(user).get(f"{PATH}export/?{query}"))]


def many(school: School, number: int) -> None:
    """Tokens of which many are equal in whatever they are sorted by."""
    now = timezone.now()
    seed = token_of(school.student)
    AccessToken.objects.bulk_create(
        AccessToken(
            user=school.student,
            purpose=f"Number {n}",
            state=State.ACTIVE,
            created_at=now - timedelta(days=n % 3),
            updated_at=now,
            secret_made_at=now,
            expires_at=None if n % 4 == 0 else now + timedelta(days=n % 5 + 1),
            last_used_at=None if n % 3 == 0 else now - timedelta(days=n % 5),
            use_count=n % 6,
            lookup_id=f"A{n:015}",
            tag=seed.tag,
            tag_key=seed.tag_key,
            verifier=seed.verifier,
        )
        for n in range(number)
    )
