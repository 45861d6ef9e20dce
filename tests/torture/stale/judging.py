"""What an answer is worth, given how the token and the servers stood before the question and after the answer. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from tests.torture.doors import Answer
from tests.torture.stale.board import Phase, Standing, standing_of


class Verdict(StrEnum):
    """Whether it was right to say so."""

    RIGHT = "right"
    OPEN = "open"  # something changed meanwhile: both answers can be right
    STALE = "stale"  # yes, though the end had been acknowledged before the question
    DENIED = "denied"  # no, though the token was good all the time
    GUESSED = "guessed"  # yes or no, though the database was away all the time
    GAVE_UP = "gave up"  # 503, though everything was there
    ODD = "odd"


WRONG = frozenset(Verdict) - {Verdict.RIGHT, Verdict.OPEN}


@dataclass(frozen=True, slots=True)
class Sight:
    """How things stood at one moment."""

    phase: Phase
    word: int

    @property
    def standing(self) -> Standing:
        return standing_of(self.word)


def is_after_end(before: Sight) -> bool:
    """Whether a check that begins now begins after an acknowledged end."""
    return before.standing == Standing.ENDED


def judge(before: Sight, after: Sight, answer: Answer) -> Verdict:
    """Judge one answer. A word that changed leaves a yes and a no open, but never an odd or a lost one."""
    if answer in (Answer.ODD, Answer.LOST):
        return Verdict.ODD
    if answer == Answer.AWAY:
        return Verdict.GAVE_UP if before.phase == after.phase == Phase.UP else Verdict.RIGHT
    if before.phase == after.phase == Phase.DOWN:
        return Verdict.GUESSED
    if before.word != after.word or before.standing == Standing.CHANGING:
        return Verdict.OPEN
    if answer == Answer.YES:
        return Verdict.STALE if before.standing == Standing.ENDED else Verdict.RIGHT
    return Verdict.DENIED if before.standing == Standing.GOOD else Verdict.RIGHT
