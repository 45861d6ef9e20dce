"""After a restore: end again what had ended since the backup, as the journal of this host says."""

from tokens.restoring.replaying import Found, Replayed, find_missing, lift, replay

__all__ = ["Found", "Replayed", "find_missing", "lift", "replay"]
