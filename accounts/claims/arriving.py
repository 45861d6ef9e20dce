"""Somebody comes whom the school's own sign-in has let in: who that is is found or made, and their roles follow."""

from datetime import datetime

from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction

from accounts.audit import record
from accounts.claims.holding import bring_up_to_date
from accounts.claims.matching import find_person, known_by, person_of
from accounts.claims.reading import Claims
from accounts.claims.rules import Arrivals
from accounts.claims.turned import Turned, Why
from accounts.enrolling import admit
from accounts.locks import lock_people
from accounts.models import User


def arrive(claims: Claims, *, provider: str, uid: str, arrivals: Arrivals, now: datetime) -> SocialAccount:
    """Return who that is, as django-allauth keeps it; raises Turned for who may not come in, which the trail keeps.

    `provider` and `uid` are the `iss` and `sub` of an ID token (OpenID Connect Core 1.0, section 2).
    """
    try:
        return _arrive(claims, provider, uid, arrivals, now)
    except Turned as turned:
        after = {"why": str(turned.why), "said": turned.said[:255]}
        record("session.refuse", actor=None, now=now, person=turned.person, after=after)
        raise


@transaction.atomic
def forget(person: User, *, now: datetime) -> bool:
    """Forget who a person is at the provider, so that they may come as somebody else; return whether that was known."""
    gone, _kinds = SocialAccount.objects.filter(user=person).delete()
    if gone:
        record("session.forget", actor=None, now=now, person=person, subject_id=person.pk)
    return bool(gone)


@transaction.atomic
def _arrive(claims: Claims, provider: str, uid: str, arrivals: Arrivals, now: datetime) -> SocialAccount:
    said = known_by(claims, arrivals)
    found = find_person(said, arrivals.field) or _new(claims, said, arrivals, now)
    [person] = lock_people([found.pk])
    if not person.is_active:
        raise Turned(Why.SWITCHED_OFF, said=said, person=person)
    identity = _identity(person, provider, uid, said)
    bring_up_to_date(person, claims, arrivals.rules, now=now)
    return identity


def _new(claims: Claims, said: str, arrivals: Arrivals, now: datetime) -> User:
    if not arrivals.creates:
        raise Turned(Why.STRANGER, said=said)
    person = person_of(claims, said, arrivals)
    person.set_unusable_password()
    try:
        return admit(person, actor=None, now=now)
    except IntegrityError as error:  # of somebody who must not be taken for them
        raise Turned(Why.NAME_TAKEN, said=said) from error


def _identity(person: User, provider: str, uid: str, said: str) -> SocialAccount:
    """Who they are at the provider, noted when they first come: names are given to others, this never is.

    Raises Turned where that was somebody else before.
    """
    earlier = SocialAccount.objects.filter(provider=provider, user=person).exclude(uid=uid)
    identity, _made = SocialAccount.objects.get_or_create(provider=provider, uid=uid, defaults={"user": person})
    if identity.user_id != person.pk or earlier.exists():
        raise Turned(Why.OTHER_IDENTITY, said=said, person=person)
    return identity
