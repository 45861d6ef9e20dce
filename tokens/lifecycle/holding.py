"""An owner kept still, what the rules of today say of them, and what they need before a token of theirs works."""

from datetime import datetime

from accounts.locks import lock_people
from accounts.models import User
from policies.decision import Decision
from policies.governing import decision_for
from policies.refusals import Code, refuse
from tokens.models import AccessToken


def hold(owner_id: int, now: datetime) -> tuple[User, Decision]:
    """Keep the rules and the owner's roles still, and decide by them."""
    [owner] = lock_people([owner_id])
    return owner, decision_for(owner, now=now)


def require_own(decision: Decision) -> None:
    """Check that this person may make tokens by themselves. Raises Refused."""
    decision.require_creation()
    if decision.needs_approval:
        raise refuse(Code.APPROVAL_NEEDED)


def require_active(owner: User) -> None:
    """Nothing works for whoever is switched off, and nothing waits for the day when they are not. Raises Refused."""
    if not owner.is_active:
        raise refuse(Code.INACTIVE_OWNER)


def require_room(owner: User, decision: Decision) -> None:
    """Count only where a limit is set; whoever holds the lock on the owner counts right. Raises Refused."""
    if decision.tokens_at_once is not None:
        decision.require_room(AccessToken.objects.filter(user=owner).in_use(now=decision.now).count())
