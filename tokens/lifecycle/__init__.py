"""What can happen to a token. The only writer of tokens.

Every verb is one transaction: lock, decide, change, record, owe the owner a word. Locks are taken in one order, rules
before the owner before the token, so that a cap, a lost role or a revocation never slips between the check and the
write. Who may call a verb on whom is the doors' question (`tokens.permissions`).
"""

from tokens.lifecycle.applying import Applied, apply_change
from tokens.lifecycle.batches import (
    clamp_many,
    expire_many,
    hold_all,
    resume_many,
    revoke_all,
    revoke_many,
    suspend_many,
)
from tokens.lifecycle.changes import RENEWED, UNCHANGED, Change, Issued, Renewed, Unchanged
from tokens.lifecycle.classes import Wish, issue_many, refusals_of
from tokens.lifecycle.importing import Foreign, import_many
from tokens.lifecycle.issuing import issue, issue_approved, rehearse
from tokens.lifecycle.leaving import Fate, hand_over, stop_all
from tokens.lifecycle.moving import shorten_many
from tokens.lifecycle.overlapping import forget_superseded, overlap_ends_at
from tokens.lifecycle.unused import tend_unused
from tokens.lifecycle.verbs import activate, end_overlap, regenerate, resume, retag, revoke, suspend, update

__all__ = [
    "RENEWED",
    "UNCHANGED",
    "Applied",
    "Change",
    "Fate",
    "Foreign",
    "Issued",
    "Renewed",
    "Unchanged",
    "Wish",
    "activate",
    "apply_change",
    "clamp_many",
    "end_overlap",
    "expire_many",
    "forget_superseded",
    "hand_over",
    "hold_all",
    "import_many",
    "issue",
    "issue_approved",
    "issue_many",
    "overlap_ends_at",
    "refusals_of",
    "regenerate",
    "rehearse",
    "resume",
    "resume_many",
    "retag",
    "revoke",
    "revoke_all",
    "revoke_many",
    "shorten_many",
    "stop_all",
    "suspend",
    "suspend_many",
    "tend_unused",
    "update",
]
