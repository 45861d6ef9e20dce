"""The Celery application: `celery -A tokenportal worker`, `celery -A tokenportal beat`."""

import logging.config
import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenportal.settings")

app = Celery("tokenportal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**_kwargs: Any) -> None:
    """Log as the settings say: Celery's own set-up would drop the filter that masks secrets."""
    logging.config.dictConfig(settings.LOGGING)
