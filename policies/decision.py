"""May this person hold a token, and until when? The whole of the rule, as a pure function of values.

Rules R2 to R4 of the product: after Canvas' "User generated tokens" settings, where a person whose only role is
student must set an expiry of at most 120 days.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from accounts.roles import STAFF, Base, Permission, Standing
from policies.expiry import last_moment_of
from policies.refusals import Code, refuse
from policies.rules import Approval, Audience, Rules

STUDENTS, STUDENTS_AND_OBSERVERS = frozenset({Base.STUDENT}), frozenset({Base.STUDENT, Base.OBSERVER})


class CappedBecause(StrEnum):
    ONLY_STUDENT = "only_student"
    NO_ROLE = "no_role"
    TEACHING = "teaching"
    ADMINISTRATING = "administrating"


class RefusedBecause(StrEnum):
    NO_STUDENTS = "no_students"
    ADMINS_ONLY = "admins_only"


@dataclass(frozen=True, slots=True)
class Decision:
    """What `rules` come to for one person at the moment `now`.

    `cap_days` and `ceiling` are None for someone who is not capped; the ceiling itself is still allowed. An exemption
    moves the ceiling to as late as the cap would let a token end that was made on the exemption's last day: so nothing
    that it allowed is shortened when it ends.
    """

    now: datetime
    capped_because: CappedBecause | None
    refused_because: RefusedBecause | None
    cap_days: int | None
    scopes_required: bool = False
    allowed_scopes: frozenset[str] | None = None  # None: any
    tokens_at_once: int | None = None  # None: any number
    needs_approval: bool = False
    exempt_until: datetime | None = None  # None: no exemption; matters only to someone who is capped

    @property
    def capped(self) -> bool:
        return self.capped_because is not None

    @property
    def capped_as_student(self) -> bool:
        """Whether the rules for students hold."""
        return self.capped_because in (CappedBecause.ONLY_STUDENT, CappedBecause.NO_ROLE)

    @property
    def limited_by(self) -> str | None:
        """The rule that caps, by the name that the API gives it."""
        if not self.capped:
            return None
        return "student_cap" if self.capped_as_student else "account_cap"

    @property
    def may_create(self) -> bool:
        return self.refused_because is None

    @property
    def ceiling(self) -> datetime | None:
        """The latest moment a secret made now may end."""
        return self._capped_from(self.now)

    def _capped_from(self, start: datetime) -> datetime | None:
        """Where the cap counted from `start` leads, or from the last day of the exemption if that is later."""
        if self.cap_days is None:
            return None
        return max(start, self.exempt_until or start) + timedelta(days=self.cap_days)

    def require_creation(self) -> None:
        """Raise Refused(creation_not_allowed) unless this person may create."""
        if self.refused_because is not None:
            raise refuse(Code.CREATION_NOT_ALLOWED, because=self.refused_because)

    @property
    def days_to_ceiling(self) -> int | None:
        """The longest life that a secret made now may have, in whole days."""
        return None if self.ceiling is None else (self.ceiling - self.now).days

    def is_beyond(self, expires_at: datetime | None) -> bool:
        """Whether an end, or none, lies past the latest one that this person may choose by themselves."""
        return self.ceiling is not None and (expires_at is None or expires_at > self.ceiling)

    def require_room(self, held: int) -> None:
        """Raise Refused(too_many_tokens) if someone who holds so many tokens in use may not have one more."""
        if self.tokens_at_once is not None and held >= self.tokens_at_once:
            raise refuse(Code.TOO_MANY_TOKENS, most=self.tokens_at_once)

    def require_expiry(self, expires_at: datetime | None) -> None:
        """Check the end of a secret that is made now: not past, present and within the cap where there is one."""
        self._require_end(expires_at, self.ceiling)

    def require_extension(
        self, expires_at: datetime | None, *, present: datetime | None, secret_made_at: datetime
    ) -> None:
        """Check a new end for a secret that exists: an update never makes it live longer than a new one could."""
        self._require_end(expires_at, self.extension_limit(present=present, secret_made_at=secret_made_at))

    def require_scopes(self, scopes: Collection[str]) -> None:
        """Check what a token may be good for. Raises Refused(scopes_required or scope_not_for_students).

        Whoever is limited to some scopes has to name them: a token without any may do whatever its owner may.
        """
        if self.scopes_required and not scopes:
            raise refuse(Code.SCOPES_REQUIRED, "scopes")
        for scope in scopes:
            if self.allowed_scopes is not None and scope not in self.allowed_scopes:
                raise refuse(Code.SCOPE_NOT_FOR_STUDENTS, "scopes", scope=scope)

    def clamped(self, expires_at: datetime | None) -> datetime | None:
        """The end that the cap leaves of `expires_at` (rule R3): lowered to the ceiling, never raised."""
        if self.ceiling is None:
            return expires_at
        return self.ceiling if expires_at is None else min(expires_at, self.ceiling)

    def end_of(self, day: date, zone: ZoneInfo) -> datetime:
        """What `day`, picked in a page as the end of a new secret, means: its last second, or the ceiling on it."""
        return last_moment_of(day, zone, self.ceiling)

    def extension_limit(self, *, present: datetime | None, secret_made_at: datetime) -> datetime | None:
        """The latest end that an update may give; None for someone who is not capped."""
        limit = self._capped_from(secret_made_at)
        kept = self.clamped(present) if present is not None else limit
        return max(limit, kept) if limit is not None and kept is not None else limit

    def _require_end(self, expires_at: datetime | None, limit: datetime | None) -> None:
        if expires_at is None:
            if limit is not None:
                raise refuse(Code.EXPIRY_REQUIRED, "expires_at", days=self.cap_days)
            return
        if expires_at <= self.now:
            raise refuse(Code.EXPIRY_IN_PAST, "expires_at")
        if limit is not None and expires_at > limit:
            raise refuse(Code.EXPIRY_BEYOND_CAP, "expires_at", days=self.days_to_ceiling)


def decide(standing: Standing, rules: Rules, *, now: datetime, exempt_until: datetime | None = None) -> Decision:
    """Apply `rules` to a person, who may be exempted from the cap until a moment to come.

    `now` must be in UTC, so that 120 days are 120 times 24 hours.
    """
    if now.tzinfo is not UTC:
        raise ValueError("now must be in UTC")
    is_student = _is_student(standing, rules)
    capped_because, cap_days = cap_of(standing, rules)
    return Decision(
        now=now,
        capped_because=capped_because,
        refused_because=_refused_because(standing, rules.audience),
        cap_days=cap_days,
        scopes_required=rules.scopes_required or (is_student and rules.student_scopes is not None),
        allowed_scopes=rules.student_scopes if is_student else None,
        tokens_at_once=rules.tokens_at_once,
        needs_approval=_needs_approval(standing, rules.approval, is_student=is_student),
        exempt_until=exempt_until,
    )


def cap_of(standing: Standing, rules: Rules) -> tuple[CappedBecause | None, int | None]:
    """Why a person is capped, and at how many days; nothing of both for someone who is not."""
    return _student_cap(standing, rules) if _is_student(standing, rules) else _class_cap(standing, rules)


def _is_student(standing: Standing, rules: Rules) -> bool:
    return standing.bases <= (STUDENTS_AND_OBSERVERS if rules.observers_count_as_students else STUDENTS)


def _needs_approval(standing: Standing, approval: Approval, *, is_student: bool) -> bool:
    if Permission.TOKENS_CREATE in standing.permissions:
        return False
    return approval == Approval.EVERYONE or (approval == Approval.STUDENTS and is_student)


def _student_cap(standing: Standing, rules: Rules) -> tuple[CappedBecause, int]:
    return CappedBecause.ONLY_STUDENT if standing.bases else CappedBecause.NO_ROLE, rules.student_cap_days


def _class_cap(standing: Standing, rules: Rules) -> tuple[CappedBecause | None, int | None]:
    """The longest limit among the classes of a person's roles; none where one of these has none."""
    limits = {}
    for grant in standing.grants:
        if grant.base == Base.ADMIN or grant.permissions:
            limits[CappedBecause.ADMINISTRATING] = rules.admin_cap_days
        elif grant.base in STAFF:
            limits[CappedBecause.TEACHING] = rules.teaching_cap_days
    known = [(days, because) for because, days in limits.items() if days is not None]
    if not known or len(known) < len(limits):
        return None, None
    days, because = max(known)
    return because, days


def _refused_because(standing: Standing, audience: Audience) -> RefusedBecause | None:
    if audience == Audience.EVERYONE or Permission.TOKENS_CREATE in standing.permissions:
        return None
    if audience == Audience.ADMINS_ONLY:
        return RefusedBecause.ADMINS_ONLY
    return None if standing.bases & STAFF else RefusedBecause.NO_STUDENTS
