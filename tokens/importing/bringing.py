"""The lines of a file become tokens, batch by batch; each batch is a transaction, so a run that broke is run again."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.db.models.functions import Lower

from accounts.models import User
from policies.refusals import Code, Refusal
from tokens import lifecycle
from tokens.importing.reading import Problem, Wanted

_BATCH, _KEPT = 500, 1000
# Which of these people the one who brings may bring tokens for.
Reach = Callable[[Collection[int]], set[int]]


@dataclass(slots=True)
class Brought:
    """What became of a file; `problems` are the first thousand, `left` counts all of them."""

    made: int = 0
    shortened: int = 0
    known: int = 0
    ended: int = 0
    left: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def read(self) -> int:
        return self.made + self.known + self.ended + self.left

    @property
    def in_order(self) -> list[Problem]:
        """The problems by their lines; those of a batch are found one kind after the other."""
        return sorted(self.problems, key=lambda problem: problem.number)

    def leave(self, problem: Problem) -> None:
        self.left += 1
        if len(self.problems) < _KEPT:
            self.problems.append(problem)


def bring(
    lines: Iterable[Wanted | Problem],
    *,
    source: str,
    reach: Reach | None = None,
    actor: User | None,
    now: datetime,
    dry_run: bool = False,
    advance: Callable[[int], None] | None = None,
) -> Brought:
    """Bring the lines in; `advance` hears after each batch how many are done. With `dry_run` all is taken back."""
    brought, seen = Brought(), set[bytes]()
    rest = iter(lines)
    while some := list(islice(rest, _BATCH)):
        with transaction.atomic():
            _bring_some(some, brought, seen, source=source, reach=reach, actor=actor, now=now)
            transaction.set_rollback(dry_run)
        if advance is not None:
            advance(brought.read)
    return brought


def _bring_some(
    some: Iterable[Wanted | Problem],
    brought: Brought,
    seen: set[bytes],
    *,
    source: str,
    reach: Reach | None,
    actor: User | None,
    now: datetime,
) -> None:
    wanted = []
    for line in some:
        if isinstance(line, Problem):
            brought.leave(line)
        elif line.digest in seen:
            brought.leave(_problem(line, Code.HASH_REPEATED))
        elif line.expires_at is not None and line.expires_at <= now:
            brought.ended += 1
        else:
            seen.add(line.digest)
            wanted.append(line)
    foreign = [_foreign(line, owner, now) for line, owner in _owned(wanted, brought, reach)]
    made = lifecycle.import_many(foreign, source=source, actor=actor, now=now) if foreign else []
    brought.made += len(made)
    brought.shortened += sum(each.expires_at != token.expires_at for each, token in made)
    brought.known += len(foreign) - len(made)


def _owned(wanted: Iterable[Wanted], brought: Brought, reach: Reach | None) -> Iterator[tuple[Wanted, User]]:
    """The lines with their owners; whom the one who brings does not reach is not found, like nobody."""
    wanted = list(wanted)
    owners = _owners({line.owner for line in wanted})
    reached = {owner.pk for owner in owners.values()}
    reached = reached if reach is None else reach(reached)
    for line in wanted:
        owner = owners.get(line.owner)
        if owner is None or owner.pk not in reached:
            brought.leave(_problem(line, Code.OWNER_UNKNOWN, owner=line.owner))
        elif not owner.is_active:
            brought.leave(_problem(line, Code.INACTIVE_OWNER))
        else:
            yield line, owner


def _owners(names: Collection[str]) -> dict[str, User]:
    """People by what a file calls them: their sign-in names, whatever the case, or `sis_user_id:X`."""
    names = {name for name in names if "\0" not in name}  # PostgreSQL has no such text
    sis_ids = {name.removeprefix("sis_user_id:") for name in names if name.startswith("sis_user_id:")}
    by_sis = {f"sis_user_id:{each.sis_user_id}": each for each in User.objects.filter(sis_user_id__in=sis_ids)}
    logins = User.objects.annotate(login=Lower("login_id")).filter(login__in={name.lower() for name in names})
    by_login = {each.login_id.lower(): each for each in logins}
    found = {name: by_sis.get(name) or by_login.get(name.lower()) for name in names}
    return {name: owner for name, owner in found.items() if owner is not None}


def _foreign(line: Wanted, owner: User, now: datetime) -> lifecycle.Foreign:
    created_at = min(line.created_at or now, now)
    return lifecycle.Foreign(owner.pk, line.purpose, line.expires_at, line.digest, created_at)


def _problem(line: Wanted, code: Code, **params: object) -> Problem:
    return Problem(line.number, (Refusal(code, params=params),))
