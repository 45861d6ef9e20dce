"""What happens to second factors, and that each of it is written down and told the person, in its own transaction."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from allauth.mfa.models import Authenticator

from accounts.audit import record
from accounts.models import User
from accounts.signals import factors_changed


class FactorEvent(StrEnum):
    """The names in the trail and in mails."""

    ADD = "factor.add"
    RENAME = "factor.rename"
    REMOVE = "factor.remove"
    RENEW = "factor.renew_codes"
    USE = "factor.use_code"
    SUSPECT = "factor.suspect_copy"
    RESET = "factor.reset"


class Kind(StrEnum):
    """As django-allauth calls them."""

    APP = "totp"
    CODES = "recovery_codes"
    PASSKEY = "webauthn"


def tell(
    event: FactorEvent,
    person: User,
    factor: Authenticator | None,
    *,
    actor: User | None,
    now: datetime,
    reason: str = "",
    **facts: dict[str, Any],
) -> None:
    """Write a line about one factor, or about all of a person, and let them be told."""
    subject_id = factor.pk if factor else person.pk
    record(event, actor=actor, now=now, person=person, subject_id=subject_id, reason=reason, **facts)
    said = {key: value for each in facts.values() for key, value in each.items()}
    factors_changed.send(Authenticator, person=person, what=event, actor=actor, now=now, reason=reason, facts=said)
