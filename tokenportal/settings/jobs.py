"""Celery, and the timetable of its jobs."""

from tokenportal.settings.canvas import CANVAS_SYNC_EVERY, CANVAS_URL
from tokenportal.settings.environment import env
from tokenportal.settings.house import REDIS_URL
from tokenportal.settings.web import TIME_ZONE

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A Redis that hangs, or whose network is gone, is given up in time by whoever waits for it.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_timeout": 15, "socket_connect_timeout": 5}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "tokenportal.beat:Scheduler"
# Seconds. Nothing waits for these jobs to be correct: a token is dead by the clock, not by a job (rule R8).
CELERY_BEAT_SCHEDULE = {
    "expire-tokens": {"task": "tokens.tasks.ends.expire_tokens", "schedule": env.float("EXPIRE_EVERY", 60)},
    "clamp-tokens": {"task": "tokens.tasks.ends.clamp_tokens", "schedule": env.float("CLAMP_EVERY", 86400)},
    "tell-of-changes": {"task": "tokens.tasks.changes.tell_of_changes", "schedule": 60.0},
    "apply-changes": {"task": "tokens.tasks.changes.apply_changes", "schedule": 10.0},
    "carry-out-bulk": {"task": "tokens.tasks.many.carry_out_bulk", "schedule": 10.0},
    "report-pauses": {"task": "tokens.tasks.incidents.report_pauses", "schedule": 10.0},
    "make-class-tokens": {"task": "tokens.tasks.many.make_class_tokens", "schedule": 60.0},
    "tend-reviews": {"task": "tokens.tasks.many.tend_reviews", "schedule": 60.0},
    "lapse-requests": {"task": "tokens.tasks.asking.lapse_requests", "schedule": 3600.0},
    "announce-requests": {"task": "tokens.tasks.asking.announce_requests", "schedule": 300.0},
    "warn-of-exemptions": {"task": "tokens.tasks.asking.warn_of_exemptions", "schedule": 86400.0},
    "tend-unused-tokens": {"task": "tokens.tasks.ends.tend_unused_tokens", "schedule": 86400.0},
    "remind-of-ends": {"task": "tokens.tasks.ends.remind_of_ends", "schedule": 3600.0},
    "send-digests": {"task": "tokens.tasks.telling.send_digests", "schedule": 3600.0},
    "look-for-signals": {"task": "tokens.tasks.incidents.look_for_signals", "schedule": 3600.0},
    "settle-leaks": {"task": "tokens.tasks.incidents.settle_leaks", "schedule": 10.0},
    "roll-up-usage": {"task": "tokens.tasks.keeping.roll_up_usage", "schedule": 10.0},
    "forget-uses": {"task": "tokens.tasks.keeping.forget_uses", "schedule": 86400.0},
    "forget-superseded": {"task": "tokens.tasks.keeping.forget_superseded", "schedule": 86400.0},
    "forget-idempotency-keys": {"task": "tokens.tasks.keeping.forget_idempotency_keys", "schedule": 3600.0},
    "forget-device-codes": {"task": "tokens.tasks.keeping.forget_device_codes", "schedule": 3600.0},
    "write-journal": {"task": "tokens.tasks.journal.write_journal", "schedule": 5.0},
    "forget-journal": {"task": "tokens.tasks.journal.forget_journal", "schedule": 86400.0},
    "seal-audit": {"task": "accounts.tasks.seal_audit", "schedule": 10.0},
    "note-audit-head": {"task": "accounts.tasks.note_audit_head", "schedule": 86400.0},
    "forget-sessions": {"task": "accounts.tasks.forget_sessions", "schedule": 86400.0},
    "verify-audit": {"task": "accounts.tasks.verify_audit", "schedule": 86400.0},
    "send-webhooks": {"task": "tokens.tasks.telling.send_webhooks", "schedule": 10.0},
    "forget-webhook-messages": {"task": "tokens.tasks.keeping.forget_webhook_messages", "schedule": 86400.0},
    "deliver-notices": {"task": "tokens.tasks.telling.deliver_notices", "schedule": 10.0},
    # One that no worker took within its minute says nothing of the present.
    "note-beat": {"task": "tokenportal.tasks.note_beat", "schedule": 60.0, "options": {"expires": 60}},
}
if CANVAS_URL:
    CELERY_BEAT_SCHEDULE["sync-canvas"] = {"task": "accounts.tasks.sync_canvas", "schedule": CANVAS_SYNC_EVERY}
