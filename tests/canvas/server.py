"""A Canvas for the tests: a real HTTP server that answers as Canvas' pages say, from a school that tests may change.

Written from the documented pages of Canvas' REST API ("Accounts", "Users", "Courses", "Enrollments", "Admins",
"Pagination", "Throttling", "SIS IDs"): shapes of objects, filters, Link headers, at most 100 a page, 401 with
WWW-Authenticate for a bad token.
"""

import argparse
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

TOKEN = "7~canvasTokenOfTheTestsThatNobodyMaySeeAnywhere0123456789"
LARGEST_PAGE = 100
ROOT = 1
Thing = dict[str, Any]


@dataclass
class Canvas:
    """A school in Canvas, and how the server answers. `instead` may answer a path itself, and says whether it has."""

    port: int = 0
    accounts: dict[int, Thing] = field(default_factory=dict)
    users: dict[int, Thing] = field(default_factory=dict)
    courses: dict[int, Thing] = field(default_factory=dict)
    enrollments: dict[int, Thing] = field(default_factory=dict)
    admins: list[Thing] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    is_settled: bool = False
    _by_course: dict[int, list[Thing]] = field(default_factory=dict)
    instead: Callable[["Handler", str], bool] = lambda _handler, _path: False

    def __post_init__(self) -> None:
        self.account(ROOT, "Test School", None, sis="")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def account(self, number: int, name: str, parent: int | None = ROOT, *, sis: str = "-") -> None:
        """Add an account, under the SIS id A1 for the number 1 where none is given."""
        sis_id = f"A{number}" if sis == "-" else sis or None
        root = None if parent is None else ROOT
        above = {"parent_account_id": parent, "root_account_id": root}
        self.accounts[number] = {"id": number, "name": name, **above, "workflow_state": "active"}
        self.accounts[number]["sis_account_id"] = sis_id

    def user(self, number: int, login: str, *, sis: str = "-", **more: Any) -> Thing:
        """Add a person, under the SIS id U1 for the number 1 where none is given."""
        name = login.title()
        self.users[number] = {
            "id": number,
            "name": f"{name} Person",
            "created_at": "2026-01-01T00:00:00Z",
            "sortable_name": f"Person, {name}",
            "short_name": name,
            "sis_user_id": f"U{number}" if sis == "-" else sis or None,
            "integration_id": None,
            "login_id": login,
            "email": f"{login}@school.example",
            **more,
        }
        return self.users[number]

    def course(self, number: int, account: int = ROOT, *, sis: str = "-", **more: Any) -> Thing:
        """Add a course, under the SIS id C1 for the number 1 where none is given."""
        self.courses[number] = {
            "id": number,
            "name": f"Course {number}",
            "course_code": f"CRS {number}",
            "account_id": account,
            "root_account_id": ROOT,
            "sis_course_id": f"C{number}" if sis == "-" else sis or None,
            "start_at": None,
            "end_at": None,
            "restrict_enrollments_to_course_dates": False,
            "workflow_state": "available",
            **more,
        }
        return self.courses[number]

    def enroll(self, user: int, course: int, kind: str = "Student", **more: Any) -> Thing:
        """Enroll somebody, in the default section of the course, which has no SIS id."""
        number = len(self.enrollments) + 1
        self.enrollments[number] = {
            "id": number,
            "course_id": course,
            "sis_course_id": self.courses[course]["sis_course_id"],
            "course_section_id": course * 10,
            "sis_section_id": None,
            "sis_account_id": None,
            "user_id": user,
            "sis_user_id": self.users[user]["sis_user_id"],
            "enrollment_state": "active",
            "type": f"{kind}Enrollment",
            "role": f"{kind}Enrollment",
            "role_id": 3,
            "start_at": None,
            "end_at": None,
            "last_activity_at": None,
            **more,
        }
        return self.enrollments[number]

    def admin(self, user: int, account: int = ROOT, role: str = "AccountAdmin") -> None:
        """Make somebody an administrator of an account."""
        held = {"id": 1000 + len(self.admins), "role": role, "role_id": 1, "workflow_state": "active"}
        self.admins.append({**held, "account": account, "user": user})

    def held_in(self, course: int) -> list[Thing]:
        """The enrollments of a course."""
        if self.is_settled:
            return self._by_course.get(course, [])
        return [each for each in self.enrollments.values() if each["course_id"] == course]

    def settle(self) -> None:
        """Change no more from here on: what a course holds is looked up, not looked for."""
        for each in self.enrollments.values():
            self._by_course.setdefault(each["course_id"], []).append(each)
        self.is_settled = True

    def forget(self, user: int) -> None:
        """Delete somebody, and all that they hold."""
        del self.users[user]
        self.enrollments = {key: each for key, each in self.enrollments.items() if each["user_id"] != user}
        self.admins = [each for each in self.admins if each["user"] != user]


class Handler(BaseHTTPRequestHandler):
    """Answers as Canvas does."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer waits 40 ms for the word that its head has come
    canvas: Canvas

    def do_GET(self) -> None:
        """Answer."""
        parts = urlsplit(self.path)
        self.canvas.asked.append(self.path)
        if self.canvas.instead(self, parts.path):
            return
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            problem = {"errors": [{"message": "Invalid access token."}]}
            self.say(401, problem, {"WWW-Authenticate": 'Bearer realm="canvas-lms"'})
            return
        found = self._find(parts.path.removeprefix("/api/v1/").split("/"), parse_qs(parts.query))
        if found is None:
            self.say(404, {"errors": [{"message": "The specified resource does not exist."}]})
        elif isinstance(found, dict):
            self.say(200, found)
        else:
            self._say_page(found, parts.path, parse_qs(parts.query))

    def _find(self, path: list[str], query: dict[str, list[str]]) -> Thing | list[Thing] | None:
        match path:
            case ["accounts", account, *rest]:
                number = self._account(account)
                return None if number is None else self._of_account(number, rest, query)
            case ["courses", course, "enrollments"]:
                return self._enrollments(int(course), query.get("state[]", ["active", "invited"]))
        return None

    def _account(self, name: str) -> int | None:
        if name.startswith("sis_account_id:"):
            wanted = name.removeprefix("sis_account_id:")
            return next((key for key, each in self.canvas.accounts.items() if each["sis_account_id"] == wanted), None)
        number = ROOT if name == "self" else int(name)
        return number if number in self.canvas.accounts else None

    def _of_account(self, number: int, rest: list[str], query: dict[str, list[str]]) -> Thing | list[Thing] | None:
        canvas = self.canvas
        below = {number, *self._below(number)}
        match rest:
            case []:
                return canvas.accounts[number]
            case ["sub_accounts"]:
                every = query.get("recursive") == ["true"]
                return [
                    each for key, each in canvas.accounts.items()
                    if (key in below and key != number if every else each["parent_account_id"] == number)
                ]  # fmt: skip
            case ["users"]:
                return list(canvas.users.values())
            case ["courses"]:
                states = {_WIRE.get(state, state) for state in query.get("state[]", ["available", "completed"])}
                return [
                    each for each in canvas.courses.values()
                    if each["workflow_state"] in states and each["account_id"] in {*below, 999}
                ]  # fmt: skip
            case ["admins"]:
                return [each for each in canvas.admins if each["account"] == number]
        return None

    def _below(self, number: int) -> Iterator[int]:
        for key, each in self.canvas.accounts.items():
            if each["parent_account_id"] == number:
                yield key
                yield from self._below(key)

    def _short(self, user: Any) -> Thing:
        person = self.canvas.users[user]
        return {name: person[name] for name in ("id", "name", "sortable_name", "short_name", "sis_user_id", "login_id")}

    def _enrollments(self, course: int, states: list[str]) -> list[Thing] | None:
        if self.canvas.courses.get(course, {"workflow_state": "deleted"})["workflow_state"] == "deleted":
            return None
        return [each for each in self.canvas.held_in(course) if each["enrollment_state"] in states]

    def _as_shown(self, thing: Thing, path: str, query: dict[str, list[str]]) -> Thing:
        """A thing as it stands on a page."""
        if path.endswith("/users") and "email" not in query.get("include[]", []):
            return {name: value for name, value in thing.items() if name != "email"}
        is_held = path.endswith(("/enrollments", "/admins"))
        return {**thing, "user": self._short(thing.get("user_id", thing.get("user")))} if is_held else thing

    def _say_page(self, things: list[Thing], path: str, query: dict[str, list[str]]) -> None:
        size = min(int(query.get("per_page", ["10"])[0]), LARGEST_PAGE)
        page, last = int(query.get("page", ["1"])[0]), max(1, -(-len(things) // size))
        links = {"current": page, "first": 1, "last": last}
        if page < last:
            links["next"] = page + 1
        kept = {name: value for name, value in query.items() if name not in ("page", "per_page")}

        def link(number: int) -> str:
            asked = urlencode({**kept, "page": number, "per_page": size}, doseq=True, quote_via=quote)
            return f"{self.canvas.url}{path}?{asked}"

        header = ",".join(f'<{link(number)}>; rel="{rel}"' for rel, number in links.items())
        shown = [self._as_shown(each, path, query) for each in things[(page - 1) * size : page * size]]
        self.say(200, shown, {"Link": header, "X-Rate-Limit-Remaining": "600"})

    def say(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        """Answer with JSON, or with bytes as they are."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        named = {"Content-Type": "application/json; charset=utf-8", "Content-Length": str(len(data)), **(headers or {})}
        for name, value in named.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


# What a filter calls a course that is not published, and what its object does.
_WIRE = {"created": "unpublished", "claimed": "unpublished"}


@contextmanager
def served(canvas: Canvas, port: int = 0) -> Iterator[Canvas]:
    """Serve a school."""
    handler = type("OfThisCanvas", (Handler,), {"canvas": canvas})
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        server.daemon_threads = True
        canvas.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield canvas
        finally:
            server.shutdown()
            thread.join()


def large(people: int, enrollments: int, of_a_course: int = 25) -> Canvas:
    """A school of so many people and roles, 25 to a course; every course is taught by somebody."""
    canvas = Canvas()
    for number in range(2, 22):
        canvas.account(number, f"Faculty {number}")
    for number in range(people):
        canvas.user(number + 1, f"login{number}")
    courses = max(1, enrollments // of_a_course)
    for number in range(courses):
        canvas.course(number + 1, 2 + number % 20)
    for number in range(enrollments):
        kind = "Teacher" if number < courses else "Student"
        canvas.enroll((number + number // people) % people + 1, number % courses + 1, kind)
    canvas.settle()
    return canvas


def main() -> None:
    """Serve a large school until it is stopped; say where."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--enrollments", type=int, default=30_000)
    size = parser.parse_args()
    with served(large(size.people, size.enrollments)) as canvas:
        print(canvas.port, flush=True)  # noqa: T201  # whoever starts it reads it
        threading.Event().wait()


if __name__ == "__main__":
    main()
