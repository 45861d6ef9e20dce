"""A decision with the roles behind it, and what it would become if they ended. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.roles import Base, Standing
from accounts.tree import Path, home_of
from policies.decision import Decision, decide
from policies.exempting import Exempting, exempt_until
from policies.rules import Rules


@dataclass(frozen=True, slots=True)
class Outlook:
    """What holds for a person, and because of which roles.

    `lifted_by` are the roles each of which alone keeps the student limit away; `without` is the decision once all of
    them have ended, None where that changes nothing.
    """

    decision: Decision
    lifted_by: tuple[str, ...] = ()
    without: Decision | None = None


def outlook_of(
    standing: Standing, rules: Mapping[Path, Rules], exempting: Sequence[Exempting] = (), *, root: Path, now: datetime
) -> Outlook:
    """Decide, and decide again without the roles that lift the limit. `rules` has every one of `possible_homes`."""
    home = rules[_home(standing, root)]
    alone = {base: decide(_only(standing, frozenset({base})), home, now=now) for base in standing.bases}
    lifting = {base for base, decision in alone.items() if not decision.capped_as_student}
    decision = decide(standing, home, now=now, exempt_until=exempt_until(exempting, now=now))
    if decision.capped:
        return Outlook(decision)
    labels = dict.fromkeys(grant.label for grant in standing.grants if grant.base in lifting)
    rest = _only(standing, standing.bases - lifting)
    until = exempt_until(exempting, now=now, without=frozenset(lifting))
    without = decide(rest, rules[_home(rest, root)], now=now, exempt_until=until)
    return Outlook(decision, tuple(labels), without if without.capped_as_student else None)


def possible_homes(standing: Standing, *, root: Path) -> set[Path]:
    """Every account that could be home if some of the roles ended: those of the roles, and all above them."""
    paths = {grant.path for grant in standing.grants}
    return {root} | {path[:depth] for path in paths for depth in range(1, len(path) + 1)}


def _only(standing: Standing, bases: frozenset[Base]) -> Standing:
    return Standing(tuple(grant for grant in standing.grants if grant.base in bases))


def _home(standing: Standing, root: Path) -> Path:
    return home_of({grant.path for grant in standing.grants}, root=root)
