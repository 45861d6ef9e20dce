"""The exemption that an approval beyond the cap makes."""

from datetime import datetime

from accounts.audit import record
from accounts.models import User
from policies.models import Exemption


def exempt(person: User, account_id: int, *, reason: str, ends_at: datetime, actor: User, now: datetime) -> None:
    """Exempt a person from their cap until `ends_at`."""
    made = Exemption(person=person, account_id=account_id, reason=reason, approved_by=actor)
    made.starts_at, made.ends_at = now, ends_at
    made.save(force_insert=True)
    record("exemption.add", actor=actor, now=now, person=person, subject_id=made.pk, after={"ends_at": ends_at})
