"""The mail to owners as it will be, before anything is paused: the same words from the same templates."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from tokens import notifications
from tokens.emergency.covering import tokens_of
from tokens.emergency.reach import Target
from tokens.emergency.telling import told_of
from tokens.events import PauseEvent
from tokens.models import Pause


@dataclass(frozen=True, slots=True)
class Mail:
    """What somebody is going to read."""

    to: User
    subject: str
    body: str


def mail_of(target: Target, *, words: str, actor: User, now: datetime) -> Mail | None:
    """The mail to one of those whom a pause would stop, the first who holds a token; None where nobody is told."""
    tokens = tokens_of(target.stop, now=now).exclude(user=actor).select_related("user")
    first = tokens.defer("tag", "verifier").order_by("user_id", "pk").first()
    if first is None:
        return None
    owned = tokens.filter(user=first.user).defer("tag", "verifier").order_by("pk")
    said = told_of(Pause(words=words, made_by=actor, made_at=now), owned)[first.user_id]
    subject, body = notifications.written(first.user, PauseEvent.ADD, said)
    return Mail(first.user, subject, body.strip())
