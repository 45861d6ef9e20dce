"""Whether a code that somebody typed is good: of their app (RFC 6238), each once, or one of their codes on paper, once.

Wrong ones are counted in the database, for each person: so many within a while, and none is looked at.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.db import transaction

from accounts.factors.adapter import SEAL
from accounts.models import User, WrongCode
from accounts.sealing import Unreadable

logger = logging.getLogger(__name__)

PERIOD = 30  # seconds; RFC 6238 section 5.2, and what apps take for granted
TOLERANCE = 1  # steps: clocks of phones are wrong by seconds, and people type slowly
MOST_WRONG = 5
WINDOW = timedelta(minutes=15)


class TooManyWrong(Exception):
    """So many codes were wrong that none is looked at until `again_at`."""

    def __init__(self, again_at: datetime) -> None:
        super().__init__()
        self.again_at = again_at


@dataclass(frozen=True, slots=True)
class Good:
    """A code that was right: by what, and how many codes on paper are left if it was one of them."""

    factor: Authenticator
    left: int | None = None


def counter_of(secret: str, code: str, *, now: datetime) -> int | None:
    """The step of 30 seconds whose code this is, today's or a neighbour; None for a wrong one."""
    today = int(now.timestamp()) // PERIOD
    for counter in range(today - TOLERANCE, today + TOLERANCE + 1):
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, counter))):
            return counter
    return None


@transaction.atomic
def try_code(person: User, code: str, *, now: datetime) -> Good | None:
    """Take a code of somebody's app or paper, which is then used up; None for a wrong one. Raises TooManyWrong."""
    mine = Authenticator.objects.filter(user=person).exclude(type=Authenticator.Type.WEBAUTHN)
    factors = {factor.type: factor for factor in mine.select_for_update().order_by("pk")}
    hold_back(person, now=now)
    good = _good(factors.get(Authenticator.Type.TOTP), factors.get(Authenticator.Type.RECOVERY_CODES), code, now)
    if good is None:
        WrongCode.objects.create(person=person, at=now)
    else:
        WrongCode.objects.filter(person=person).delete()
        good.factor.last_used_at = now
        good.factor.save(update_fields=["last_used_at"])
    return good


def hold_back(person: User, *, now: datetime) -> None:
    """Raise TooManyWrong where it is too early for another try; the caller lets one try at a time through."""
    tries = WrongCode.objects.filter(person=person, at__gt=now - WINDOW).order_by("-at")[:MOST_WRONG]
    if len(tries) == MOST_WRONG:
        raise TooManyWrong(tries[MOST_WRONG - 1].at + WINDOW)


def _good(app: Authenticator | None, paper: Authenticator | None, code: str, now: datetime) -> Good | None:
    """Look at both; what no key opens any more opens nothing."""
    try:
        return _of_app(app, code, now) or _of_paper(paper, code)
    except Unreadable:
        logger.exception("The second factors of a person were locked under a SECRET_KEY that is gone; reset them.")
        return None


def _of_app(factor: Authenticator | None, code: str, now: datetime) -> Good | None:
    if factor is None:
        return None
    counter = counter_of(SEAL.unlock(factor.data["secret"]), code, now=now)
    if counter is None or counter <= factor.data.get("last_counter", 0):
        return None
    factor.data = {"secret": SEAL.relock(factor.data["secret"]), "last_counter": counter}
    factor.save(update_fields=["data"])
    return Good(factor)


def _of_paper(factor: Authenticator | None, code: str) -> Good | None:
    if factor is None:
        return None
    paper = factor.wrap()
    if not paper.validate_code(code):
        return None
    return Good(paper.instance, left=len(paper.get_unused_codes()))
