"""`manage.py relock_webhooks`: before a value leaves SECRET_KEY_FALLBACKS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tokens import webhooks


class Command(BaseCommand):
    """Encrypt the secrets of webhooks anew. A second run does no harm."""

    help = "Encrypt the secrets of all webhooks under today's SECRET_KEY, so that earlier values may go."

    def handle(self, **_options: Any) -> None:
        """Do it. Raises CommandError where a secret can be read under no value that is set."""
        relocked, unreadable = webhooks.relock_all()
        self.stdout.write(f"Secrets of webhooks encrypted anew: {relocked}")
        if unreadable:
            urls = ", ".join(webhook.url for webhook in unreadable)
            raise CommandError(
                f"Unreadable under SECRET_KEY and its fallbacks: {urls}. Put the earlier value back, or add them again."
            )
