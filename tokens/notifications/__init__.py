"""Which event tells whom: a notice is written with its cause and mailed after it, late rather than never."""

from tokens.notifications.delivering import LEASE, MOST_ATTEMPTS, deliver
from tokens.notifications.kinds import EVENTS, mail_of
from tokens.notifications.owing import Owned, facts_of, owe, owe_answer, owe_each, owe_warning
from tokens.notifications.wording import letter, title, written

__all__ = [
    "EVENTS",
    "LEASE",
    "MOST_ATTEMPTS",
    "Owned",
    "deliver",
    "facts_of",
    "letter",
    "mail_of",
    "owe",
    "owe_answer",
    "owe_each",
    "owe_warning",
    "title",
    "written",
]
