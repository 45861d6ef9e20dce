"""Secrets that are in the open: who reports one, what is kept of that, and what becomes of the token.

A report is judged and stored at once, without its secret; a job does what the policy says.
"""

from tokens.leaks.reporting import Report, take
from tokens.leaks.settling import settle_in_batches

__all__ = ["Report", "settle_in_batches", "take"]
