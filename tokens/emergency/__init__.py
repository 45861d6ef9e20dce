"""The emergency stop: whose tokens are to be stopped, the pause that stops them, who is told, and its report."""

from tokens.emergency.acts import lift, pause
from tokens.emergency.covering import Covered, covered, tokens_of
from tokens.emergency.mailing import Mail, mail_of
from tokens.emergency.measuring import measure, to_measure
from tokens.emergency.reach import Target, accounts_to_stop_in, may_lift, target_of
from tokens.emergency.showing import Sign, pauses_seen_by, signs_for
from tokens.emergency.telling import tell_in_batches, to_tell, to_untell, untell_in_batches

__all__ = [
    "Covered",
    "Mail",
    "Sign",
    "Target",
    "accounts_to_stop_in",
    "covered",
    "lift",
    "mail_of",
    "may_lift",
    "measure",
    "pause",
    "pauses_seen_by",
    "signs_for",
    "target_of",
    "tell_in_batches",
    "to_measure",
    "to_tell",
    "to_untell",
    "tokens_of",
    "untell_in_batches",
]
