"""Owners hear of the first use of a token, and of its use from a network that is new to it."""

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.cast import NOW, School, person, token
from tests.pages.visits import rows_of
from tokens import notifications, usage
from tokens.events import Event
from tokens.models import AccessToken, Notice, TokenNetwork, UseTold
from tokens.usage import ACCEPTED, Use
from tokens.usage.noting import Buffer

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOME, ELSEWHERE, ABROAD = "192.0.2.7", "198.51.100.7", "2001:db8:1:2::7"


def use(made: AccessToken, address: str | None, at: datetime = NOW, outcome: str = ACCEPTED) -> None:
    """Use it, and write that down."""
    buffer = Buffer()
    buffer.note(made.pk, Use(at, outcome, "/verify", address, "curl/8.9"))
    buffer.flush()
    usage.roll_up(now=at)


def told(owner: User) -> list[tuple[str, list[str]]]:
    notices = Notice.objects.filter(person=owner, event__in=[Event.FIRST_USE, Event.NEW_NETWORK]).order_by("pk")
    return [(each.event, [said["network"] for said in each.facts["tokens"]]) for each in notices]


def test_the_first_use_is_told_once(school: School) -> None:
    made = token(school.student).token
    for after in range(3):
        use(made, HOME, NOW + after * HOUR)
    assert told(school.student) == [("token.first_use", ["192.0.2.0/24"])]
    AccessToken.objects.filter(pk=made.pk).update(last_used_at=None)
    TokenNetwork.objects.all().delete()
    use(made, HOME, NOW + DAY)
    assert len(told(school.student)) == 1


def test_a_use_that_is_refused_is_none(school: School) -> None:
    made = token(school.student).token
    use(made, ELSEWHERE, outcome="suspended")
    assert (told(school.student), TokenNetwork.objects.count()) == ([], 0)
    use(made, HOME)
    use(made, ELSEWHERE, outcome="expired")
    assert told(school.student) == [("token.first_use", ["192.0.2.0/24"])]


def test_a_new_network_is_told_of_and_at_most_one_a_day(school: School) -> None:
    made = token(school.student).token
    use(made, HOME)
    use(made, "192.0.2.200", NOW + HOUR)
    use(made, ELSEWHERE, NOW + 2 * HOUR)
    use(made, ABROAD, NOW + 3 * HOUR)
    use(made, ELSEWHERE, NOW + DAY)
    use(made, "203.0.113.7", NOW + DAY)
    assert told(school.student) == [
        ("token.first_use", ["192.0.2.0/24"]),
        ("token.new_network", ["198.51.100.0/24"]),
        ("token.new_network", ["203.0.113.0/24"]),
    ]
    for event, day in ((Event.FIRST_USE, NOW + 9 * DAY), (Event.NEW_NETWORK, NOW)):
        with pytest.raises(IntegrityError), transaction.atomic():
            UseTold.objects.create(token=made, event=event, day=day.date())


def test_a_network_is_new_again_when_its_days_are_forgotten(school: School) -> None:
    made = token(school.student, days=100).token
    use(made, HOME)
    use(made, HOME, NOW + 20 * DAY)
    use(made, ELSEWHERE, NOW + 20 * DAY)
    usage.forget(now=NOW + 40 * DAY, keep_days=20)
    use(made, ELSEWHERE, NOW + 40 * DAY)
    assert len(told(school.student)) == 2
    usage.forget(now=NOW + 61 * DAY, keep_days=20)
    use(made, HOME, NOW + 61 * DAY)
    assert told(school.student)[2:] == [("token.new_network", ["192.0.2.0/24"])]


def test_a_use_from_nowhere_known_is_a_first_use_too(school: School) -> None:
    made = token(school.student).token
    use(made, None)
    use(made, None, NOW + DAY)
    assert told(school.student) == [("token.first_use", [""])]


def test_two_tokens_of_one_person_share_a_word(school: School) -> None:
    buffer = Buffer()
    for purpose in ("Grades", "Library"):
        buffer.note(token(school.student, purpose=purpose).token.pk, Use(NOW, ACCEPTED, "", HOME, ""))
    buffer.flush()
    usage.roll_up(now=NOW)
    assert told(school.student) == [("token.first_use", ["192.0.2.0/24", "192.0.2.0/24"])]


def test_more_tokens_need_no_more_queries(school: School) -> None:
    counts = []
    for number, many in ((0, 2), (1, 40)):
        owner = person(f"owner-{number}")
        AccessToken.objects.bulk_create(rows_of(owner, many, now=NOW))
        buffer = Buffer()
        for pk in AccessToken.objects.filter(user=owner).values_list("pk", flat=True):
            buffer.note(pk, Use(NOW, ACCEPTED, "", HOME, ""))
        buffer.flush()
        with CaptureQueriesContext(connection) as queries:
            usage.roll_up(now=NOW)
        counts.append(len(queries))
        assert len(told(owner)[0][1]) == many
    assert counts[0] == counts[1]


def test_the_mail_says_when_from_where_and_with_what(school: School) -> None:
    made = token(school.student, purpose="Grades").token
    use(made, HOME)
    use(made, ELSEWHERE, NOW + HOUR)
    notifications.deliver(now=NOW + HOUR)
    first, new = mail.outbox
    assert first.subject == "1 access token of yours was used for the first time"
    assert (
        "  - Grades\n    Used: 23 November 2026, 12:00 UTC\n    From: 192.0.2.0/24\n    With: curl/8.9\n" in first.body
    )
    assert f"/tokens/{made.pk}/\n" in first.body
    assert new.subject == "1 access token of yours was used from a new network"
    assert "    Used: 23 November 2026, 13:00 UTC\n    From: 198.51.100.0/24\n" in new.body


def test_the_mail_is_in_the_language_of_the_owner(school: School) -> None:
    User.objects.filter(pk=school.student.pk).update(locale="ar")
    made = token(school.student, purpose="Grades").token
    use(made, HOME)
    use(made, ELSEWHERE, NOW + HOUR)
    notifications.deliver(now=NOW + HOUR)
    assert [letter.subject for letter in mail.outbox] == [
        "استُخدم رمز وصول لك للمرة الأولى",
        "استُخدم رمز وصول لك من شبكة جديدة",
    ]
    assert all("curl/8.9" in letter.body and "ألغِ" in letter.body for letter in mail.outbox)
