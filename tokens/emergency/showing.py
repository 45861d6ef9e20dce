"""Which pauses somebody sees: as one in charge, and as one whose tokens a pause in force stops."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accounts.models import User
from accounts.people import Membership
from accounts.roles import Permission, Standing
from tokens.emergency.reach import may_lift
from tokens.models import AccessToken, Pause, PauseQuerySet


@dataclass(frozen=True, slots=True)
class Sign:
    """A pause in force, as somebody sees it on every page."""

    pause: Pause
    is_mine: bool  # it stops tokens of theirs
    is_charge: bool  # it stops tokens of people they are in charge of
    may_lift: bool


def pauses_seen_by(standing: Standing) -> PauseQuerySet:
    """The pauses in whose account, above or below it, somebody ends tokens."""
    grants = [grant for grant in standing.grants if Permission.TOKENS_DELETE in grant.permissions]
    above = {pk for grant in grants for pk in grant.path}
    below = [grant.account_id for grant in grants]
    if not grants:
        return Pause.objects.none()
    return Pause.objects.filter(Q(account=None) | Q(account__in=above) | Q(account__path__overlap=below))


def signs_for(viewer: User, known: Membership, *, now: datetime) -> list[Sign]:
    """The pauses in force that concern somebody, the oldest first; `known` is what their roles amount to."""
    found = Pause.objects.in_force().select_related("account", "course", "made_by").order_by("pk")
    signs = list(_signs(found, viewer, known, now))
    return [sign for sign in signs if sign.is_mine or sign.is_charge]


def _signs(found: Iterable[Pause], viewer: User, known: Membership, now: datetime) -> Iterable[Sign]:
    holds: bool | None = None
    for pause in found:
        is_hit = pause.stop.hits(known.standing, known.home)
        if is_hit and holds is None:
            holds = AccessToken.objects.filter(user=viewer).in_use(now=now).exists()
        yield Sign(pause, bool(is_hit and holds), _is_in_charge(known, pause), may_lift(known.standing, pause))


def _is_in_charge(known: Membership, pause: Pause) -> bool:
    """Whether the two subtrees meet: that of the pause, and one of those where somebody ends tokens."""
    for grant in known.standing.grants:
        if Permission.TOKENS_DELETE in grant.permissions and (
            pause.account is None or pause.account.pk in grant.path or grant.account_id in pause.account.path
        ):
            return True
    return False
