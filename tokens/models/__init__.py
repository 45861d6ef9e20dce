"""The rows of tokens."""

from tokens.models.idempotency import IDEMPOTENT_FOR, IdempotentAnswer
from tokens.models.notice import Notice
from tokens.models.token import ENDED, EXPIRES_SOON, OPEN, AccessToken, AccessTokenQuerySet, State

__all__ = [
    "ENDED",
    "EXPIRES_SOON",
    "IDEMPOTENT_FOR",
    "OPEN",
    "AccessToken",
    "AccessTokenQuerySet",
    "IdempotentAnswer",
    "Notice",
    "State",
]
