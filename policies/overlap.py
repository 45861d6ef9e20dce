"""How long an earlier secret works beside the new one: long enough to put that in place everywhere, no longer. Pure."""

from datetime import timedelta

from policies.decision import Decision
from policies.refusals import Code, refuse

LONGEST_HOURS = 72
USUAL_HOURS = 24
STUDENT_HOURS = 1  # what a student's secret is used by stands in one place or two
OFFERED_HOURS = (0, STUDENT_HOURS, USUAL_HOURS, LONGEST_HOURS)


def usual_hours(decision: Decision) -> int:
    """What a rotation takes that names no overlap."""
    return STUDENT_HOURS if decision.capped_as_student else USUAL_HOURS


def overlap_of(hours: int) -> timedelta:
    """An overlap that was asked for. Raises Refused(overlap_out_of_range)."""
    if not 0 <= hours <= LONGEST_HOURS:
        raise refuse(Code.OVERLAP_OUT_OF_RANGE, "overlap_hours", most=LONGEST_HOURS)
    return timedelta(hours=hours)
