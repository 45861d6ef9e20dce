"""Acts on many tokens: looked at before, made once, carried out in batches that may die at any point, stopped."""

from tokens.bulk.carrying import carry_out, stop
from tokens.bulk.looking import AT_ONCE, Look, fitting, look
from tokens.bulk.making import Wish, make

__all__ = ["AT_ONCE", "Look", "Wish", "carry_out", "fitting", "look", "make", "stop"]
