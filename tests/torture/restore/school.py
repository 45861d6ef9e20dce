"""Every secret that was ever told, and what became of it by all that was acknowledged."""

from dataclasses import dataclass, field
from enum import StrEnum


class Fate(StrEnum):
    """What became of a secret."""

    LIVING = "living"
    ENDED = "ended"
    LOST = "lost"  # made after the backup: the database has never heard of it


@dataclass
class Kept:
    """A secret with its token, and the number of the last backup before it was made or ended."""

    number: int  # at the director's
    secret: str
    token_id: int
    owner_id: int
    touched_after: int
    fate: Fate = Fate.LIVING
    way: str = ""  # in which it ended, in whatever future
    backups: set[int] = field(default_factory=set)  # that have it


@dataclass
class Register:
    """All of them, and the number of the last backup."""

    kept: list[Kept] = field(default_factory=list)
    backups: int = 0

    @property
    def living(self) -> list[Kept]:
        return [each for each in self.kept if each.fate is Fate.LIVING]

    @property
    def dead(self) -> list[Kept]:
        return [each for each in self.kept if each.fate is not Fate.LIVING]

    def add(self, number: int, secret: str, token_id: int, owner_id: int) -> Kept:
        made = Kept(number, secret, token_id, owner_id, self.backups)
        self.kept.append(made)
        return made

    def restore(self, backup: int) -> None:
        """The school is that of a backup: what was not in it is lost, and what ended in any future has ended."""
        for each in self.kept:
            if backup not in each.backups:
                each.fate = Fate.LOST
            else:
                each.fate = Fate.ENDED if each.way else Fate.LIVING

    def back_up(self) -> int:
        """All that is there goes into a new backup; its number, counted from 1."""
        self.backups += 1
        for each in self.kept:
            if each.fate is not Fate.LOST:
                each.backups.add(self.backups)
        return self.backups

    def end(self, kept: Kept, way: str) -> None:
        """It was acknowledged that a secret is of no use any more."""
        kept.fate, kept.way, kept.touched_after = Fate.ENDED, way, self.backups
