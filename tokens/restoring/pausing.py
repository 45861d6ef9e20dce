"""Emergency stops that were in force, made again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import Account, Course
from accounts.roles import Base, Permission
from policies.refusals import Code, Refused
from tokens import emergency
from tokens.emergency.reach import Target
from tokens.stops import Whom


def pause_again(facts: Mapping[str, Any], failed: list[str], *, now: datetime) -> int:
    """Make the pause whose facts these are, unless there is one; 1 if it was made. What stands in the way, `failed`."""
    account = Account.objects.filter(pk=facts["account"]).first() if facts["account"] else None
    course = Course.objects.filter(pk=facts["course"]).first() if facts["course"] else None
    if (facts["account"] and account is None) or (facts["course"] and course is None):
        failed.append(f"pause {facts['pause']} was of an account or a course that the backup does not have")
        return 0
    rights = None if facts["rights"] is None else frozenset(map(Permission, facts["rights"]))
    base = Base(facts["base"]) if facts["base"] else None
    target = Target(Whom(facts["whom"]), account, base, course, rights)
    given = {name: str(facts[name]) for name in ("reason", "reason_code", "words")}
    try:
        emergency.pause(target, **given, actor=None, now=now)
    except Refused as refused:
        if refused.code != Code.ALREADY_PAUSED:
            failed.append(f"pause {facts['pause']} cannot be made again: {refused.code}")
        return 0
    return 1
