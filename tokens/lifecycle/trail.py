"""The audit line of a token's change."""

from datetime import datetime
from typing import Any

from accounts.audit import AuditEvent, line
from accounts.models import User
from tokens.events import Event
from tokens.models import AccessToken
from tokens.reasons import NO_REASON, Reason


def change_line(
    event: Event,
    token: AccessToken,
    before: dict[str, Any],
    *,
    actor: User | None,
    now: datetime,
    reason: Reason = NO_REASON,
    told: dict[str, Any] | None = None,
) -> AuditEvent:
    """One line, not yet written, with what differs between `before` and the token now, and what is `told` besides."""
    after = token.facts()
    changed = [name for name, value in after.items() if before.get(name) != value]
    return line(
        event,
        actor=actor,
        now=now,
        person=token.user_id,
        subject_id=token.pk,
        before={name: before[name] for name in changed if name in before},
        after={name: after[name] for name in changed} | (told or {}) | reason.facts,
        reason=reason.text,
    )
