"""The settings of an account, and what they come to down the tree."""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.people import ACCOUNTS_OF_U
from accounts.prepared import fetch_all
from accounts.tree import Path
from policies.rules import (
    LIMITS,
    LONGEST_CAP,
    LONGEST_STUDENT_CAP,
    LONGEST_UNUSED,
    MOST_NOTICES,
    MOST_TOKENS,
    NO_LIMIT,
    SETTINGS,
    Approval,
    Audience,
    ClassTokens,
    Leaked,
    Merged,
    Rules,
)

LONGEST_GUIDANCE, LONGEST_LINK = 500, 500  # characters


class PolicyQuerySet(models.QuerySet["Policy"]):
    def rules_for(self, path: Path) -> Rules:
        """The effective rules of the account at the end of `path`."""
        return self.rules_for_many([path])[path]

    def rules_for_many(self, paths: Iterable[Path]) -> dict[Path, Rules]:
        """The effective rules of several accounts, in one query."""
        wanted = set(paths)
        rows = fetch_all(_READ, [list({account_id for path in wanted for account_id in path})])
        policies = {row[0]: Policy.from_db(self.db, _FIELDS, row) for row in rows}
        return {path: merged(policies, path).rules for path in wanted}


class Policy(models.Model):
    """What one account sets itself; NULL means inherited from the account above.

    Of a setting in `locked` the accounts below can only have a tighter value than holds here.
    """

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="policy")
    audience = models.CharField(  # noqa: DJ001  # no value is not the empty text: it is inherited
        _("who may create tokens"), max_length=16, null=True, blank=True, choices=[(a.value, a.value) for a in Audience]
    )
    student_cap_days = models.PositiveSmallIntegerField(_("longest life of a student's token"), null=True, blank=True)
    teaching_cap_days = models.PositiveSmallIntegerField(_("longest life of a teacher's token"), null=True, blank=True)
    admin_cap_days = models.PositiveSmallIntegerField(
        _("longest life of an administrator's token"), null=True, blank=True
    )
    tokens_at_once = models.PositiveSmallIntegerField(_("tokens at once"), null=True, blank=True)
    scopes_required = models.BooleanField(_("tokens need scopes"), null=True, blank=True)
    student_scopes = ArrayField(
        models.CharField(max_length=255), verbose_name=_("scopes for students"), null=True, blank=True
    )
    unused_days = models.PositiveSmallIntegerField(_("unused tokens end after"), null=True, blank=True)
    observers_count_as_students = models.BooleanField(_("observers count as students"), null=True, blank=True)
    approval = models.CharField(  # noqa: DJ001  # as above
        _("whose tokens need approval"),
        max_length=16,
        null=True,
        blank=True,
        choices=[(a.value, a.value) for a in Approval],
    )
    auto_approve_days = models.PositiveSmallIntegerField(_("approved at once up to"), null=True, blank=True)
    longer_on_request = models.BooleanField(_("people may ask for longer"), null=True, blank=True)
    guidance_text = models.CharField(_("guidance"), max_length=LONGEST_GUIDANCE, null=True, blank=True)  # noqa: DJ001  # as above
    guidance_url = models.URLField(_("link to the guidance"), max_length=LONGEST_LINK, null=True, blank=True)  # noqa: DJ001  # as above
    leaked_tokens = models.CharField(  # noqa: DJ001  # as above
        _("leaked tokens"), max_length=16, null=True, blank=True, choices=[(each.value, each.value) for each in Leaked]
    )
    class_tokens = models.CharField(  # noqa: DJ001  # as above
        _("tokens for classes"),
        max_length=16,
        null=True,
        blank=True,
        choices=[(each.value, each.value) for each in ClassTokens],
    )
    notice_days = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("days of notice before an end"), null=True, blank=True
    )
    locked = ArrayField(
        models.CharField(max_length=32), verbose_name=_("locked"), default=list, db_default=[], blank=True
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
                name="policy_teaching_cap_in_range", condition=Q(teaching_cap_days__range=(NO_LIMIT, LONGEST_CAP))
            ),
            models.CheckConstraint(
                name="policy_admin_cap_in_range", condition=Q(admin_cap_days__range=(NO_LIMIT, LONGEST_CAP))
            ),
            models.CheckConstraint(
                name="policy_tokens_at_once_in_range", condition=Q(tokens_at_once__range=(NO_LIMIT, MOST_TOKENS))
            ),
            models.CheckConstraint(
                name="policy_unused_days_in_range", condition=Q(unused_days__range=(NO_LIMIT, LONGEST_UNUSED))
            ),
            models.CheckConstraint(name="policy_approval_known", condition=Q(approval__in=list(Approval))),
            models.CheckConstraint(
                name="policy_auto_approve_days_in_range", condition=Q(auto_approve_days__range=(0, LONGEST_CAP))
            ),
            models.CheckConstraint(name="policy_leaked_tokens_known", condition=Q(leaked_tokens__in=list(Leaked))),
            models.CheckConstraint(name="policy_class_tokens_known", condition=Q(class_tokens__in=list(ClassTokens))),
            models.CheckConstraint(name="policy_notice_days_few", condition=Q(notice_days__len__lte=MOST_NOTICES)),
            models.CheckConstraint(name="policy_locked_known", condition=Q(locked__contained_by=list(SETTINGS))),
        ]

    def __str__(self) -> str:
        return f"policy of account {self.account_id}"

    def values(self) -> dict[str, Any]:
        """All that the account decides itself, by name, as the audit trail keeps it; None is inherited."""
        return {name: getattr(self, name) for name in FIELDS}

    def own(self) -> dict[str, Any]:
        """The settings that are set here, as the rules have them."""
        values = {name: getattr(self, name) for name in SETTINGS}
        return {name: as_rule(name, value) for name, value in values.items() if value is not None}


# What an account can decide: its settings, and which of them the accounts below it can only tighten.
FIELDS = (*SETTINGS, "locked")
_FIELDS = [field.attname for field in Policy._meta.concrete_fields]
_READ = f"SELECT {', '.join(_FIELDS)} FROM policies_policy WHERE account_id = ANY(%s::bigint[])"  # noqa: S608  # ours
# A column for statements that read a person as `u`: all policies that can govern them, each as JSON, for `rules_by`.
POLICIES_OF_U = f"""ARRAY(
    SELECT to_json(p)::text FROM (SELECT account_id, {", ".join(FIELDS)} FROM policies_policy) p
    WHERE p.account_id = ANY({ACCOUNTS_OF_U})
)"""  # noqa: S608  # ours


def rules_by(policies: Iterable[str], path: Path) -> Rules:
    """The effective rules of the account at the end of `path`, by what a statement has read as POLICIES_OF_U."""
    return _rules_by(tuple(policies), path)


@lru_cache(10_000)
def _rules_by(policies: tuple[str, ...], path: Path) -> Rules:
    """The same texts come to the same rules for ever: most need not be taken apart again."""
    known = [Policy(**json.loads(text)) for text in policies]
    return merged({policy.account_id: policy for policy in known}, path).rules


def as_rule(name: str, value: Any) -> Any:
    """What a column's value, which is set, means in `Rules`."""
    if name in LIMITS and value == NO_LIMIT:
        return None
    return _AS_RULE[name](value) if name in _AS_RULE else value


def _earliest_first(days: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(days, reverse=True))


_AS_RULE: Mapping[str, Callable[[Any], Any]] = {
    "audience": Audience,
    "approval": Approval,
    "leaked_tokens": Leaked,
    "class_tokens": ClassTokens,
    "student_scopes": frozenset,
    "notice_days": _earliest_first,
}


def as_column(name: str, value: Any) -> Any:
    """The column's value that means what `Rules` have; where nothing has one, None."""
    if value is None and name in LIMITS:
        return NO_LIMIT
    return sorted(value) if isinstance(value, (frozenset, tuple)) else value


def as_stored(value: Any) -> Any:
    """What a setting chosen by any door is in the column and in JSON: lists sorted, without doubles, choices texts."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return sorted(set(value))
    return str(value) if isinstance(value, str) else value


def merged(policies: Mapping[int, Policy], path: Iterable[int]) -> Merged:
    """Go from the root down: what is set holds below it, and where it is locked it can only become tighter."""
    found = Merged()
    for account_id in path:
        policy = policies.get(account_id)
        if policy is not None:
            found = found.below(policy.own(), frozenset(policy.locked))
    return found
