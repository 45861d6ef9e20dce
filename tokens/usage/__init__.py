"""Uses of tokens: noted in memory, handed to Redis within seconds, rolled up by a job into a row per token and day.

A request never waits for this and never fails by it: with Redis away the counts of that time are dropped, and that is
said once in the log.
"""

from tokens.usage.counting import ACCEPTED, DayUse, Use
from tokens.usage.noting import buffer
from tokens.usage.rollup import forget, roll_up, write

note = buffer.note
note_lacking = buffer.note_lacking
note_verifier = buffer.note_verifier

__all__ = ["ACCEPTED", "DayUse", "Use", "buffer", "forget", "note", "note_lacking", "note_verifier", "roll_up", "write"]
