"""A roster, and a role that changes: what many hold changes in one transaction, beside an act that waits for nobody."""

import os
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from accounts import defining
from accounts.models import User
from accounts.roles import Base, Permission
from accounts.sis.importing import import_roster
from accounts.sis.report import Report
from tests.cast import NOW, enroll, role
from tests.torture.races import cast
from tests.torture.races.cast import DAY, held
from tests.torture.races.crowds import carrying, made
from tests.torture.races.judging import all_of, broken_trail, tokens_of, wrong
from tests.torture.races.lane import Run
from tests.torture.races.track import Race, Trial
from tokens.models import BulkKind, State

_COURSE = "HIST-RACED"
_numbers = count()


def _known(user: User) -> User:
    """The person as the roster knows them."""
    user.sis_user_id = f"R{os.getpid()}-{next(_numbers)}"
    user.save(update_fields=["sis_user_id"])
    return user


def load(files: dict[str, list[str]]) -> Report:
    """Load a roster of these lines."""
    with TemporaryDirectory() as place:
        for name, lines in files.items():
            (Path(place) / f"{name}.csv").write_text("\n".join(lines))
        return import_roster(
            Path(place), agreed=True, actor=None, now=NOW, on_problem=_complain, advance=lambda _done, _all: None
        )


def _complain(problem: object) -> None:
    raise AssertionError(problem)


def roster_and_revoke() -> Trial:
    """One person is switched off and two become students only by a roster, beside an act on all that they hold."""
    course = cast.school().history
    type(course).objects.filter(pk=course.pk).update(sis_course_id=_COURSE)
    leaver, turned = _known(cast.student()), [_known(cast.student()) for _each in range(2)]
    for each in turned:
        cast.also(each, Base.TEACHER, course)
    people = [turned[0], leaver, turned[1]]
    _give_in_turns(people)
    act = made(BulkKind.REVOKE, people)
    roster = {
        "users": [
            "user_id,login_id,status",
            f"{leaver.sis_user_id},{leaver.login_id},suspended",
            f"{turned[1].sis_user_id},new-{turned[1].login_id},active",  # whoever gets a new name is locked for longer
        ],
        "enrollments": [
            "course_id,user_id,role,status",
            *(f"{_COURSE},{each.sis_user_id},teacher,completed" for each in turned),
        ],
    }

    return Trial(partial(load, roster), carrying(act), partial(_all_revoked, people))


def role_and_revoke() -> Trial:
    """A role changes, which shortens what its holders have, batch by batch, beside an act on all of it."""
    label = f"Helpers {next(_numbers)}"
    helper = role(Base.STUDENT, label, (Permission.TOKENS_VIEW,))
    people = [cast.student(), cast.student()]
    for each in people:
        enroll(each, helper)
    _give_in_turns(people[::-1])  # the first of both has the later tokens
    act = made(BulkKind.REVOKE, people)
    change = partial(defining.change, helper, label=label, permissions=[], actor=None, now=NOW)
    return Trial(change, carrying(act), partial(_all_revoked, people))


def _give_in_turns(people: list[User]) -> None:
    """Two tokens for each, made long ago, when these were allowed to live for years."""
    for owner in people * 2:
        held(owner, ends_at=NOW + 900 * DAY)


def _all_revoked(people: list[User], _one: Run, _act: Run) -> str:
    tokens = [each for owner in people for each in tokens_of(owner)]
    return all_of(
        wrong(all_are_revoked=all(each.state == State.REVOKED for each in tokens)),
        broken_trail(*tokens),
    )


RACES = [
    Race("roster x revoke many", "all are revoked, and neither waits for the other for ever", roster_and_revoke),
    Race("role change x revoke many", "all are revoked, and neither waits for the other for ever", role_and_revoke),
]
