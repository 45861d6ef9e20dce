"""Which event tells whom: a notice is written with its cause and mailed after it, late rather than never.

The words live in `templates/mail/<event>/subject.txt` and `body.txt`.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.core.mail import send_mail
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from tokens.events import (
    ChangeEvent,
    Event,
    ExemptionEvent,
    FlagEvent,
    LeakEvent,
    PauseEvent,
    PersonEvent,
    QueueEvent,
    RequestEvent,
    ReviewEvent,
)
from tokens.models import Notice

logger = logging.getLogger(__name__)
MOST_ATTEMPTS = 10
_OWE = """
    INSERT INTO tokens_notice (person_id, event, facts, created_at, attempts)
    SELECT person_id, %(event)s, facts, %(now)s, 0
    FROM jsonb_to_recordset(%(owed)s) AS owed (person_id bigint, facts jsonb)
"""


class Owned(Protocol):
    """What a notice tells of a token."""

    @property
    def pk(self) -> int: ...
    @property
    def user_id(self) -> int: ...
    @property
    def purpose(self) -> str: ...
    @property
    def expires_at(self) -> datetime | None: ...


def owe(event: Event, tokens: Iterable[Owned], *, actor: User | None, now: datetime, **facts: Any) -> None:
    """Owe each owner one notice of `event` that lists their tokens; nobody is told of what they did themselves."""
    by_owner: dict[int, list[Owned]] = {}
    for token in tokens:
        if actor is None or token.user_id != actor.pk:
            by_owner.setdefault(token.user_id, []).append(token)
    owe_each(event, {pk: {**facts, **_facts(actor, owned)} for pk, owned in by_owner.items()}, now=now)


def owe_each(
    event: Event | ChangeEvent | LeakEvent | PauseEvent | PersonEvent | QueueEvent | FlagEvent | ReviewEvent,
    facts: Mapping[int, Mapping[str, Any]],
    *,
    now: datetime,
) -> None:
    """Owe people, by their ids, a word with what it says to each; one statement, however many."""
    owed = [{"person_id": person_id, "facts": said} for person_id, said in facts.items()]
    if owed:
        with connection.cursor() as cursor:
            cursor.execute(_OWE, {"event": event, "now": now, "owed": json.dumps(owed)})


def owe_answer(event: RequestEvent, person_id: int, *, actor: User | None, now: datetime, **facts: Any) -> None:
    """Owe whoever has asked for a token a word about it."""
    facts["by"] = actor.name if actor else ""
    Notice.objects.create(person_id=person_id, event=event, created_at=now, facts=facts)


def owe_warning(event: ExemptionEvent, person_ids: Iterable[int], *, now: datetime, **facts: Any) -> None:
    """Owe people a word about an exemption that ends soon."""
    Notice.objects.bulk_create(
        Notice(person_id=person_id, event=event, created_at=now, facts=facts) for person_id in person_ids
    )


def _facts(actor: User | None, tokens: Iterable[Owned]) -> dict[str, Any]:
    return {"by": actor.name if actor else "", "tokens": facts_of(tokens)}


def facts_of(tokens: Iterable[Owned]) -> list[dict[str, Any]]:
    """Tokens as the mails list them."""
    return [
        {
            "id": token.pk,
            "purpose": token.purpose,
            "expires_at": token.expires_at.isoformat() if token.expires_at else None,
        }
        for token in tokens
    ]


def deliver(*, now: datetime, most: int = 100) -> int:
    """Mail up to `most` notices that are due; return how many the mail server took.

    A notice is locked while it is mailed, so two workers never send it twice.
    """
    sent = 0
    due = Notice.objects.filter(sent_at=None, attempts__lt=MOST_ATTEMPTS).order_by("id")
    for pk in due.values_list("pk", flat=True)[:most]:
        sent += _deliver_one(pk, now)
    return sent


@transaction.atomic
def _deliver_one(pk: int, now: datetime) -> bool:
    notice = (
        Notice.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("person")
        .filter(pk=pk, sent_at=None)
        .first()
    )
    if notice is None:
        return False
    notice.attempts += 1
    try:
        if notice.person.email:
            _send(notice)
        notice.sent_at = now
    except OSError as error:  # SMTP errors are OSErrors too
        logger.warning("Notice %s was not taken by the mail server: %s", pk, error)
    notice.save(update_fields=["attempts", "sent_at"])
    return notice.sent_at is not None


def _send(notice: Notice) -> None:
    subject, body = written(notice.person, notice.event, notice.facts)
    send_mail(subject, body, None, [notice.person.email])


def written(person: User, event: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and body of a mail, in the language and the time of whom it goes to."""
    places = {"url": "tokens:mine", "requests_url": "tokens:requests"}
    urls = {name: f"{settings.PUBLIC_URL}{reverse(place)}" for name, place in places.items()}
    context = {"person": person, **urls, **facts}
    folder = f"mail/{event.replace('.', '_')}"
    with translation.override(person.locale or settings.LANGUAGE_CODE), timezone.override(person.zone):
        subject = " ".join(render_to_string(f"{folder}/subject.txt", context).split())
        return subject, render_to_string(f"{folder}/body.txt", context)
