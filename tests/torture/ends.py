"""The ways in which a token ends, each with the way to have a good token of the same owner again.

Imported once Django is set up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from accounts import enrolling
from accounts.models import Course, User
from tokens import emergency, lifecycle
from tokens.emergency import target_of
from tokens.lifecycle import Change
from tokens.models import AccessToken, Pause
from tokens.stops import Whom

BRIEFLY, AN_HOUR = timedelta(seconds=0.1), timedelta(hours=1)


@dataclass
class Held:
    """A token, its owner, a course in which nobody else is, and the secret that is good while the token is."""

    owner: User
    admin: User
    course: Course
    token: AccessToken
    secret: str


# An end returns the moment from which it holds, None for at once; a beginning leaves the token good.
End = Callable[[Held], datetime | None]
Begin = Callable[[Held], None]


def revoke(held: Held) -> None:
    lifecycle.revoke(held.token, actor=held.admin, now=timezone.now())


def suspend(held: Held) -> None:
    lifecycle.suspend(held.token, actor=held.admin, now=timezone.now())


def disable(held: Held) -> None:
    enrolling.set_active(held.owner, False, actor=held.admin, now=timezone.now())


def pause(held: Held) -> None:
    """An emergency stop of nobody else."""
    target = target_of(None, Whom.COURSE, course=held.course)
    emergency.pause(target, reason="Torture", actor=held.admin, now=timezone.now())


def regenerate(held: Held) -> None:
    """The old secret is dead; the new one is handed out when the token is to be good again."""
    held.secret = lifecycle.regenerate(held.token, actor=held.owner, now=timezone.now()).secret


def rotate(held: Held) -> datetime:
    """The old secret works beside the new one for a moment."""
    now = timezone.now()
    lifecycle.end_overlap(held.token, actor=held.owner, now=now)
    held.secret = lifecycle.regenerate(held.token, overlap=BRIEFLY, actor=held.owner, now=now).secret
    return now + BRIEFLY


def end_overlap(held: Held) -> None:
    """The old secret would work beside the new one for an hour, and is ended before that."""
    lifecycle.end_overlap(held.token, actor=held.owner, now=timezone.now())
    held.secret = lifecycle.regenerate(held.token, overlap=AN_HOUR, actor=held.owner, now=timezone.now()).secret
    lifecycle.end_overlap(held.token, actor=held.owner, now=timezone.now())


def expire(held: Held) -> datetime:
    now = timezone.now()
    lifecycle.update(held.token, Change(expires_at=now + BRIEFLY), actor=held.owner, now=now)
    return now + BRIEFLY


def issue(held: Held) -> None:
    now = timezone.now()
    issued = lifecycle.issue(held.owner, purpose="Torture", expires_at=None, actor=held.owner, now=now)
    held.token, held.secret = issued.token, issued.secret


def resume(held: Held) -> None:
    lifecycle.resume(held.token, actor=held.admin, now=timezone.now())


def lift(held: Held) -> None:
    paused = Pause.objects.in_force().get(course=held.course)
    emergency.lift(paused, actor=held.admin, now=timezone.now())


def enable(held: Held) -> None:
    """Nothing comes back with its owner: what was stopped with them is resumed by somebody."""
    enrolling.set_active(held.owner, True, actor=held.admin, now=timezone.now())
    resume(held)


def nothing(_held: Held) -> None:
    """The token is good already."""


WAYS: dict[str, tuple[End, Begin]] = {
    "revoked": (revoke, issue),
    "suspended": (suspend, resume),
    "paused": (pause, lift),
    "owner disabled": (disable, enable),
    "regenerated": (regenerate, nothing),
    "rotated": (rotate, nothing),
    "overlap ended": (end_overlap, nothing),
    "expired": (expire, issue),
}
