"""Whoever finds a leaked token, whichever door they come by: how often, and what follows their report."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import rates
from accounts.origins import address_of
from tokens import tasks
from tokens.leaks import Report, take
from tokens.models.leak import FoundBy


class Rate(rates.Rate):
    """So many reports, or looks at calendars, from one address in one process, by API or page."""

    scope = "leaks"

    def get_cache_key(self, request: Any, view: object) -> str:
        """Count by address."""
        del view
        return f"{self.scope}:{address_of(request.META)}"


def hand_in(reports: Iterable[Report], *, found_by: FoundBy, now: datetime) -> None:
    """Store reports, and let a job deal with them right away."""
    if take(reports, found_by=found_by, now=now):
        transaction.on_commit(tasks.start_settling, robust=True)  # beat's next run catches what a lost broker loses
