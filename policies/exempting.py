"""Until when a person is exempted from their cap, by what holds for them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.roles import Base, Grant


@dataclass(frozen=True, slots=True)
class Exempting:
    """What exempts a person until a moment to come: they themselves (`grant` is None), or a role that they hold."""

    until: datetime
    grant: Grant | None = None


def exempt_until(
    found: Iterable[Exempting], *, now: datetime, without: frozenset[Base] = frozenset()
) -> datetime | None:
    """The latest moment among them; None for no exemption. A role exempts while it counts, and is not of `without`."""
    holding = (
        each.until
        for each in found
        if each.grant is None or (each.grant.counts(now) and each.grant.base not in without)
    )
    return max(holding, default=None)
