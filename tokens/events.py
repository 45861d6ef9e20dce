"""The names of what can happen to a token, in the audit trail, in mails, in logs."""

from enum import StrEnum


class Event(StrEnum):
    ISSUE = "token.issue"
    UPDATE = "token.update"
    REGENERATE = "token.regenerate"
    ACTIVATE = "token.activate"
    SUSPEND = "token.suspend"
    RESUME = "token.resume"
    REVOKE = "token.revoke"
    EXPIRE = "token.expire"
    CLAMP = "token.clamp"
