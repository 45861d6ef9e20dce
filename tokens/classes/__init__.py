"""Tokens for a class: made for all students of a course at once, picked up by each, whose secret nobody else sees."""

from tokens.classes.making import add_new, carry_on, find_made, look, make, waiting, wish_for
from tokens.classes.rights import Teaching, courses_taught, student_decision
from tokens.classes.standing import STATES, Progress, count_new, items_of, lines, progress_of, progress_of_many, row_of
from tokens.classes.tending import remind, remind_from, revoke
from tokens.classes.wording import why_none

__all__ = [
    "STATES",
    "Progress",
    "Teaching",
    "add_new",
    "carry_on",
    "count_new",
    "courses_taught",
    "find_made",
    "items_of",
    "lines",
    "look",
    "make",
    "progress_of",
    "progress_of_many",
    "remind",
    "remind_from",
    "revoke",
    "row_of",
    "student_decision",
    "waiting",
    "why_none",
    "wish_for",
]
