"""The emergency stop: whose tokens are to be stopped, the pause that stops them, and to whom it is shown."""

from tokens.emergency.acts import lift, pause
from tokens.emergency.covering import Covered, covered, tokens_of
from tokens.emergency.reach import Target, accounts_to_stop_in, may_lift, target_of
from tokens.emergency.showing import Sign, signs_for

__all__ = [
    "Covered",
    "Sign",
    "Target",
    "accounts_to_stop_in",
    "covered",
    "lift",
    "may_lift",
    "pause",
    "signs_for",
    "target_of",
    "tokens_of",
]
