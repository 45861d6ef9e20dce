"""What people ask for where it takes somebody else's word: a token, or one that lives longer than they may.

The only writer of requests. Every verb is one transaction: lock the person, then the request, check, change, record,
owe them a word. An approval makes no token; its owner does, once, by `lifecycle.issue_approved`. Who may answer whom is
the doors' question (`tokens.permissions`).
"""

from tokens.requests.answering import Answered, approve, approve_many, lapse_many, turn_down, turn_down_many
from tokens.requests.asking import ask, latest_end, withdraw
from tokens.requests.using import spend, take

__all__ = [
    "Answered",
    "approve",
    "approve_many",
    "ask",
    "lapse_many",
    "latest_end",
    "spend",
    "take",
    "turn_down",
    "turn_down_many",
    "withdraw",
]
