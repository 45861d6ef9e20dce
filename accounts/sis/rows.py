"""What the columns of each kind of file mean: a record becomes the values that are staged, or is refused with a reason.

Source: Canvas' page "SIS Import Format Documentation" (doc/api/sis_csv). Columns it names and that say nothing about
who is who here, such as passwords, terms and integration ids, are ignored like any other unknown column.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.models import OpenState
from accounts.names import sortable_of
from accounts.roles import EnrollmentState
from accounts.sis.roles import RoleBook

LONGEST = 255  # characters, of every text
LONGEST_EMAIL = 254
Values = tuple[object, ...]


class BadRow(Exception):  # an outcome that is reported, not a failure
    """This row cannot be taken, for the reason that is the message."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record by its column names. `warn` takes what is wrong with a row that goes in all the same."""

    values: Mapping[str, str]
    roles: RoleBook
    warn: Callable[[str], None]

    def text(self, name: str) -> str:
        """The trimmed value; empty where there is none, or no such column."""
        value = self.values.get(name, "").strip()
        if len(value) > LONGEST:
            raise BadRow(f"{name} is longer than {LONGEST} characters")
        return value

    def words(self, name: str) -> str:
        """A text for people to read, on one line."""
        return " ".join(self.text(name).split())

    def required(self, name: str) -> str:
        if value := self.text(name):
            return value
        raise BadRow(f"{name} is empty")

    def required_words(self, name: str) -> str:
        return " ".join(self.required(name).split())

    def word(self, name: str, meanings: Mapping[str, str]) -> str:
        """One of a few words, in any case."""
        value = self.required(name)
        try:
            return meanings[value.lower()]
        except KeyError:
            raise BadRow(f"{name} “{value}” is not one of {', '.join(meanings)}") from None

    @property
    def is_dated(self) -> bool:
        """Whether the file speaks of dates at all; where it does, an empty one means none."""
        return "start_date" in self.values or "end_date" in self.values

    def moment(self, name: str) -> datetime | None:
        """An ISO 8601 moment, in UTC where it names no offset; a day begins at midnight."""
        value = self.text(name)
        if not value:
            return None
        try:
            moment = datetime.fromisoformat(value)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError):
            raise BadRow(f"{name} “{value}” is not a date like 2027-01-31T08:00:00Z") from None


ACCOUNT_STATES = {"active": OpenState.ACTIVE, "deleted": OpenState.DELETED}
COURSE_STATES = {"active": OpenState.ACTIVE, "published": OpenState.ACTIVE, "completed": OpenState.COMPLETED}
COURSE_STATES |= {"deleted": OpenState.DELETED}
USER_STATES = {"active": "active", "suspended": "suspended", "deleted": "deleted"}
ENROLLMENT_STATES = {state.value: state.value for state in EnrollmentState}
ENROLLMENT_STATES |= {"deleted_last_completed": EnrollmentState.COMPLETED.value}
ADMIN_STATES = {"active": EnrollmentState.ACTIVE.value, "deleted": EnrollmentState.DELETED.value}


def account(row: Row) -> Values:
    state = row.word("status", ACCOUNT_STATES)
    return row.required("account_id"), row.text("parent_account_id"), row.required_words("name"), str(state)


def course(row: Row) -> Values:
    code, name = row.required_words("short_name"), row.required_words("long_name")
    state = row.word("status", COURSE_STATES)
    dates = (row.moment("start_date"), row.moment("end_date"))
    return row.required("course_id"), code, name, row.text("account_id"), str(state), *dates, row.is_dated


def section(row: Row) -> Values:
    return row.required("section_id"), row.required("course_id")


def user(row: Row) -> Values:
    status = row.word("status", USER_STATES)
    login = row.required("login_id")
    name, sortable = names(row)
    if_new = name or sortable or row.words("short_name") or login
    return (
        row.required("user_id"),
        login,
        name or None,
        sortable or None,
        row.words("short_name") or None,
        _email(row),
        status == "active",
        status == "deleted",
        if_new,
        sortable or sortable_of(if_new),
    )


def names(row: Row) -> tuple[str, str]:
    """The name and the sortable name, as Canvas composes them; empty where the row has none."""
    full, first, last = row.words("full_name"), row.words("first_name"), row.words("last_name")
    name = full or f"{first} {last}".strip()
    if not full and first and last:
        return name, row.words("sortable_name") or f"{last}, {first}"
    return name, row.words("sortable_name") or sortable_of(name)


def _email(row: Row) -> str | None:
    """The address; None, which leaves a known one as it is, for none or for one that is not an address."""
    value = row.text("email")
    if not value:
        return None
    try:
        validate_email(value)
    except ValidationError:
        value = value if len(value) <= 40 else value[:40] + "…"
        row.warn(f"“{value}” is not an e-mail address; the person goes in without it")
        return None
    return value


def enrollment(row: Row) -> Values:
    state = row.word("status", ENROLLMENT_STATES)
    course_id, section_id = row.text("course_id"), row.text("section_id")
    if not course_id and not section_id:
        raise BadRow("course_id and section_id are both empty")
    user_id, role_id = row.required("user_id"), _role(row, in_course=True)
    dates = (row.moment("start_date"), row.moment("end_date"))
    return user_id, role_id, course_id or None, section_id, None, state, *dates, row.is_dated


def admin(row: Row) -> Values:
    state = row.word("status", ADMIN_STATES)
    user_id, role_id = row.required("user_id"), _role(row, in_course=False)
    return user_id, role_id, None, "", row.text("account_id"), state, None, None, False


def _role(row: Row, *, in_course: bool) -> int:
    number, name = row.text("role_id"), row.text("role")
    if not number and not name:
        raise BadRow("role and role_id are both empty")
    role = row.roles.find(number, name)
    shown = f"role_id “{number}”" if number else f"role “{name}”"
    if role is None:
        raise BadRow(f"{shown} is not known")
    if role.is_of_course != in_course:
        raise BadRow(f"{shown} is not a role of {'a course' if in_course else 'an account'}")
    return role.pk


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file: the columns it must have, how a row is read, and the staging table and columns it goes to."""

    required: tuple[str, ...]
    read: Callable[[Row], Values]
    table: str
    columns: tuple[str, ...]


_HELD = ("user_sis", "role_id", "course_sis", "section", "account_sis", "state", "starts_at", "ends_at", "dated")
_PERSON = ("sis", "login_id", "name", "sortable_name", "short_name", "email", "is_active", "is_deleted")
# A column that is read must not stand there twice; of others nobody asks.
READ = frozenset(
    {
        *("account_id", "parent_account_id", "name", "status"),
        *("user_id", "login_id", "full_name", "first_name", "last_name", "sortable_name", "short_name", "email"),
        *("course_id", "long_name", "start_date", "end_date", "section_id", "role", "role_id"),
    }
)
BY_NAME = {
    "accounts": Kind(
        ("account_id", "parent_account_id", "name", "status"),
        account,
        "sis_account",
        ("sis", "parent", "name", "state"),
    ),
    "users": Kind(("user_id", "login_id", "status"), user, "sis_person", (*_PERSON, "name_if_new", "sortable_if_new")),
    "courses": Kind(
        ("course_id", "short_name", "long_name", "status"),
        course,
        "sis_course",
        ("sis", "code", "name", "account_sis", "state", "starts_at", "ends_at", "dated"),
    ),
    "sections": Kind(("section_id", "course_id"), section, "sis_section", ("sis", "course_sis")),
    "enrollments": Kind(("user_id", "status"), enrollment, "sis_held", _HELD),
    "admins": Kind(("user_id", "account_id", "status"), admin, "sis_held", _HELD),
}
