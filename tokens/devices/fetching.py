"""The program asks again and again, until it gets its token or hears that it gets none."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from accounts.locks import lock_people
from accounts.models import User
from policies.refusals import Refused
from policies.wording import sentence
from tokens import lifecycle
from tokens.devices.codes import digest_of
from tokens.lifecycle import Issued
from tokens.models import DeviceCode, DeviceState

SLOWER = 5  # seconds, each time that a program asks too soon (RFC 8628, section 3.5)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a program is told: the token, or an error by its name in RFC 8628 or RFC 6749."""

    issued: Issued | None = None
    error: str = ""
    words: str = ""


PENDING = Fetched(error="authorization_pending", words="Nobody has answered yet.")
TOO_SOON = Fetched(error="slow_down", words="Ask less often.")
DENIED = Fetched(error="access_denied", words="The person has said no.")
OVER = Fetched(error="expired_token", words="The code is too old. Start anew.")
UNKNOWN = Fetched(error="invalid_grant", words="There is no such code, or its token was fetched.")


@transaction.atomic
def fetch(device_code: str, *, now: datetime) -> Fetched:
    """Hand over the token that was allowed, made this moment under today's rules; once."""
    known = DeviceCode.objects.filter(digest=digest_of(device_code))
    person_id = known.values_list("person_id", flat=True).first()
    if person_id is not None:
        lock_people([person_id])  # before the row, as whoever answers does
    device = known.select_for_update(of=("self",)).select_related("person").first()
    if device is None:
        return UNKNOWN
    told = _told(device, now)
    if told is None and person_id is not None and device.person is not None:
        told = _issue(device, device.person, now)
    device.polled_at = now
    device.save(force_update=True)
    return told or PENDING


def _told(device: DeviceCode, now: datetime) -> Fetched | None:
    """What there is to say without a token; None where it is allowed."""
    if device.state == DeviceState.FETCHED:
        return UNKNOWN
    if device.is_over(now):
        return OVER
    if device.state == DeviceState.DENIED:
        return DENIED
    if device.polled_at is not None and device.polled_at <= now < device.polled_at + _interval(device):
        device.interval += SLOWER
        return TOO_SOON
    return None if device.state == DeviceState.ALLOWED else PENDING


def _interval(device: DeviceCode) -> timedelta:
    """How long it is to wait; a second is forgiven. Where the clock was put back, nobody knows how long it has."""
    return timedelta(seconds=device.interval - 1)


def _issue(device: DeviceCode, person: User, now: datetime) -> Fetched:
    """Make the token; where the rules have changed since it was allowed, they have the last word."""
    try:
        issued = lifecycle.issue(
            person,
            purpose=device.purpose,
            expires_at=device.ends_at,
            scopes=device.scopes,
            actor=person,
            now=now,
        )
    except Refused as refused:
        device.state = DeviceState.DENIED
        return Fetched(error="access_denied", words=" ".join(map(sentence, refused.refusals)))
    device.state = DeviceState.FETCHED
    return Fetched(issued)
