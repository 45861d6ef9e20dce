"""News of the emergency stop."""

from django.dispatch import Signal

# Sent inside the transaction in which a pause was made or lifted: `pause`.
pause_changed = Signal()
