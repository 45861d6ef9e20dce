"""What happens to tokens, requests for them, exemptions, settings, flags: the names in the trail, in mails, in logs."""

from enum import StrEnum


class Event(StrEnum):
    ISSUE = "token.issue"
    UPDATE = "token.update"
    REGENERATE = "token.regenerate"
    END_OVERLAP = "token.end_overlap"
    ACTIVATE = "token.activate"
    SUSPEND = "token.suspend"
    RESUME = "token.resume"
    REVOKE = "token.revoke"
    EXPIRE = "token.expire"
    CLAMP = "token.clamp"
    UNUSED_WARNING = "token.unused_warning"
    ENDING = "token.ending"
    FIRST_USE = "token.first_use"
    NEW_NETWORK = "token.new_network"
    LEAK = "token.leak"
    IMPORT = "token.import"


class BulkEvent(StrEnum):
    MAIL = "bulk.mail"


class WebhookEvent(StrEnum):
    ADD = "webhook.add"
    CHANGE = "webhook.change"
    DISABLE = "webhook.disable"
    ENABLE = "webhook.enable"
    REMOVE = "webhook.remove"
    REPLAY = "webhook.replay"
    TEST = "webhook.test"


class DigestEvent(StrEnum):
    SEND = "digest.send"


class PersonEvent(StrEnum):
    DEACTIVATE = "person.deactivate"
    REACTIVATE = "person.reactivate"


class RequestEvent(StrEnum):
    ASK = "request.ask"
    WITHDRAW = "request.withdraw"
    APPROVE = "request.approve"
    REFUSE = "request.refuse"
    LAPSE = "request.lapse"
    USE = "request.use"


class QueueEvent(StrEnum):
    WAITING = "request.waiting"


class LeakEvent(StrEnum):
    FOUND = "leak.found"


class ExemptionEvent(StrEnum):
    WARN = "exemption.warn"


class ChangeEvent(StrEnum):
    PLAN = "policy.plan"
    UNDO = "policy.undo"


class PauseEvent(StrEnum):
    ADD = "pause.add"
    LIFT = "pause.lift"
    EXPORT = "pause.export"


class DeviceEvent(StrEnum):
    APPROVE = "device.approve"
    REFUSE = "device.refuse"


class ReviewEvent(StrEnum):
    OPEN = "review.open"
    REMIND = "review.remind"


class CalendarEvent(StrEnum):
    MAKE = "calendar.make"
    ROLL = "calendar.roll"
    STOP = "calendar.stop"


class ClassEvent(StrEnum):
    ISSUE = "class.issue"
    ADD = "class.add"
    REMIND = "class.remind"
    REVOKE = "class.revoke"
    EXPORT = "class.export"


class FlagEvent(StrEnum):
    RAISE = "flag.raise"
    EXPLAIN = "flag.explain"
    CONFIRM = "flag.confirm"
    DISMISS = "flag.dismiss"
