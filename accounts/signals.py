"""News from accounts: heard by whoever depends on what people's roles amount to."""

from django.dispatch import Signal

# Sent inside the transaction that changed the roles: user_ids (a set), actor, now.
# Who hears it may return how many things it changed because of it.
roles_changed = Signal()
