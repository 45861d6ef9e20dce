"""A pause, and its report, as programs are told of them."""

from datetime import datetime
from typing import Any

from accounts.moments import iso
from tokens.emergency.report import Figures
from tokens.models import Pause, PausedToken


def pause_of(pause: Pause) -> dict[str, Any]:
    """All of it but the words to owners that nobody has written."""
    return {
        "id": pause.pk,
        "whom": pause.whom,
        "account_id": pause.account_id,
        "role": pause.base or None,
        "course_id": pause.course_id,
        "reason_code": pause.reason_code,
        "reason": pause.reason,
        "words": pause.words,
        "made_at": iso(pause.made_at),
        "made_by": pause.made_by_id,
        "lifted_at": iso(pause.lifted_at) if pause.lifted_at else None,
        "lifted_by": pause.lifted_by_id,
        "covered": {name: pause.figures.get(name, 0) for name in ("tokens", "people", "used")},
    }


def report_of(pause: Pause, figures: Figures) -> dict[str, Any]:
    """A pause with the numbers of its report, and how far the word to the owners is."""
    return {
        **pause_of(pause),
        "told": pause.told,
        "told_at": iso(pause.told_at) if pause.told_at else None,
        "told_of_lifting": pause.untold,
        "told_of_lifting_at": iso(pause.untold_at) if pause.untold_at else None,
        "measured_at": iso(pause.measured_at) if pause.measured_at else None,
        "report": figures.facts(),
    }


def line_of(line: PausedToken, *, now: datetime) -> dict[str, Any]:
    """A token in a report."""
    return {
        "id": line.pk,
        "token_id": line.token_id,
        "hint": line.token.lookup_id,
        "purpose": line.token.purpose,
        "user_id": line.owner_id,
        "last_used_at": iso(line.last_used_at) if line.last_used_at else None,
        "last_used_ip": line.last_used_ip,
        "requests": line.requests,
        "tried": line.tried,
        "state": line.token.state_at(now).value,
    }
