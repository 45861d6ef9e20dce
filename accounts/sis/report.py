"""What an import has to say: the lines it could not take, and what it did with the others."""

from collections.abc import Callable
from dataclasses import dataclass, field

# Of all tokens in use, in percent: a roster that shortens more is more often a broken export than the end of a term.
MOST_SHORTENED = 5
# Fewer never stop an import. At a small school five of a hundred are two or three people whose role has ended, as
# happens every week, and what befalls so few can be put right by hand.
FEWEST_ASKED = 20


class SisError(Exception):
    """Nothing can be imported at all; the message is a sentence for whoever runs the import."""


class NotAgreed(Exception):
    """The roster shortens so many tokens that whoever loads it has to agree first. Nothing was changed."""

    def __init__(self, report: "Report") -> None:
        super().__init__(f"{report.shortened} of {report.tokens} tokens would be shortened")
        self.report = report


class TooManyGone(Exception):
    """So much is missing from a complete roster that whoever loads it has to agree first. Nothing was changed."""

    def __init__(self, gone: int, known: int, *, is_people: bool) -> None:
        super().__init__(f"{gone} of {known} {'people' if is_people else 'roles'} are missing")
        self.gone, self.known, self.is_people = gone, known, is_people


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that was not taken, or not wholly. `line` is the physical one where the record begins; the header is 1."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return _printable(f"{self.file}:{self.line}: {self.reason}")

    @property
    def without_line(self) -> str:
        return _printable(f"{self.file}: {self.reason}")


def _printable(text: str) -> str:
    """In one line, whatever the file holds: a terminal obeys some characters."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


@dataclass(slots=True)
class Counts:
    """What became of the rows of one kind. `ended` were active before; `repeated` gave way to a later row."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    ended: int = 0
    repeated: int = 0
    bad: int = 0

    @property
    def unchanged(self) -> int:
        return self.rows - self.created - self.updated - self.ended - self.repeated - self.bad

    @property
    def changed(self) -> int:
        return self.created + self.updated + self.ended


@dataclass(slots=True)
class Report:
    """The outcome of one import; the problems themselves went out as they were found, see `problem`."""

    on_problem: Callable[[Problem], None]
    counts: dict[str, Counts] = field(default_factory=dict)
    problems: int = 0
    withdrawn: int = 0  # roles that ended because their person was deleted
    stopped: int = 0  # tokens that were suspended, or revoked while they waited, because their owner left
    shortened: int = 0  # tokens that came under a cap because of it
    tokens: int = 0  # in use in all

    def of(self, kind: str) -> Counts:
        return self.counts.setdefault(kind, Counts())

    def problem(self, kind: str, problem: Problem, *, taken: bool = False) -> None:
        """Note a line that is not good; `taken` where it went in all the same, but for a part of it."""
        self.problems += 1
        self.of(kind).bad += not taken
        self.on_problem(problem)

    @property
    def changed(self) -> int:
        return self.withdrawn + sum(counts.changed for counts in self.counts.values())

    @property
    def needs_agreement(self) -> bool:
        """Whether so many tokens are shortened that somebody has to want it."""
        return self.shortened >= FEWEST_ASKED and self.shortened * 100 > self.tokens * MOST_SHORTENED

    def facts(self) -> dict[str, dict[str, int]]:
        """What the audit trail keeps of an import."""
        return {
            kind: {"created": counts.created, "updated": counts.updated, "ended": counts.ended}
            for kind, counts in self.counts.items()
        }
