"""The jobs that send: mails, overviews, messages of webhooks."""

import logging

from celery import shared_task
from django.utils import timezone

from accounts.alone import alone
from tokens import digest, notifications, webhooks
from tokens.tasks.locks import DIGEST_LOCK, MAIL_LOCK, WEBHOOK_LOCK
from tokens.tasks.soon import soon

logger = logging.getLogger(__name__)


@shared_task
def deliver_notices() -> int:
    """Mail what is owed, batch by batch, as long as it gets less; return of how many nothing is left to do."""
    with alone(MAIL_LOCK) as got:
        done = 0
        while got and (some := notifications.deliver(now=timezone.now())):
            done += some
        return done


@shared_task
def send_digests() -> int:
    """Owe administrators the overview that is due; return how many get one."""
    with alone(DIGEST_LOCK) as got:
        if not got:
            return 0
        now = timezone.now()
        owed = sum(digest.owe_in_batches(now=now))
        digest.forget(now=now)
        return owed


@shared_task
def send_webhooks() -> int:
    """Tell other systems what has happened, and again what they did not take; return how many messages were tried."""
    with alone(WEBHOOK_LOCK) as got:
        if not got:
            return 0
        made, tried = sum(webhooks.gather(now=timezone.now())), 0
        while some := webhooks.deliver(clock=timezone.now):
            tried += some
        if made or tried:
            logger.info("Made %s messages of webhooks, and tried to deliver %s", made, tried)
        return tried


def start_webhooks() -> None:
    """Queue what other systems are to be told."""
    soon(send_webhooks)
