"""The ends of one's tokens as a calendar, at an address that is a secret: made, made anew, switched off, and read."""

from tokens.feeds.keeping import find_owner, find_since, make, stop
from tokens.feeds.writing import text_for

__all__ = ["find_owner", "find_since", "make", "stop", "text_for"]
