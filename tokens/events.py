"""The names of what can happen to a token and to a request for one, in the audit trail, in mails, in logs."""

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


class RequestEvent(StrEnum):
    ASK = "request.ask"
    WITHDRAW = "request.withdraw"
    APPROVE = "request.approve"
    REFUSE = "request.refuse"
    LAPSE = "request.lapse"
    USE = "request.use"
