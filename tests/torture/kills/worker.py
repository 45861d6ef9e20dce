"""The worker as it is, only that who has died is waited for some seconds and not a quarter of an hour.

`celery --app tests.torture.kills.worker worker`.
"""

from datetime import timedelta

import django

django.setup()

# ruff: noqa: E402  # its models can be imported only now
from tokenportal.celery import app
from tokens.notifications import delivering

__all__ = ["app"]

delivering.LEASE = timedelta(seconds=20)
delivering.WORKS_FOR = delivering.LEASE / 3
delivering.AWAY = timedelta(seconds=2)
