"""The rows of tokens."""

from tokens.models.day import AccountDay, TokenDay
from tokens.models.idempotency import IDEMPOTENT_FOR, IdempotentAnswer
from tokens.models.notice import Notice
from tokens.models.scope import Scope
from tokens.models.token import (
    ENDED,
    EXPIRES_SOON,
    FOREVER,
    LONG_AGO,
    OPEN,
    AccessToken,
    AccessTokenQuerySet,
    State,
    ended_at,
    expiring_at,
    in_use_at,
    longer_than_at,
)
from tokens.models.verifier import Verifier

__all__ = [
    "ENDED",
    "EXPIRES_SOON",
    "FOREVER",
    "IDEMPOTENT_FOR",
    "LONG_AGO",
    "OPEN",
    "AccessToken",
    "AccessTokenQuerySet",
    "AccountDay",
    "IdempotentAnswer",
    "Notice",
    "Scope",
    "State",
    "TokenDay",
    "Verifier",
    "ended_at",
    "expiring_at",
    "in_use_at",
    "longer_than_at",
]
