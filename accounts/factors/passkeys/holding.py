"""The passkeys of people: made, named, shown. They are authenticators of django-allauth; none is there twice."""

import logging
from datetime import datetime
from secrets import token_urlsafe
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.fields.json import KT
from fido2.utils import websafe_decode
from fido2.webauthn import (
    AttestedCredentialData,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.factors.events import FactorEvent, Kind, tell
from accounts.factors.keeping import added, held_by
from accounts.factors.passkeys import answers, challenges
from accounts.factors.passkeys.answers import Refused, Shown
from accounts.factors.passkeys.challenges import Purpose, Session, State
from accounts.factors.passkeys.party import server
from accounts.locks import lock_people
from accounts.models import User

logger = logging.getLogger(__name__)

MOST = 10  # of one person
LONGEST_NAME = 64  # characters; the database holds it too

# What `navigator.credentials` takes, but with base64url for bytes.
Options = dict[str, Any]


def ask_for_new(session: Session, person: User, *, now: datetime) -> Options:
    """Return what a browser needs for making a passkey, and remember that it was asked.

    All passkeys of a person carry one random name for whose they are; a device keeps one for each such name.
    """
    held = held_by(person).passkeys
    handle = held[0].data["handle"] if held else token_urlsafe(32)
    options, state = server().register_begin(
        PublicKeyCredentialUserEntity(id=websafe_decode(handle), name=person.login_id, display_name=person.name),
        credentials=[_credential(each) for each in held],
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    challenges.keep(session, {**state, "handle": handle}, Purpose.ADD, person_id=person.pk, now=now)
    return dict(options)


def ask_for_one(session: Session, purpose: Purpose, *, person: User | None, now: datetime) -> Options:
    """Return what a browser needs for showing a passkey: one of that person, or whichever it has.

    Whoever comes by it alone has to be known to the device too, by a finger, a face or a PIN: that makes two factors.
    """
    how = UserVerificationRequirement.PREFERRED if person else UserVerificationRequirement.REQUIRED
    held = held_by(person).passkeys if person else ()
    options, state = server().authenticate_begin([_credential(each) for each in held], user_verification=how)
    challenges.keep(session, state, purpose, person_id=person.pk if person else None, now=now)
    return dict(options)


@transaction.atomic
def add(person: User, name: str, text: str, state: State, *, here: str | None, now: datetime) -> list[str] | None:
    """Take a passkey that a browser has made, and sign the person out of all sessions but `here`.

    Returns the new codes on paper, nothing where the person has such; None for what is refused, or one too many.
    """
    lock_people([person.pk])
    try:
        new = answers.made(text, state)
    except Refused as refused:
        logger.warning("A new passkey of person %s was refused: %s", person.pk, refused)
        return None
    if len(held_by(person).passkeys) >= MOST:
        return None
    facts = {"credential_id": new.credential_id, "credential": new.credential, "count": new.count}
    data = {"name": name, "handle": state["handle"], **facts}
    try:
        with transaction.atomic():
            made = Authenticator.objects.create(user=person, type=Kind.PASSKEY, data=data, created_at=now)
    except IntegrityError:  # the database holds that it is there once
        logger.warning("A new passkey of person %s was refused: somebody has it already", person.pk)
        return None
    return added(person, Kind.PASSKEY, made, here=here, now=now, name=name)


@transaction.atomic
def rename(person: User, factor_id: int, name: str, *, now: datetime) -> bool:
    """Give a passkey another name. Returns whether there was one."""
    lock_people([person.pk])
    factor = Authenticator.objects.select_for_update().filter(user=person, pk=factor_id, type=Kind.PASSKEY).first()
    if factor is None:
        return False
    before = factor.data["name"]
    if name != before:
        factor.data["name"] = name
        factor.save(update_fields=["data"])
        tell(FactorEvent.RENAME, person, factor, actor=person, now=now, before={"name": before}, after={"name": name})
    return True


def whose(text: str) -> User | None:
    """Of whom an answer says that it is; it may say so without being right."""
    try:
        factor = _known(answers.shown(text).credential_id).select_related("user").first()
    except Refused:
        return None
    return factor.user if factor else None


@transaction.atomic
def show(
    text: str, state: State | None, *, person: User, is_alone: bool = False, now: datetime
) -> Authenticator | None:
    """Take what a browser answers for one of this person's passkeys; None where it is refused.

    `is_alone`: nothing else has said who it is, so the device has to.
    """
    try:
        answer = answers.shown(text)
        factor = _known(answer.credential_id).filter(user=person).select_for_update().first()
        _check(answer, state, factor, is_alone=is_alone)
    except Refused as refused:
        logger.warning("A passkey was refused for person %s: %s", person.pk, refused)
        return None
    return _count(answer, factor, person, now)


def _check(answer: Shown, state: State | None, factor: Authenticator | None, *, is_alone: bool) -> None:
    """Raise Refused for what is not right, or was right already for a request that came at the same time."""
    if factor is None:
        raise Refused("no passkey of theirs")
    if state is None:
        raise Refused("nobody has asked for it, or too long ago")
    answers.check(answer, state, factor.data["credential"])
    if answer.handle != factor.data["handle"] and (is_alone or answer.handle):
        raise Refused("the device says that it is of somebody else")
    if answer.challenge == factor.data.get("last_challenge"):
        raise Refused("it was shown already")


def _count(answer: Shown, factor: Authenticator, person: User, now: datetime) -> Authenticator | None:
    """Note its use; None for one whose count does not go up, as a copy's would not (section 6.1.1)."""
    known = factor.data["count"]
    if (answer.count or known) and answer.count <= known:
        tell(FactorEvent.SUSPECT, person, factor, actor=None, now=now, after={"name": factor.data["name"]})
        return None
    factor.data |= {"count": answer.count, "last_challenge": answer.challenge}
    factor.last_used_at = now
    factor.save(update_fields=["data", "last_used_at"])
    return factor


def _known(credential_id: str) -> QuerySet[Authenticator]:
    found: QuerySet[Authenticator] = Authenticator.objects.alias(credential_id=KT("data__credential_id"))
    return found.filter(type=Kind.PASSKEY, credential_id=credential_id)


def _credential(factor: Authenticator) -> AttestedCredentialData:
    return AttestedCredentialData(websafe_decode(factor.data["credential"]))
