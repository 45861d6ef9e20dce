"""One import of a roster, from Canvas' own SIS CSV files.

Two halves. First everything is read into temporary tables and compared with what there is; nothing is locked. Then the
people whom the differences touch are locked in one go with what is kept for them, the differences are written with
their lines in the trail, and the news of changed roles goes out once, at the end: whoever loses a role in one row and
gains one in another is judged by both. All of it is one transaction.

The files win over what was changed in the portal: Canvas' sticky fields are not known here. What they do not mention
stays as it is, unless the roster is `complete`: then what the one before held and this one does not ends.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction

from accounts import dependents, enrolling
from accounts.audit import record
from accounts.denials import Denied
from accounts.keepers import keeping
from accounts.locks import lock_many
from accounts.models import User
from accounts.sis import complete as completing
from accounts.sis import courses, held, people
from accounts.sis.complete import Complete
from accounts.sis.report import NotAgreed, Problem, Report, SisError
from accounts.sis.run import Run, execute, rows
from accounts.sis.sources import File, opened
from accounts.sis.staging import Stage, count_lines
from accounts.sis.tree import Tree

_LOCK = 7_221_005  # an advisory lock of the database: one import at a time
_LOCKED_AT_ONCE = 2000  # people
_MEMORY = "64MB"  # for one sort of the database, instead of files


def import_roster(
    path: Path,
    *,
    dry_run: bool = False,
    agreed: bool = False,
    complete: Complete | None = None,
    actor: User | None,
    now: datetime,
    on_problem: Callable[[Problem], None],
    advance: Callable[[int, int], None],
) -> Report:
    """Load the roster that lies at `path`, a directory or a zip; `dry_run` does the same and takes it back.

    Lines that cannot be taken go to `on_problem` as they are found, `advance` hears of rows done and rows in all.
    Raises SisError where there is nothing to read, another import runs, or nobody would be left to edit the policy;
    NotAgreed where it would shorten more tokens than go without asking, unless that was `agreed` to. How many it would
    be is known only by doing it. TooManyGone where too much is missing from one that is `complete`.
    """
    with opened(path) as files, transaction.atomic():
        pace = _Pace(advance, count_lines(files))
        report = _import(files, pace, complete, actor=actor, now=now, on_problem=on_problem)
        if report.needs_agreement and not (agreed or dry_run):
            raise NotAgreed(report)
        transaction.set_rollback(dry_run)
    return report


class _Pace:
    """Hears of each row twice, read and written, and tells of it as one."""

    def __init__(self, advance: Callable[[int, int], None], total: int) -> None:
        self._advance, self._total, self._half_rows = advance, total, 0

    def read(self) -> None:
        self._half_rows += 1
        if self._half_rows % 1000 == 0:
            self._tell()

    def wrote(self, rows: int) -> None:
        self._half_rows += rows
        self._tell()

    def done(self) -> None:
        self._advance(self._total, self._total)

    def _tell(self) -> None:
        self._advance(min(self._half_rows // 2, self._total), self._total)


def _import(
    files: list[File],
    pace: _Pace,
    complete: Complete | None,
    *,
    actor: User | None,
    now: datetime,
    on_problem: Callable[[Problem], None],
) -> Report:
    _be_alone()
    report = Report(on_problem)
    for file in files:
        report.of(file.kind)
    stage = Stage(files, report, pace.read)
    stage.fill()
    if complete is not None:
        completing.compare(complete, stage, report)
    _look_at_tables()
    run = Run(stage, report, actor, now, pace.wrote)
    tree = Tree(run)
    people.resolve(run)
    _lock_touched(tree.turning)
    try:
        with keeping(now=now):
            _write(run, tree)
    except Denied as error:
        raise SisError(
            "Nobody would be left who may edit the policy of the whole school. Nothing was loaded."
        ) from error
    run.told.update(_people_below(tree.turning))
    report.shortened = enrolling.tell(run.told, actor=actor, now=now)
    report.tokens = dependents.in_all(now=now)
    pace.done()
    if report.changed:
        record("roster.import", actor=actor, now=now, after=report.facts())
    return report


def _write(run: Run, tree: Tree) -> None:
    tree.write()
    courses.apply(run)
    people.apply(run)
    _look_at_tables()
    execute("SET CONSTRAINTS ALL IMMEDIATE")  # check references with each statement, not all of them with the commit
    held.apply(run)


def _be_alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if cursor.fetchone() != (True,):
            raise SisError("Another roster is being loaded. Try again when that has ended.")
        cursor.execute(f"SET LOCAL work_mem = '{_MEMORY}'")


def _look_at_tables() -> None:
    """Renew the database's picture of the tables; by an old one it may plan to walk all of one for every row."""
    execute("ANALYZE accounts_account, accounts_course, accounts_user, accounts_enrollment")


def _lock_touched(turning: list[int]) -> None:
    """Lock everybody whom a difference touches, in the one order in which people are locked everywhere.

    What is kept for them too: some of it is stopped before the rows are written, and some shortened afterwards.
    """
    held.prepare()
    touched = f"{people.TOUCHED} UNION {courses.TOUCHED} UNION {held.TOUCHED}"
    ids = sorted({user_id for (user_id,) in rows(touched)} | set(_people_below(turning)))
    for start in range(0, len(ids), _LOCKED_AT_ONCE):
        lock_many(ids[start : start + _LOCKED_AT_ONCE])
    dependents.hold(ids)


def _people_below(account_ids: list[int]) -> list[int]:
    """Everybody with a role in one of these accounts or below it."""
    below = User.objects.filter(enrollments__account__path__overlap=account_ids) if account_ids else User.objects.none()
    return list(below.values_list("pk", flat=True).distinct())
