"""Word to owners before their tokens end, when they have ended, and if something tries them after that."""

from tokens.reminding.telling import forget, remind_in_batches

__all__ = ["forget", "remind_in_batches"]
