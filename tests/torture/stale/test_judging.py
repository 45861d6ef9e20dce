"""The judge of the torture: every case of before, after and answer that means something."""

import pytest

from tests.torture.doors import Answer
from tests.torture.stale.board import Phase, Standing
from tests.torture.stale.judging import Sight, Verdict, judge

UP, CHANGING, DOWN = Phase.UP, Phase.CHANGING, Phase.DOWN
GOOD, ENDED = 4 | Standing.GOOD, 8 | Standing.ENDED

CASES = [
    (UP, GOOD, UP, GOOD, Answer.YES, Verdict.RIGHT),
    (UP, GOOD, UP, GOOD, Answer.NO, Verdict.DENIED),
    (UP, ENDED, UP, ENDED, Answer.NO, Verdict.RIGHT),
    (UP, ENDED, UP, ENDED, Answer.YES, Verdict.STALE),
    (UP, GOOD, UP, ENDED, Answer.YES, Verdict.OPEN),
    (UP, GOOD, UP, ENDED, Answer.NO, Verdict.OPEN),
    (UP, ENDED, UP, ENDED + 4, Answer.YES, Verdict.OPEN),
    (UP, GOOD, UP, GOOD, Answer.AWAY, Verdict.GAVE_UP),
    (UP, GOOD, CHANGING, GOOD, Answer.AWAY, Verdict.RIGHT),
    (CHANGING, ENDED, CHANGING, ENDED, Answer.YES, Verdict.STALE),
    (CHANGING, GOOD, CHANGING, GOOD, Answer.NO, Verdict.DENIED),
    (DOWN, GOOD, DOWN, GOOD, Answer.AWAY, Verdict.RIGHT),
    (DOWN, GOOD, DOWN, GOOD, Answer.YES, Verdict.GUESSED),
    (DOWN, ENDED, DOWN, ENDED, Answer.NO, Verdict.GUESSED),
    (DOWN, GOOD, DOWN, ENDED, Answer.ODD, Verdict.ODD),
    (CHANGING, GOOD, UP, GOOD, Answer.LOST, Verdict.ODD),
]


@pytest.mark.parametrize(("phase", "word", "later_phase", "later_word", "answer", "verdict"), CASES)
def test_an_answer_is_judged_by_how_things_stood_before_and_after(
    phase: Phase, word: int, later_phase: Phase, later_word: int, answer: Answer, verdict: Verdict
) -> None:
    assert judge(Sight(phase, word), Sight(later_phase, later_word), answer) == verdict
