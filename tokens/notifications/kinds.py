"""Which kind of mail an event is told by. Pure; a test holds that every event that is mailed stands here, once."""

from accounts.factors.events import FactorEvent
from accounts.mails import Mail
from tokens.events import (
    BulkEvent,
    ChangeEvent,
    ClassEvent,
    DigestEvent,
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

EVENTS: dict[Mail, tuple[str, ...]] = {
    Mail.SECURITY: (
        *(Event.ISSUE, Event.IMPORT, Event.UPDATE, Event.REGENERATE, Event.END_OVERLAP, Event.CLAMP),
        *(Event.SUSPEND, Event.RESUME, Event.REVOKE, LeakEvent.FOUND, FlagEvent.RAISE),
        *(PauseEvent.ADD, PauseEvent.LIFT, PersonEvent.DEACTIVATE),
        *FactorEvent,
    ),
    Mail.ENDING: (Event.ENDING, Event.UNUSED_WARNING),
    Mail.USE: (Event.FIRST_USE, Event.NEW_NETWORK),
    Mail.POLICY: (ChangeEvent.PLAN, ChangeEvent.UNDO, ExemptionEvent.WARN),
    Mail.REQUESTS: (RequestEvent.APPROVE, RequestEvent.REFUSE, RequestEvent.LAPSE, QueueEvent.WAITING),
    Mail.REVIEWS: (ReviewEvent.OPEN, ReviewEvent.REMIND),
    Mail.DIGEST: (DigestEvent.SEND,),
    Mail.MESSAGES: (BulkEvent.MAIL, ClassEvent.REMIND),
}
_KINDS = {str(event): kind for kind, events in EVENTS.items() for event in events}


def mail_of(event: str) -> Mail:
    """The kind of an event; what nobody has sorted cannot be switched off."""
    return _KINDS.get(event, Mail.SECURITY)
