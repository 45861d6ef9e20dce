"""News from policies: heard by whoever holds something that policy governs."""

from django.dispatch import Signal

# Sent inside the transaction that changed an account's rules: account_id, actor, now.
rules_changed = Signal()
