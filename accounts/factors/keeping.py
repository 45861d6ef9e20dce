"""How second factors come and go: each a transaction that locks, changes, records, and lets the person be told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts import browsers, leaving
from accounts.factors import codes
from accounts.factors.adapter import SEAL
from accounts.factors.events import FactorEvent, Kind, tell
from accounts.locks import lock_people
from accounts.models import User, WrongCode
from accounts.sealing import Unreadable


@dataclass(frozen=True, slots=True)
class Held:
    """What somebody has set up."""

    app: Authenticator | None
    passkeys: tuple[Authenticator, ...]
    codes: Authenticator | None

    @property
    def is_on(self) -> bool:
        """Whether signing in asks for a second step."""
        return bool(self.app or self.passkeys)

    @property
    def codes_left(self) -> int:
        """How many codes on paper are still good; none where no key opens them."""
        try:
            return len(RecoveryCodes(self.codes).get_unused_codes()) if self.codes else 0
        except Unreadable:
            return 0


def held_by(person: User) -> Held:
    """What a person has set up."""
    found = list(Authenticator.objects.filter(user=person).order_by("pk"))
    by_kind = {factor.type: factor for factor in found}
    passkeys = tuple(factor for factor in found if factor.type == Kind.PASSKEY)
    return Held(by_kind.get(Kind.APP), passkeys, by_kind.get(Kind.CODES))


def has_second_step() -> Exists:
    """For a queryset of people: whether signing in asks them for a second step, as `Held.is_on` says of one."""
    return Exists(Authenticator.objects.filter(user=OuterRef("pk"), type__in=(Kind.APP, Kind.PASSKEY)))


@transaction.atomic
def add_app(person: User, secret: str, code: str, *, here: str | None, now: datetime) -> list[str] | None:
    """Take an app whose `code` shows that it holds `secret`; None for a wrong code or where there is one already.

    It ends all sessions of the person but `here`. Returns the new codes on paper, nothing where the person has such.
    Raises TooManyWrong.
    """
    lock_people([person.pk])
    codes.hold_back(person, now=now)
    if held_by(person).app:
        return None
    counter = codes.counter_of(secret, code, now=now)
    if counter is None:
        WrongCode.objects.create(person=person, at=now)
        return None
    made = TOTP.activate(person, secret).instance
    made.data["last_counter"] = counter  # the code is used up by this
    made.save(update_fields=["data"])
    return added(person, Kind.APP, made, here=here, now=now)


def added(person: User, kind: Kind, made: Authenticator, *, here: str | None, now: datetime, **facts: Any) -> list[str]:
    """Let it be known that a factor was added; return the codes on paper that come with the first one."""
    tell(FactorEvent.ADD, person, made, actor=person, now=now, after={"kind": kind.value, **facts})
    browsers.end_others(person, here=here, actor=person, now=now)
    return [] if held_by(person).codes else _codes_of(RecoveryCodes.activate(person))


def _codes_of(paper: RecoveryCodes) -> list[str]:
    codes_on_paper: list[str] = paper.generate_codes()
    return codes_on_paper


@transaction.atomic
def remove(person: User, factor_id: int, *, here: str | None, now: datetime) -> bool:
    """Take away an app or a passkey; with the last one its codes on paper go too. Returns whether there was one.

    It ends all sessions of the person but `here`.
    """
    lock_people([person.pk])
    factor = Authenticator.objects.filter(user=person, pk=factor_id).exclude(type=Kind.CODES).first()
    if factor is None:
        return False
    before = {"kind": factor.type, **({"name": factor.data["name"]} if factor.type == Kind.PASSKEY else {})}
    tell(FactorEvent.REMOVE, person, factor, actor=person, now=now, before=before)
    factor.delete()
    if not held_by(person).is_on:
        Authenticator.objects.filter(user=person).delete()
    browsers.end_others(person, here=here, actor=person, now=now)
    return True


@transaction.atomic
def renew_codes(person: User, *, here: str | None, now: datetime) -> list[str]:
    """Make codes on paper in place of those that there are; nothing for somebody without a second step.

    It ends all sessions of the person but `here`.
    """
    lock_people([person.pk])
    held = held_by(person)
    if not held.is_on:
        return []
    if held.codes:
        held.codes.delete()
    made = RecoveryCodes.activate(person)
    tell(FactorEvent.RENEW, person, made.instance, actor=person, now=now)
    browsers.end_others(person, here=here, actor=person, now=now)
    return _codes_of(made)


@transaction.atomic
def take_code(person: User, code: str, *, now: datetime) -> Authenticator | None:
    """Take a code of somebody's app or paper, each once; None for a wrong one. Raises TooManyWrong."""
    good = codes.try_code(person, code, now=now)
    if good is None:
        return None
    if good.left is not None:
        tell(FactorEvent.USE, person, good.factor, actor=person, now=now, after={"left": good.left})
    return good.factor


@transaction.atomic
def reset(person: User, *, actor: User | None, now: datetime, reason: str = "") -> bool:
    """Take all second factors from somebody who has lost them, and end their sessions; return whether there were any.

    Raises PermissionDenied for who may not switch that person off either; None is whoever has the server.
    """
    lock_people({person.pk} | ({actor.pk} if actor else set()))
    if actor is not None:
        leaving.require_over(person, actor=actor, now=now)
    held = Authenticator.objects.filter(user=person)
    kinds = sorted(held.values_list("type", flat=True))
    if not kinds:
        return False
    WrongCode.objects.filter(person=person).delete()
    tell(FactorEvent.RESET, person, None, actor=actor, now=now, reason=reason, before={"kinds": kinds})
    held.delete()
    browsers.end_others(person, here=None, actor=actor, now=now)
    return True


def relock_all() -> tuple[int, list[str]]:
    """Lock every secret under today's SECRET_KEY; return how many, and the sign-in names of those no key opens."""
    done, lost = 0, set()
    for pk in Authenticator.objects.exclude(type=Kind.PASSKEY).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            factor = Authenticator.objects.select_for_update(of=("self",)).select_related("user").filter(pk=pk).first()
            if factor is None:  # removed meanwhile
                continue
            name = "secret" if factor.type == Kind.APP else "seed"
            try:
                factor.data[name] = SEAL.relock(factor.data[name])
            except Unreadable:
                lost.add(factor.user.login_id)
                continue
            factor.save(update_fields=["data"])
            done += 1
    return done, sorted(lost)
