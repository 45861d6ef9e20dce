"""The rows of tokens."""

from tokens.models.bulk import BulkAct, BulkItem, BulkKind, ItemOutcome
from tokens.models.class_issue import ClassIssue, ClassItem
from tokens.models.day import AccountDay, TokenDay
from tokens.models.device import ANSWERED_WITHIN, DeviceCode, DeviceState
from tokens.models.feed import CalendarFeed
from tokens.models.flag import SILENT_FOR, UNDECIDED, WATCHES_FOR, Flag, FlagQuerySet, FlagState, Watch
from tokens.models.idempotency import IDEMPOTENT_FOR, IdempotentAnswer
from tokens.models.journal import JournalBook, JournalLine, JournalPage
from tokens.models.leak import Leak
from tokens.models.network import TokenNetwork, UseTold
from tokens.models.notice import Notice
from tokens.models.pause import LONG_AGO, WHOM, Pause, PausedToken, PauseQuerySet
from tokens.models.reminder import Digest, Reminder, ReminderStep
from tokens.models.request import (
    CLOSED,
    MOST_OPEN,
    WAITS_FOR,
    RequestState,
    TokenRequest,
    TokenRequestQuerySet,
)
from tokens.models.review import (
    GOING,
    Answer,
    Outcome,
    Review,
    ReviewItem,
    ReviewRound,
    ReviewStage,
    RoundKind,
)
from tokens.models.scope import Scope
from tokens.models.superseded import SupersededSecret
from tokens.models.token import (
    ENDED,
    EXPIRES_SOON,
    FOREVER,
    NO_SECRET,
    OPEN,
    AccessToken,
    AccessTokenQuerySet,
    State,
    ended_at,
    expiring_at,
    in_use_at,
    living_past,
)
from tokens.models.verifier import Verifier
from tokens.models.view import SavedView
from tokens.models.webhook import TOLD, Delivery, DeliveryState, OffBecause, Trouble, Webhook, WebhookPlace

__all__ = [
    "ANSWERED_WITHIN",
    "CLOSED",
    "ENDED",
    "EXPIRES_SOON",
    "FOREVER",
    "GOING",
    "IDEMPOTENT_FOR",
    "LONG_AGO",
    "MOST_OPEN",
    "NO_SECRET",
    "OPEN",
    "SILENT_FOR",
    "TOLD",
    "UNDECIDED",
    "WAITS_FOR",
    "WATCHES_FOR",
    "WHOM",
    "AccessToken",
    "AccessTokenQuerySet",
    "AccountDay",
    "Answer",
    "BulkAct",
    "BulkItem",
    "BulkKind",
    "CalendarFeed",
    "ClassIssue",
    "ClassItem",
    "Delivery",
    "DeliveryState",
    "DeviceCode",
    "DeviceState",
    "Digest",
    "Flag",
    "FlagQuerySet",
    "FlagState",
    "IdempotentAnswer",
    "ItemOutcome",
    "JournalBook",
    "JournalLine",
    "JournalPage",
    "Leak",
    "Notice",
    "OffBecause",
    "Outcome",
    "Pause",
    "PauseQuerySet",
    "PausedToken",
    "Reminder",
    "ReminderStep",
    "RequestState",
    "Review",
    "ReviewItem",
    "ReviewRound",
    "ReviewStage",
    "RoundKind",
    "SavedView",
    "Scope",
    "State",
    "SupersededSecret",
    "TokenDay",
    "TokenNetwork",
    "TokenRequest",
    "TokenRequestQuerySet",
    "Trouble",
    "UseTold",
    "Verifier",
    "Watch",
    "Webhook",
    "WebhookPlace",
    "ended_at",
    "expiring_at",
    "in_use_at",
    "living_past",
]
