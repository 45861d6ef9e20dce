"""What Canvas' objects mean as rows of a roster: pure, a value in, a row out, or the reason why there is none.

Sources: Canvas' pages "Accounts", "Users", "Courses", "Enrollments" and "Admins" of its REST API.
"""

from collections.abc import Mapping
from typing import Any

from accounts.canvas.asking import CanvasError, Thing

Row = tuple[str, ...]
COLUMNS: dict[str, Row] = {
    "accounts": ("account_id", "parent_account_id", "name", "status"),
    "users": ("user_id", "login_id", "full_name", "sortable_name", "short_name", "email", "status"),
    "courses": ("course_id", "short_name", "long_name", "account_id", "status", "start_date", "end_date"),
    "enrollments": ("course_id", "user_id", "role", "section_id", "status", "start_date", "end_date"),
    "admins": ("user_id", "account_id", "role", "status"),
}
# `workflow_state` of a course. One that is not published yet is open as in a roster: its teachers teach it already.
COURSES = {"available": "active", "unpublished": "active", "created": "active", "claimed": "active"}
COURSES |= {"completed": "completed", "deleted": "deleted"}
# `enrollment_state`. Who was invited and has not accepted has no role in Canvas yet.
ENROLLMENTS = {"active": "active", "invited": "inactive", "creation_pending": "inactive", "inactive": "inactive"}
ENROLLMENTS |= {"completed": "completed", "rejected": "deleted", "deleted": "deleted"}
# Of several enrollments of one person with one role in one section, the one that counts most.
_STRENGTH = ("active", "inactive", "completed", "deleted")
TEST_STUDENT = "StudentViewEnrollment"


class LeftOut(Exception):
    """This cannot stand in a roster, for the reason that is the message: one of `words`."""


def text(thing: Thing, name: str) -> str:
    """The text or number of a field; empty where there is none. Raises CanvasError for anything else."""
    value = thing.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise CanvasError("nonsense", what=name)
    return str(value)


def required(thing: Thing, name: str = "id") -> str:
    """The field that has to be there. Raises CanvasError."""
    if found := text(thing, name):
        return found
    raise CanvasError("nonsense", what=name)


def part(thing: Thing, name: str) -> Thing:
    """What lies within; empty where nothing does. Raises CanvasError."""
    value = thing.get(name) or {}
    if not isinstance(value, dict):
        raise CanvasError("nonsense", what=name)
    return value


def name_of(thing: Thing, field: str) -> str:
    """What the roster calls an account or a course: its SIS id, or Canvas' own number where it has none."""
    return text(thing, field) or f"canvas:{required(thing)}"


def account(thing: Thing, names: Mapping[str, str]) -> Row:
    """An account below the one that is the school; `names` are the roster's of all of them, by Canvas' numbers."""
    parent = names.get(required(thing, "parent_account_id"), "")
    return names[required(thing)], parent, text(thing, "name"), "active"


def user(thing: Thing) -> Row:
    """A person. Raises LeftOut without a SIS id: there is nothing by which the same one would be known tomorrow."""
    if not text(thing, "sis_user_id"):
        raise LeftOut("no_sis_id")
    names = (text(thing, name) for name in ("sis_user_id", "login_id", "name", "sortable_name", "short_name", "email"))
    return (*names, "active")


def course(thing: Thing, names: Mapping[str, str]) -> Row:
    """A course. Its dates count where Canvas lets them. Raises LeftOut for one of an account that is not read."""
    where = required(thing, "account_id")
    if where not in names:
        raise LeftOut("elsewhere")
    code, name = text(thing, "course_code"), text(thing, "name")
    counts = thing.get("restrict_enrollments_to_course_dates") is not False
    dates = (text(thing, "start_at"), text(thing, "end_at")) if counts else ("", "")
    state = _state(thing, "workflow_state", COURSES)
    return name_of(thing, "sis_course_id"), code or name, name or code, names[where], state, *dates


def enrollment(thing: Thing, course_name: str) -> Row:
    """A role in a course. Raises LeftOut for Canvas' test student, and for whom `user` leaves out."""
    if text(thing, "type") == TEST_STUDENT:
        raise LeftOut("test_student")
    person = text(thing, "sis_user_id") or text(part(thing, "user"), "sis_user_id")
    if not person:
        raise LeftOut("roles_no_sis_id")
    role = text(thing, "role") or required(thing, "type")
    state = _state(thing, "enrollment_state", ENROLLMENTS)
    return (
        course_name,
        person,
        role,
        text(thing, "sis_section_id"),
        state,
        text(thing, "start_at"),
        text(thing, "end_at"),
    )


def admin(thing: Thing, account_name: str) -> Row:
    """A role in an account. Raises LeftOut for whom `user` leaves out."""
    person = text(part(thing, "user"), "sis_user_id")
    if not person:
        raise LeftOut("roles_no_sis_id")
    state = "deleted" if text(thing, "workflow_state") == "deleted" else "active"
    return person, account_name, required(thing, "role"), state


def strongest_last(rows: list[Row]) -> list[Row]:
    """Order the roles of one course so that of two that are one here the one that counts most stands last."""
    return sorted(rows, key=lambda row: _STRENGTH.index(row[4]), reverse=True)


def _state(thing: Thing, field: str, meanings: Mapping[str, Any]) -> str:
    state = required(thing, field)
    if state not in meanings:
        raise CanvasError("nonsense", what=f"{field} {state}"[:100])
    return str(meanings[state])
