"""News from accounts: heard by whoever depends on what people's roles amount to."""

from django.dispatch import Signal

# Sent inside the transaction that changed the roles: user_ids (a set), actor, now.
# Who hears it may return how many things it changed because of it.
roles_changed = Signal()

# Sent inside the transaction that switches people off or on again, before it does: user_ids (a set), is_active (what
# they will be), actor, now, reason. Who hears it may return how many things it stopped.
people_switched = Signal()

# Sent inside the transaction that changed by what somebody shows who they are: person, what (the action in the trail),
# actor, now, reason, and facts for words.
factors_changed = Signal()
