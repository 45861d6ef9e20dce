"""News from policies: heard by whoever holds something that policy governs."""

from collections.abc import Iterable
from typing import Any

from django.dispatch import Signal

# Sent inside the transaction that changed an account's rules: account_id, actor, now.
# Who hears it may return how many things it changed because of it, or None if it goes on after the commit.
rules_changed = Signal()

# Sent inside the transaction in which a change that touches what exists was planned, undone, or began to be carried
# out: `planned`, now. Who hears that it began answers as above, and notes in `planned` how far it has come.
change_planned = Signal()
change_undone = Signal()
change_begun = Signal()
# Sent inside the transaction that ended an exemption early: people (a query of all whom it may concern), actor, now.
# The same answers.
exemption_ended = Signal()


def total(answers: Iterable[tuple[object, Any]]) -> int | None:
    """Add up what those who heard the news have done; None where one of them goes on with it."""
    counts = [count for _receiver, count in answers]
    return None if None in counts else sum(counts)
