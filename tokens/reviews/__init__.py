"""Access reviews: opened over an account, told of in rounds, answered by owners, closed by a job, kept as a report."""

from tokens.reviews.answering import Said, answer, asked_now, count_unanswered, is_answerable, may_answer_late, open_to
from tokens.reviews.closing import cancel, close_early, close_in_batches, due
from tokens.reviews.opening import DEFAULT_DAYS, LEAST_DAYS, MOST_DAYS, Look, look, open_review
from tokens.reviews.standing import answered_of, came_of, lines, progress_of, silent_in
from tokens.reviews.telling import remind, start_rounds, tell_in_batches, unfinished

__all__ = [
    "DEFAULT_DAYS",
    "LEAST_DAYS",
    "MOST_DAYS",
    "Look",
    "Said",
    "answer",
    "answered_of",
    "asked_now",
    "came_of",
    "cancel",
    "close_early",
    "close_in_batches",
    "count_unanswered",
    "due",
    "is_answerable",
    "lines",
    "look",
    "may_answer_late",
    "open_review",
    "open_to",
    "progress_of",
    "remind",
    "silent_in",
    "start_rounds",
    "tell_in_batches",
    "unfinished",
]
