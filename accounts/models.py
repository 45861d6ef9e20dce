"""The school: its accounts and courses, its people, and the roles they hold."""

from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Concat, Lower
from django.utils.translation import gettext_lazy as _

from accounts.audit import AuditEvent, AuditSeal  # noqa: F401  # Django finds an app's models here
from accounts.browsers import Browser  # noqa: F401  # as above
from accounts.mails import CHOICES, Often
from accounts.roles import Base, EnrollmentState, Permission
from accounts.rosters import Mentioned, RosterRun  # noqa: F401  # as above


class OpenState(models.TextChoices):
    """Of an account or a course; the roles held in a closed one do not count."""

    ACTIVE = "active", _("active")
    COMPLETED = "completed", _("completed")
    DELETED = "deleted", _("deleted")


class AccountManager(models.Manager["Account"]):
    def root(self) -> "Account":
        return self.get(parent=None)

    def create_under(self, parent: "Account", **fields: Any) -> "Account":
        """Make a sub-account; a database trigger writes its path."""
        account = self.create(parent=parent, **fields)
        account.refresh_from_db(fields=["path"])
        return account


class Account(models.Model):
    """A node of the school's tree. `path` is its line of ids from the root, kept by a database trigger."""

    name = models.CharField(_("name"), max_length=255)
    sis_account_id = models.CharField(max_length=255, null=True, blank=True, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = ArrayField(models.BigIntegerField(), default=list, editable=False)
    state = models.CharField(max_length=9, choices=OpenState, default=OpenState.ACTIVE)

    objects = AccountManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.ExpressionWrapper(Q(parent=None), models.BooleanField()),
                condition=Q(parent=None),
                name="account_one_root",
            ),
            models.CheckConstraint(name="account_state_known", condition=Q(state__in=OpenState.values)),
        ]
        indexes = [GinIndex(fields=["path"], name="account_path")]

    def __str__(self) -> str:
        return self.name

    @property
    def line(self) -> tuple[int, ...]:
        """`path` as the pure functions take it."""
        return tuple(self.path)


class Course(models.Model):
    sis_course_id = models.CharField(max_length=255, null=True, blank=True, unique=True)
    code = models.CharField(_("code"), max_length=255)
    name = models.CharField(_("name"), max_length=255)
    account = models.ForeignKey(Account, models.PROTECT, related_name="courses")
    state = models.CharField(max_length=9, choices=OpenState, default=OpenState.ACTIVE)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="course_state_known", condition=Q(state__in=OpenState.values))]

    def __str__(self) -> str:
        return self.code


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        """Sign-in names differ in more than case."""
        return self.get(login_id__iexact=username)

    def create_user(self, login_id: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(login_id=login_id, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


def validate_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("There is no time zone “%(name)s”."), params={"name": name})


_LINE = models.Value("\n")  # what is asked for holds none, so nothing is found across two columns


class User(AbstractBaseUser):
    """A person. What they may do follows from their enrollments alone; there are no flags."""

    login_id = models.CharField(_("sign-in name"), max_length=255)
    name = models.CharField(_("name"), max_length=255)
    sortable_name = models.CharField(_("sortable name"), max_length=255, blank=True)
    short_name = models.CharField(_("short name"), max_length=255, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    sis_user_id = models.CharField(max_length=255, null=True, blank=True, unique=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    locale = models.CharField(_("language"), max_length=16, blank=True)
    # Kinds of mails (`accounts.mails`) that this person has switched off.
    unwanted_mails = ArrayField(models.CharField(max_length=8), blank=True, default=list, db_default=[])
    digest = models.CharField(max_length=6, default=Often.WEEKLY.value, db_default=Often.WEEKLY.value)
    is_active = models.BooleanField(_("may sign in"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # All by which a person is looked for, in one column: PostgreSQL looks through it in a quarter of the time.
    search_text = models.GeneratedField(
        expression=Lower(
            Concat(
                *("name", _LINE, "login_id", _LINE, "email", _LINE, Coalesce("sis_user_id", models.Value(""))),
                output_field=models.TextField(),
            )
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = UserManager()

    USERNAME_FIELD = "login_id"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("login_id"), name="user_login_id_unique"),
            models.CheckConstraint(
                name="user_unwanted_mails_known",
                condition=Q(unwanted_mails__contained_by=[kind.value for kind in CHOICES]),
            ),
            models.CheckConstraint(name="user_digest_known", condition=Q(digest__in=[often.value for often in Often])),
        ]
        indexes = [models.Index(F("sortable_name"), F("id"), name="user_sortable_name")]

    def __str__(self) -> str:
        return self.name or self.login_id

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.short_name or self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def initials(self) -> str:
        words = self.name.split() or [self.login_id]
        return "".join(word[0] for word in (words[0], *words[1:][-1:])).upper()


class Role(models.Model):
    """A named kind of membership. One of each base is built in; a school adds its own.

    Nobody can be given a retired one any more; those who hold it keep it until it ends for them.
    """

    label = models.CharField(_("name"), max_length=255)
    base = models.CharField(max_length=8, choices=[(base.value, base.value) for base in Base])
    permissions = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    is_builtin = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("label"), name="role_label_unique"),
            models.UniqueConstraint(fields=["base"], condition=Q(is_builtin=True), name="role_one_builtin_a_base"),
            models.CheckConstraint(name="role_base_known", condition=Q(base__in=list(Base))),
            models.CheckConstraint(
                name="role_permissions_known", condition=Q(permissions__contained_by=list(Permission))
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def rights(self) -> frozenset[Permission]:
        """`permissions` as the pure functions take them."""
        return frozenset(map(Permission, self.permissions))


class GivenBy(models.TextChoices):
    """Who vouches for a role: a roster or an administrator, or the claims of the school's own sign-in."""

    SCHOOL = "", _("the school")
    CLAIMS = "claims", _("the school's sign-in")


class Enrollment(models.Model):
    """A person holds a role in an account, perhaps through a course. Without own dates the course's hold.

    `as_grant` is all of it that policy looks at (`accounts.roles.Grant`), the role's, account's and course's part too,
    as JSON; None while it grants nothing, whatever the date. Database triggers keep it, see the migration.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="enrollments")
    role = models.ForeignKey(Role, models.PROTECT, related_name="enrollments")
    account = models.ForeignKey(Account, models.PROTECT, related_name="enrollments")
    course = models.ForeignKey(Course, models.PROTECT, null=True, blank=True, related_name="enrollments")
    sis_section_id = models.CharField(max_length=255, blank=True)
    state = models.CharField(
        max_length=9, choices=[(state.value, state.value) for state in EnrollmentState], default=EnrollmentState.ACTIVE
    )
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    given_by = models.CharField(max_length=6, choices=GivenBy, blank=True, default="", db_default="")
    as_grant = models.TextField(null=True, editable=False)  # noqa: DJ001  # no value and no text differ

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "account", "course", "sis_section_id"],
                nulls_distinct=False,
                name="enrollment_once",
            ),
            models.CheckConstraint(name="enrollment_state_known", condition=Q(state__in=list(EnrollmentState))),
        ]

    def __str__(self) -> str:
        return f"{self.role} in {self.course or self.account}"


class WrongCode(models.Model):
    """A code of a second step that was wrong: so many within a while, and none is looked at."""

    person = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "at"], name="wrong_code_person")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.at:%F %T}"
