"""What a restored school is made of, and how it is asked: places, secrets, and what became of each."""

from dataclasses import dataclass, field
from enum import StrEnum


class Fate(StrEnum):
    """What became of a secret, by all that was acknowledged."""

    LIVING = "living"
    ENDED = "ended"
    LOST = "lost"  # made after the backup: the database has never heard of it


@dataclass
class Kept:
    """A secret, its token's number at the director's, the backup before which it was made, and how it ended."""

    number: int
    secret: str
    token_id: int
    owner_id: int
    made_in: int
    fate: Fate = Fate.LIVING
    way: str = ""


@dataclass
class Register:
    """Every secret that was ever told."""

    kept: list[Kept] = field(default_factory=list)

    def living(self) -> list[Kept]:
        return [each for each in self.kept if each.fate is Fate.LIVING]

    def lose_what_came_after(self, backup: int) -> None:
        """The school was restored to a backup: what was made since is unknown, whatever it was."""
        for each in self.kept:
            if each.made_in > backup:
                each.fate = Fate.LOST
