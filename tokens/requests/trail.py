"""A request that has changed, with its line in the trail and the word that the asker is owed."""

from datetime import datetime
from typing import Any

from accounts.audit import AuditEvent, line
from accounts.models import User
from tokens import notifications
from tokens.events import RequestEvent
from tokens.models import RequestState, TokenRequest


def locked(pk: int) -> TokenRequest:
    """The request as it is now, kept still; its person is locked before it."""
    rows = TokenRequest.objects.select_related("person", "token").select_for_update(of=("self",))
    return rows.get(pk=pk)


def change_line(
    event: RequestEvent, request: TokenRequest, before: dict[str, Any], *, actor: User | None, now: datetime
) -> AuditEvent:
    """One line, not yet written, with what differs; the purpose stays in it, so that it can be told."""
    after = request.facts()
    if event == RequestEvent.APPROVE:
        after["approved_end"] = request.approved_end
    return line(
        event,
        actor=actor,
        now=now,
        person=request.person_id,
        subject_id=request.pk,
        before={name: value for name, value in before.items() if after[name] != value},
        after={name: value for name, value in after.items() if name == "purpose" or before.get(name) != value},
        reason=request.reason if event == RequestEvent.REFUSE else "",
    )


def close(
    event: RequestEvent, request: TokenRequest, state: RequestState, *, actor: User | None, now: datetime
) -> TokenRequest:
    """Save a request in another state, with its line."""
    before, request.state = request.facts(), state
    request.save(force_update=True)
    change_line(event, request, before, actor=actor, now=now).save(force_insert=True)
    return request


def owe_word(event: RequestEvent, request: TokenRequest, *, actor: User | None, now: datetime) -> None:
    """Owe the asker a word of what became of it."""
    end = request.approved_end if request.state == RequestState.APPROVED else request.expires_at
    notifications.owe_answer(
        event,
        request.person_id,
        actor=actor,
        now=now,
        purpose=request.purpose,
        expires_at=end.isoformat() if end else None,
        is_shorter=request.state == RequestState.APPROVED and end != request.expires_at,
        was_approved=request.approved_end is not None,
        usable_until=request.usable_until.isoformat(),
        reason=request.reason,
    )
