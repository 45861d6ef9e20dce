"""A pause as programs are told of it."""

from typing import Any

from accounts.moments import iso
from tokens.models import Pause


def pause_of(pause: Pause) -> dict[str, Any]:
    """All of it but the words to owners that nobody has written."""
    return {
        "id": pause.pk,
        "whom": pause.whom,
        "account_id": pause.account_id,
        "role": pause.base or None,
        "course_id": pause.course_id,
        "reason": pause.reason,
        "words": pause.words,
        "made_at": iso(pause.made_at),
        "made_by": pause.made_by_id,
        "lifted_at": iso(pause.lifted_at) if pause.lifted_at else None,
        "lifted_by": pause.lifted_by_id,
        "covered": {name: pause.figures.get(name, 0) for name in ("tokens", "people", "used")},
    }
