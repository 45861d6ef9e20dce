"""A person answers a program that waits."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.audit import record
from accounts.locks import lock_people
from accounts.models import User
from policies.refusals import Code, refuse
from tokens import lifecycle
from tokens.devices import codes
from tokens.events import DeviceEvent
from tokens.models import DeviceCode, DeviceState

ALLOWED = (DeviceState.ALLOWED, DeviceState.FETCHED)


def find(text: str, *, now: datetime) -> DeviceCode:
    """The program that waits under the code that somebody typed. Raises Refused(device_code_unknown)."""
    return _waiting(DeviceCode.objects.filter(user_code=codes.read(text)).first(), now)


def is_allowed_by(person: User, text: str, *, now: datetime) -> bool:
    """Whether this person has just allowed the program under this code: a form may be sent twice."""
    known = DeviceCode.objects.filter(user_code=codes.read(text), person=person, state__in=ALLOWED)
    return any(not device.is_over(now) for device in known)


@transaction.atomic
def allow(
    device: DeviceCode,
    *,
    purpose: str | None,
    expires_at: datetime | None,
    scopes: Iterable[str],
    actor: User,
    now: datetime,
) -> DeviceCode:
    """Let the program have such a token, which `actor` could make themselves. Raises Refused, for all that is wrong."""
    lock_people([actor.pk])
    device = _locked(device, now)
    draft = lifecycle.rehearse(actor, purpose=purpose, expires_at=expires_at, scopes=scopes, now=now)
    device.state, device.person = DeviceState.ALLOWED, actor
    device.purpose, device.ends_at, device.scopes = draft.purpose, draft.expires_at, draft.scopes
    device.save(force_update=True)
    _record(DeviceEvent.APPROVE, device, now, expires_at=device.ends_at, scopes=device.scopes, purpose=device.purpose)
    return device


@transaction.atomic
def deny(device: DeviceCode, *, actor: User, now: datetime) -> DeviceCode:
    """Send the program away. Raises Refused(device_code_unknown) where it waits no more."""
    device = _locked(device, now)
    device.state, device.person = DeviceState.DENIED, actor
    device.save(force_update=True)
    _record(DeviceEvent.REFUSE, device, now)
    return device


def _locked(device: DeviceCode, now: datetime) -> DeviceCode:
    return _waiting(DeviceCode.objects.select_for_update().filter(pk=device.pk).first(), now)


def _waiting(device: DeviceCode | None, now: datetime) -> DeviceCode:
    """One answer for a code that never was, that is over, and that was answered: nobody learns which."""
    if device is None or device.is_over(now) or device.state != DeviceState.WAITING:
        raise refuse(Code.DEVICE_CODE_UNKNOWN, "user_code")
    return device


def _record(event: DeviceEvent, device: DeviceCode, now: datetime, **chosen: object) -> None:
    """Write the line: who answered stands on it by itself, here is whom they answered."""
    after = {**chosen, "host": device.host, "address": device.address}
    record(event, actor=device.person, now=now, person=device.person, after=after)
