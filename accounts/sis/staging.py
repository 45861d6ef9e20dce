"""The rows of a roster as they were read, in temporary tables that end with the transaction.

Nothing of the school is touched or locked while files are read, however long that takes.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Any

from django.db import connection

from accounts.sis.records import Record, records
from accounts.sis.report import Problem, Report
from accounts.sis.roles import RoleBook
from accounts.sis.rows import BY_NAME, READ, BadRow, Row
from accounts.sis.sources import File

# `n` is the order of reading; of two rows about the same thing the later one counts, as in Canvas.
# Each is of this transaction alone; one that an earlier import in the same transaction left is dropped.
_DROP = "DROP TABLE IF EXISTS " + ", ".join(
    f"pg_temp.sis_{name}"
    for name in ("account", "person", "course", "section", "held", "who", "place", "taught", "role")
)
_TABLES = """
CREATE TEMP TABLE sis_account (n int, file int, line int, sis text, parent text, name text, state text)
    ON COMMIT DROP;
CREATE TEMP TABLE sis_person (n int, file int, line int, sis text, login_id text, name text, sortable_name text,
    short_name text, email text, is_active bool, is_deleted bool, name_if_new text, sortable_if_new text)
    ON COMMIT DROP;
CREATE TEMP TABLE sis_course (n int, file int, line int, sis text, code text, name text, account_sis text, state text,
    starts_at timestamptz, ends_at timestamptz, dated bool) ON COMMIT DROP;
CREATE TEMP TABLE sis_section (n int, file int, line int, sis text, course_sis text) ON COMMIT DROP;
CREATE TEMP TABLE sis_held (n int, file int, line int, user_sis text, role_id bigint, course_sis text, section text,
    account_sis text, state text, starts_at timestamptz, ends_at timestamptz, dated bool) ON COMMIT DROP;
"""
# The column by which a row of a kind says what it is about.
_NAMING = {"accounts": "account_id", "users": "user_id", "courses": "course_id"}
Step = Callable[[], None]


class Stage:
    """Reads files into the temporary tables."""

    def __init__(self, files: list[File], report: Report, step: Step) -> None:
        self.files = files
        self._report, self._step = report, step
        self.last = 0  # `n` of the last row that was staged
        # The kind and id of rows that name an account, a person or a course, and could not be read.
        self.unread: list[tuple[str, str]] = []

    def fill(self) -> None:
        """Read all files. Rows that make no sense by themselves are reported here."""
        with connection.cursor() as cursor:
            cursor.execute(_DROP)
            cursor.execute(_TABLES)
            roles = RoleBook()
            for number, file in enumerate(self.files):
                kind = BY_NAME[file.kind]
                columns = ", ".join(("n", "file", "line", *kind.columns))
                with cursor.copy(f"COPY {kind.table} ({columns}) FROM STDIN") as copy:
                    for line, values in self._rows_of(file, roles):
                        self.last += 1
                        copy.write_row((self.last, number, line, *values))
            for table in {kind.table for kind in BY_NAME.values()}:
                cursor.execute(f"ANALYZE {table}")

    def problem_at(self, number: int, line: int, reason: str, *, taken: bool = False) -> None:
        """Report a row that was staged, by the number of its file."""
        self._problem(self.files[number], line, reason, taken=taken)

    def of(self, number: int) -> str:
        """The kind of a file."""
        return self.files[number].kind

    def number_of(self, kind: str) -> int | None:
        """The number of the last file of a kind."""
        numbers = [number for number, file in enumerate(self.files) if file.kind == kind]
        return numbers[-1] if numbers else None

    def _rows_of(self, file: File, roles: RoleBook) -> Iterator[tuple[int, tuple[Any, ...]]]:
        with closing(file.open()) as stream, closing(records(stream)) as found:
            header = next(found, None)
            names = self._header(file, header)
            if names is None:
                return
            for record in found:
                self._step()
                self._report.of(file.kind).rows += 1
                try:
                    yield record.line, self._read(file, names, record, roles)
                except BadRow as error:
                    self._note_unread(file, names, record)
                    self._problem(file, record.line, str(error))

    def _note_unread(self, file: File, names: list[str], record: Record) -> None:
        column = _NAMING.get(file.kind)
        if column in names and len(record.fields) == len(names):
            self.unread.append((file.kind, record.fields[names.index(column)].strip()))

    def _read(self, file: File, names: list[str], record: Record, roles: RoleBook) -> tuple[Any, ...]:
        if record.broken:
            raise BadRow(record.broken)
        if len(record.fields) != len(names):
            raise BadRow(f"has {len(record.fields)} fields where the header has {len(names)}")

        def warn(reason: str) -> None:
            self._problem(file, record.line, reason, taken=True)

        return BY_NAME[file.kind].read(Row(dict(zip(names, record.fields, strict=True)), roles, warn))

    def _header(self, file: File, header: Record | None) -> list[str] | None:
        """The names of the columns; None, with the reason reported, where the file cannot be read by them."""
        if header is None or header.broken:
            self._useless(file, header.line if header else 1, f"the header {header.broken}" if header else "is empty")
            return None
        names = [name.strip().lower() for name in header.fields]
        missing = [name for name in BY_NAME[file.kind].required if name not in names]
        doubled = {name for name in names if name in READ and names.count(name) > 1}
        if missing or doubled:
            reasons = [f"the column {name} is missing" for name in missing]
            reasons += [f"there are two columns {name}" for name in sorted(doubled)]
            self._useless(file, header.line, "; ".join(reasons))
            return None
        return names

    def _useless(self, file: File, line: int, reason: str) -> None:
        self._problem(file, line, f"{reason}. Nothing was read of this file.", taken=True)

    def _problem(self, file: File, line: int, reason: str, *, taken: bool = False) -> None:
        if file.kind != "sections":  # read only to find courses, see `sources`
            self._report.problem(file.kind, Problem(file.name, line, reason), taken=taken)


def count_lines(files: Iterable[File]) -> int:
    """About how many rows there are, for showing progress."""
    lines = 0
    for file in files:
        with closing(file.open()) as stream:
            while block := stream.read(1 << 20):
                lines += block.count(b"\n")
    return lines
