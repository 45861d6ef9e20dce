"""Reading all of a school from Canvas into the files of a roster, page by page; nothing of the portal is touched.

No more than one page, the accounts' names, and the roles of one course are held at once.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from accounts.canvas import meaning
from accounts.canvas.asking import Canvas, CanvasError, Thing
from accounts.canvas.meaning import COLUMNS, LeftOut, Row

_COURSES = ("created", "claimed", "available", "completed", "deleted")  # all, see "List active courses in an account"
_ENROLLMENTS = ("active", "invited", "creation_pending", "deleted", "rejected", "completed", "inactive")
# Called with how many things are read.
Told = Callable[[int], None]


class Pull:
    """One reading of a school. `left_out` counts what cannot stand in a roster, by reason."""

    def __init__(self, canvas: Canvas, account: str, place: Path, told: Told) -> None:
        self._canvas, self._account, self._place, self._told = canvas, account, place, told
        self.left_out: Counter[str] = Counter()
        self.read: Counter[str] = Counter()
        self._have_logins = False

    def write(self) -> None:
        """Write the files. Raises CanvasError; what lies there then is of no use."""
        with ExitStack() as stack:
            self._files = {kind: self._begin(kind, stack) for kind in COLUMNS}
            names = self._accounts()
            self._users()
            self._courses(names)
            self._admins(names)
        self._look_at_people()

    def _look_at_people(self) -> None:
        """Raise CanvasError where nobody could be known: mostly the token may not read what says who they are."""
        if not self.read["users"]:
            raise CanvasError("no_sis_ids" if self.left_out["no_sis_id"] else "nobody")
        if not self._have_logins:
            raise CanvasError("no_logins")

    def _begin(self, kind: str, stack: ExitStack) -> Any:
        # What is no text becomes bytes that are no UTF-8, which the loader names like any bad line.
        path = self._place / f"{kind}.csv"
        writer = csv.writer(stack.enter_context(path.open("w", encoding="utf-8", errors="surrogatepass", newline="")))
        writer.writerow(COLUMNS[kind])
        return writer

    def _accounts(self) -> dict[str, str]:
        """Write the accounts; return what the roster calls each, by Canvas' numbers. The school's own is the root."""
        school = meaning.required(self._canvas.one(f"accounts/{self._account}"))
        path = f"accounts/{school}/sub_accounts"
        below = list(self._canvas.each(path, recursive=True))
        names = {meaning.required(thing): meaning.name_of(thing, "sis_account_id") for thing in below} | {school: ""}
        for thing in below:
            self._put("accounts", meaning.account(thing, names))
        return names

    def _users(self) -> None:
        for thing in self._canvas.each(f"accounts/{self._account}/users", include=["email"]):
            row = self._try("users", meaning.user, thing)
            self._have_logins = self._have_logins or bool(row and row[1])

    def _courses(self, names: dict[str, str]) -> None:
        for thing in self._canvas.each(f"accounts/{self._account}/courses", state=list(_COURSES)):
            row = self._try("courses", meaning.course, thing, names)
            if row is not None and row[4] == "active":  # in a closed one no role counts
                self._roles(thing, row[0])

    def _roles(self, course: Thing, name: str) -> None:
        path = f"courses/{meaning.required(course)}/enrollments"
        rows = list(self._meant(self._still_there(path, state=list(_ENROLLMENTS)), name))
        for row in meaning.strongest_last(rows):
            self._put("enrollments", row)

    def _meant(self, things: Iterator[Thing], course: str) -> Iterator[Row]:
        for thing in things:
            try:
                yield meaning.enrollment(thing, course)
            except LeftOut as reason:
                self.left_out[str(reason)] += 1

    def _admins(self, names: dict[str, str]) -> None:
        for number, name in names.items():
            for thing in self._still_there(f"accounts/{number}/admins"):
                self._try("admins", meaning.admin, thing, name)

    def _still_there(self, path: str, **parameters: Any) -> Iterator[Thing]:
        """List what lies in a course or an account; nothing, and once, where that went meanwhile."""
        try:
            yield from self._canvas.each(path, **parameters)
        except CanvasError as error:
            if error.code != "unknown":
                raise
            self.left_out["gone_meanwhile"] += 1

    def _try(self, kind: str, read: Callable[..., Row], *of: object) -> Row | None:
        try:
            row = read(*of)
        except LeftOut as reason:
            self.left_out[str(reason)] += 1
            return None
        self._put(kind, row)
        return row

    def _put(self, kind: str, row: Row) -> None:
        self._files[kind].writerow(row)
        self.read[kind] += 1
        if self.read[kind] % 100 == 0:
            self._told(self.read.total())
