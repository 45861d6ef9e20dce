"""The jobs. Each may run twice, at once or half way: a second run finds nothing left to do."""

from tokens.tasks.asking import announce_requests, lapse_requests, warn_of_exemptions
from tokens.tasks.changes import apply_changes, start_applying, start_telling, tell_of_changes
from tokens.tasks.ends import EXPIRE_BATCH, clamp_tokens, expire_tokens, remind_of_ends, start_clamp, tend_unused_tokens
from tokens.tasks.incidents import look_for_signals, report_pauses, settle_leaks, start_reporting_pauses, start_settling
from tokens.tasks.journal import forget_journal, write_journal
from tokens.tasks.keeping import (
    forget_device_codes,
    forget_idempotency_keys,
    forget_superseded,
    forget_uses,
    forget_webhook_messages,
    roll_up_usage,
)
from tokens.tasks.locks import CLAMP_LOCK, EXPIRE_LOCK
from tokens.tasks.many import carry_out_bulk, make_class_tokens, start_bulk, start_classes, start_reviews, tend_reviews
from tokens.tasks.telling import deliver_notices, send_digests, send_webhooks, start_webhooks

__all__ = [
    "CLAMP_LOCK",
    "EXPIRE_BATCH",
    "EXPIRE_LOCK",
    "announce_requests",
    "apply_changes",
    "carry_out_bulk",
    "clamp_tokens",
    "deliver_notices",
    "expire_tokens",
    "forget_device_codes",
    "forget_idempotency_keys",
    "forget_journal",
    "forget_superseded",
    "forget_uses",
    "forget_webhook_messages",
    "lapse_requests",
    "look_for_signals",
    "make_class_tokens",
    "remind_of_ends",
    "report_pauses",
    "roll_up_usage",
    "send_digests",
    "send_webhooks",
    "settle_leaks",
    "start_applying",
    "start_bulk",
    "start_clamp",
    "start_classes",
    "start_reporting_pauses",
    "start_reviews",
    "start_settling",
    "start_telling",
    "start_webhooks",
    "tell_of_changes",
    "tend_reviews",
    "tend_unused_tokens",
    "warn_of_exemptions",
    "write_journal",
]
