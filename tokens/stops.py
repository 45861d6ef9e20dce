"""Which tokens a pause stops, by what their owner's roles amount to. Pure: values in, values out."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from accounts.roles import Base, Permission, Standing
from accounts.tree import Path


class Whom(StrEnum):
    """Whose tokens are stopped."""

    EVERYTHING = "everything"
    ACCOUNT = "account"
    ROLE = "role"
    COURSE = "course"


@dataclass(frozen=True, slots=True)
class Stop:
    """A pause as values: it stops the tokens of whoever all of this is true of.

    At home in the account or below it; holding a role of the base; holding a role in the course; and holding no rights
    beside `rights`, those of whoever made it, since nobody acts on a person who holds rights that they lack (rule R5).
    None stands for anybody.
    """

    account_id: int | None = None
    base: Base | None = None
    course_id: int | None = None
    rights: frozenset[Permission] | None = None

    def hits(self, standing: Standing, home: Path) -> bool:
        """Whether the tokens are stopped of a person whose counting roles and home account these are."""
        return (
            (self.account_id is None or self.account_id in home)
            and (self.base is None or self.base in standing.bases)
            and (self.course_id is None or any(grant.course_id == self.course_id for grant in standing.grants))
            and (self.rights is None or standing.permissions <= self.rights)
        )


def is_stopped(stops: Iterable[Stop], standing: Standing, home: Path) -> bool:
    """Whether any of the pauses in force stops a person's tokens."""
    return any(stop.hits(standing, home) for stop in stops)


@lru_cache(1000)
def stop_of(text: str) -> Stop:
    """What a pause's row says as JSON; a text says the same for ever."""
    account_id, base, course_id, rights = json.loads(text)
    return Stop(
        account_id,
        Base(base) if base else None,
        course_id,
        None if rights is None else frozenset(map(Permission, rights)),
    )
