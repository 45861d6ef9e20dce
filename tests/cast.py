"""The cast of the tests: a small school with one person of each kind. No factories, no randomness."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from django.contrib.auth.hashers import make_password

from accounts.models import Account, Course, Enrollment, Role, User
from accounts.roles import Base, EnrollmentState, Permission
from tokens import lifecycle, secrets
from tokens.lifecycle import Issued
from tokens.models import AccessToken, State

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery staple"


def zone_of_noon(now: datetime) -> str:
    """A time zone in which it is noon, or less than an hour later."""
    return f"Etc/GMT{now.astimezone(UTC).hour - 12:+d}"  # whose sign is the other way round


def role(base: Base, label: str = "", permissions: tuple[Permission, ...] = ()) -> Role:
    """The built-in role of a base, or a custom one where a label is given."""
    if not label:
        return Role.objects.get(base=base, is_builtin=True)
    made, _new = Role.objects.get_or_create(
        label=label, defaults={"base": base, "permissions": [p.value for p in permissions]}
    )
    return made


def person(login_id: str, **fields: object) -> User:
    """A person without any role, whose password is PASSWORD."""
    values: dict[str, object] = {"name": login_id.replace("-", " ").title(), "email": f"{login_id}@school.example"}
    return User.objects.create(login_id=login_id, password=_hashed(), **{**values, **fields})


@cache
def _hashed() -> str:
    """Argon2 is slow on purpose; the cast shares one password, hashed once."""
    return make_password(PASSWORD)


def enroll(
    user: User,
    held: Role,
    account: Account | None = None,
    *,
    course: Course | None = None,
    state: EnrollmentState = EnrollmentState.ACTIVE,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Enrollment:
    """Write an enrollment as it is, without telling anybody: the past that a test starts from."""
    return Enrollment.objects.create(
        user=user,
        role=held,
        account=account or (course.account if course else Account.objects.root()),
        course=course,
        state=state,
        starts_at=starts_at,
        ends_at=ends_at,
    )


@dataclass
class School:
    """A root with two faculties; each attribute is made when the school is."""

    root: Account = field(default_factory=Account.objects.root)

    def __post_init__(self) -> None:
        self.arts = Account.objects.create_under(self.root, name="Faculty of Arts")
        self.science = Account.objects.create_under(self.root, name="Faculty of Science")
        self.history = Course.objects.create(code="HIST 101", name="History", account=self.arts)
        self.physics = Course.objects.create(code="PHYS 101", name="Physics", account=self.science)
        self.student = self._holding("student", Base.STUDENT, course=self.history)
        self.other_student = self._holding("other-student", Base.STUDENT, course=self.history)
        self.teacher = self._holding("teacher", Base.TEACHER, course=self.history)
        self.admin = self._holding("admin", Base.ADMIN)
        self.arts_admin = self._holding("arts-admin", Base.ADMIN, account=self.arts)
        self.science_admin = self._holding("science-admin", Base.ADMIN, account=self.science)
        self.outsider = person("outsider")

    @staticmethod
    def _holding(login_id: str, base: Base, account: Account | None = None, course: Course | None = None) -> User:
        user = person(login_id)
        enroll(user, role(base), account, course=course)
        return user


def token(
    owner: User,
    *,
    purpose: str = "Grade dashboard",
    days: int | None = 30,
    actor: User | None = None,
    now: datetime = NOW,
) -> Issued:
    """A token of `owner`, made by themselves unless `actor` is given; `days=None` means without an end."""
    expires_at = None if days is None else now + timedelta(days=days)
    return lifecycle.issue(owner, purpose=purpose, expires_at=expires_at, actor=actor or owner, now=now)


def endless_token(owner: User, *, now: datetime = NOW) -> AccessToken:
    """A token without an end, as if made when its owner was under other rules."""
    kept = secrets.keep(secrets.generate())
    return AccessToken.objects.create(
        user=owner,
        purpose="Made long ago",
        state=State.ACTIVE,
        created_at=now,
        updated_at=now,
        secret_made_at=now,
        lookup_id=kept.lookup_id,
        tag=kept.tag,
        tag_key=kept.tag_key,
        verifier=kept.verifier,
    )
