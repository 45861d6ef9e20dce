"""The rows of tokens."""

from tokens.models.day import TokenDay
from tokens.models.idempotency import IDEMPOTENT_FOR, IdempotentAnswer
from tokens.models.notice import Notice
from tokens.models.scope import Scope
from tokens.models.token import (
    ENDED,
    EXPIRES_SOON,
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
    "IDEMPOTENT_FOR",
    "OPEN",
    "AccessToken",
    "AccessTokenQuerySet",
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
