"""The jobs that write uses down, and forget what has been kept long enough."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from accounts.alone import alone
from tokens import lifecycle, usage, webhooks
from tokens.models import DeviceCode, IdempotentAnswer
from tokens.tasks.locks import USAGE_LOCK


@shared_task
def roll_up_usage() -> int:
    """Write the uses that the web processes counted into the token rows."""
    with alone(USAGE_LOCK) as got:
        return usage.roll_up(now=timezone.now()) if got else 0


@shared_task
def forget_uses() -> int:
    """Drop the days of use that are older than the school keeps them."""
    return usage.forget(now=timezone.now(), keep_days=settings.USAGE_DAYS)


@shared_task
def forget_superseded() -> int:
    """Drop what is known of earlier secrets, as long after their end as uses are kept."""
    return lifecycle.forget_superseded(now=timezone.now(), keep_days=settings.USAGE_DAYS)


@shared_task
def forget_webhook_messages() -> int:
    """Drop the messages that are older than they are kept."""
    return webhooks.forget(now=timezone.now())


@shared_task
def forget_idempotency_keys() -> int:
    """Drop the answers whose 24 hours are over."""
    return IdempotentAnswer.objects.past(now=timezone.now()).delete()[0]


@shared_task
def forget_device_codes() -> int:
    """Drop the codes of programs that asked for a token, answered or not, once their time is long over."""
    return DeviceCode.objects.past(now=timezone.now()).delete()[0]
