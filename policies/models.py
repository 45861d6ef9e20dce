"""The settings of an account, and what they come to down the tree."""

from typing import TYPE_CHECKING, cast

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.prepared import fetch_all
from accounts.tree import Path
from policies.decision import LONGEST_CAP, LONGEST_STUDENT_CAP, Audience, Rules

if TYPE_CHECKING:
    from collections.abc import Iterable


class PolicyQuerySet(models.QuerySet["Policy"]):
    def rules_for(self, path: Path) -> Rules:
        """The effective rules of the account at the end of `path`."""
        return self.rules_for_many([path])[path]

    def rules_for_many(self, paths: "Iterable[Path]") -> dict[Path, Rules]:
        """The effective rules of several accounts, in one query."""
        wanted = set(paths)
        rows = fetch_all(_READ, [list({account_id for path in wanted for account_id in path})])
        policies = {row[0]: Policy.from_db(self.db, _FIELDS, row) for row in rows}
        return {path: effective([policies[a] for a in path if a in policies]) for path in wanted}


class Policy(models.Model):
    """What one account sets itself; NULL means inherited from the account above."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="policy")
    audience = models.CharField(  # noqa: DJ001  # no value is not the empty text: it is inherited
        _("who may create tokens"), max_length=16, null=True, blank=True, choices=[(a.value, a.value) for a in Audience]
    )
    student_cap_days = models.PositiveSmallIntegerField(_("longest life of a student's token"), null=True, blank=True)
    teaching_cap_days = models.PositiveSmallIntegerField(_("longest life of a teacher's token"), null=True, blank=True)
    admin_cap_days = models.PositiveSmallIntegerField(
        _("longest life of an administrator's token"), null=True, blank=True
    )
    observers_count_as_students = models.BooleanField(_("observers count as students"), null=True, blank=True)
    scopes_required = models.BooleanField(_("tokens need scopes"), null=True, blank=True)
    student_scopes = ArrayField(
        models.CharField(max_length=255), verbose_name=_("scopes for students"), null=True, blank=True
    )
    updated_at = models.DateTimeField()

    objects = PolicyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="policy_audience_known", condition=Q(audience__in=list(Audience))),
            models.CheckConstraint(
                name="policy_student_cap_in_range", condition=Q(student_cap_days__range=(1, LONGEST_STUDENT_CAP))
            ),
            models.CheckConstraint(
                name="policy_teaching_cap_in_range", condition=Q(teaching_cap_days__range=(1, LONGEST_CAP))
            ),
            models.CheckConstraint(
                name="policy_admin_cap_in_range", condition=Q(admin_cap_days__range=(1, LONGEST_CAP))
            ),
        ]

    def __str__(self) -> str:
        return f"policy of account {self.account_id}"

    def values(self) -> dict[str, object]:
        """Every setting by name, as the audit trail keeps it."""
        return {name: getattr(self, name) for name in SETTINGS}


_FIELDS = [field.attname for field in Policy._meta.concrete_fields]
_READ = f"SELECT {', '.join(_FIELDS)} FROM policies_policy WHERE account_id = ANY(%s::bigint[])"  # noqa: S608  # ours

# The settings, by the one name that column, form field, rule and API share.
SETTINGS = tuple(Rules.__dataclass_fields__)


def effective(chain: list[Policy]) -> Rules:
    """Merge policies from the root down: the deepest value that is set holds."""
    values: dict[str, object] = {}
    for policy in chain:
        values.update({name: value for name, value in policy.values().items() if value is not None})
    if "audience" in values:
        values["audience"] = Audience(str(values["audience"]))
    if "student_scopes" in values:
        values["student_scopes"] = frozenset(cast("list[str]", values["student_scopes"]))
    return Rules(**values)  # type: ignore[arg-type]  # columns and rules share names and types; a test compares them
