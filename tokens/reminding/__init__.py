"""Word to owners before their tokens end, when they have ended, and if something tries them after that."""

from tokens.reminding.telling import forget, is_morning_for, remind_in_batches

__all__ = ["forget", "is_morning_for", "remind_in_batches"]
