"""Sends naughty values to every field of every route, as everybody, and gathers what is wrong with the answers."""

import json
import logging
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from random import Random
from typing import Any
from urllib.parse import quote

from django.core.cache import cache

from tests.matrix.asking import undone
from tests.torture.hostile import values
from tests.torture.hostile.asking import FORM, JSON, Answer, Application, Request, send
from tests.torture.hostile.fields import Field, Place, Route, all_routes, of_document
from tests.torture.hostile.judging import is_refusal, wrong_with
from tests.torture.hostile.people import WHO, People
from tests.torture.hostile.state import differing, digest

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# A program that asks too early is told so, and told to wait longer the next time (RFC 8628, section 3.5).
CHANGE_WHEN_REFUSED = frozenset({"/oauth2/token"})


@dataclass(frozen=True)
class Try:
    """One request, and what must not come of it."""

    who: str
    address: str
    request: Request
    what: str
    is_good: bool = True  # False: it has to be refused, whoever asks


@dataclass
class Found:
    """What came of many."""

    requests: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Found") -> None:
        self.requests += other.requests
        self.statuses += other.statuses
        self.wrong += other.wrong


class _Listener(logging.Handler):
    """Keeps where the last failure came from."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard = ""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            last = traceback.extract_tb(error.__traceback__)[-1]
            self.heard = f"{type(error).__name__} in {last.name}: {error!s:.120}"


@dataclass
class Attack:
    """Everything that is sent in one school; each request is undone after it."""

    application: Application
    people: People
    found: Found = field(default_factory=Found)
    listener: _Listener = field(default_factory=_Listener)

    @cached_property
    def untouched(self) -> dict[str, tuple[int, str]]:
        return digest()

    def run(self, tries: Iterator[Try]) -> None:
        """Send all of them."""
        before = self.untouched
        with self._listening():
            for each in tries:
                self._try(each, before)

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """Hear what fails, in place of whoever would write thousands of refusals down."""
        root = logging.getLogger()
        handlers, root.handlers = root.handlers, [self.listener]
        try:
            yield
        finally:
            root.handlers = handlers

    def _try(self, each: Try, before: dict[str, tuple[int, str]]) -> None:
        cache.clear()  # nobody is sent away for asking too often
        self.listener.heard = ""
        with undone():
            answer = send(self.application, each.request)
            wrong = list(wrong_with(each.request, answer, self.people.secrets))
            wrong += self._not_refused(each, answer, before)
        self.found.requests += 1
        self.found.statuses[answer.status] += 1
        for words in wrong:
            why = f" ({self.listener.heard})" if self.listener.heard else ""
            self.found.wrong[f"{each.request.method} {each.address}: {each.what}, as {each.who}: {words}{why}"] += 1

    def _not_refused(self, each: Try, answer: Answer, before: dict[str, tuple[int, str]]) -> Iterator[str]:
        """What must be refused and is not; what is refused, and has changed something nevertheless."""
        must_be_refused = not each.is_good
        if must_be_refused and answer.kind == JSON and not is_refusal(answer):
            yield f"accepted with {answer.status}"
        if each.request.method in SAFE or each.address in CHANGE_WHEN_REFUSED:
            return
        if must_be_refused or is_refusal(answer):
            touched = differing(before, digest())
            if touched:
                yield f"answered {answer.status}, and changed {', '.join(touched)}"


@dataclass
class Tries:
    """Makes requests of fields and values, by chance."""

    people: People
    random: Random

    def of_fields(self, fields: list[Field], count: int) -> Iterator[Try]:
        """So many, each of a field and a value by chance."""
        for _number in range(count):
            yield self.of_field(self.random.choice(fields))

    def of_field(self, field: Field) -> Try:
        """A naughty value in a field, all others as they should be."""
        who = self.random.choice(WHO)
        if field.place == Place.PATH:
            value = self.random.choice(values.NO_IDS)
            path = self.people.path(field.address, {field.path[0]: value})
            return self._try(who, field, path, f"{field.path[0]}={value[:40]}", is_good=False)
        value, is_good = self._value(field)
        what = f"{field.place} {'.'.join(field.path)}={value!r:.60}"
        path = self.people.path(field.address)
        if field.place == Place.QUERY:
            return self._try(who, field, f"{path}?{_query({field.path[0]: _text(value)})}", what)
        if field.place == Place.FORM:
            body = _query({**_flat(field.base), _bracketed(field.path): _text(value)}).encode()
            return self._try(who, field, path, what, body, FORM, is_good=is_good)
        whole = json.dumps(_with(field.base, field.path, value)).encode("utf-8", "surrogatepass")
        return self._try(who, field, path, what, whole, JSON, is_good=is_good)

    def of_routes(self, routes: list[Route], count: int) -> Iterator[Try]:
        """Broken bodies, odd headers, odd queries and odd methods, to whole routes."""
        bodies = list(values.broken_bodies())
        for _number in range(count):
            method, address = self.random.choice(routes)
            yield self.random.choice((self._broken, self._broken, self._headed, self._asked))(method, address, bodies)

    def _broken(self, method: str, address: str, bodies: list[values.Body]) -> Try:
        body = self.random.choice(bodies)
        what = f"{body.kind[:60]!r} with the body {body.data[:40]!r} of {len(body.data)} bytes"
        reads = address.startswith("/api/") and method in ("POST", "PUT") and (method, address) in self._with_bodies
        field = Field(method, address, Place.FORM, ())
        is_good = body.is_good or not reads
        who = self.random.choice(WHO)
        return self._try(who, field, self.people.path(address), what, body.data, body.kind, is_good=is_good)

    def _headed(self, method: str, address: str, _bodies: list[values.Body]) -> Try:
        name, value = self.random.choice(values.HEADER_NAMES), self.random.choice(values.HEADERS)
        field, who = Field(method, address, Place.FORM, ()), self.random.choice(WHO)
        made = self._try(who, field, self.people.path(address), f"{name}: {value!r:.40}")
        return replace(made, request=replace(made.request, headers={**made.request.headers, name: value}))

    def _asked(self, method: str, address: str, _bodies: list[values.Body]) -> Try:
        query, who = self.random.choice(values.QUERIES), self.random.choice(WHO)
        field = Field(method, address, Place.QUERY, ())
        return self._try(who, field, f"{self.people.path(address)}?{query}", f"?{query[:40]}")

    @cached_property
    def _with_bodies(self) -> set[Route]:
        found = of_document(all_routes(), self.people.world.now)
        return {(each.method, each.address) for each in found if each.place == Place.JSON}

    def _value(self, field: Field) -> tuple[Any, bool]:
        """A value for a field, and whether it may be good."""
        if field.is_date and self.random.random() < 0.7:
            bad, by_people = self.random.random() < 0.8, not field.address.startswith("/api/")
            odd = (*values.DATES, *values.DATES_OF_PEOPLE) if by_people else values.DATES
            none = values.NO_DATES if by_people else (*values.NO_DATES, *values.DATES_OF_PEOPLE)
            return self.random.choice(none if bad else odd), not (bad and field.place != Place.QUERY)
        if field.place == Place.JSON and self.random.random() < 0.4:
            return self.random.choice(values.KINDS), True
        secret = self.people.bearers["student"]
        return self.random.choice((*values.TEXTS, secret)), True

    def _try(
        self,
        who: str,
        field: Field,
        target: str,
        what: str,
        body: bytes = b"",
        kind: str = "",
        *,
        is_good: bool = True,
    ) -> Try:
        by_bearer = self.random.random() < 0.5
        headers = self.people.headers(who, field.address, by_bearer=by_bearer)
        kind = kind or (FORM if field.method not in SAFE else "")
        return Try(who, field.address, Request(field.method, target, headers, body, kind), what, is_good)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _query(named: dict[str, str]) -> str:
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in named.items())


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def _bracketed(path: tuple[str, ...]) -> str:
    """`token[purpose]`, as forms say it."""
    return path[0] + "".join(f"[{name}]" for name in path[1:])


def _flat(named: Any, before: tuple[str, ...] = ()) -> dict[str, str]:
    """Nested values as a form says them."""
    found: dict[str, str] = {}
    for name, value in named.items():
        if isinstance(value, dict):
            found |= _flat(value, (*before, name))
        elif isinstance(value, list):
            found |= {f"{_bracketed((*before, name))}[]": _text(each) for each in value}
        else:
            found[_bracketed((*before, name))] = _text(value)
    return found


def _with(base: Any, path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """A copy of nested values with one of them in another's place."""
    name, *rest = path
    inner = base.get(name)
    return {**base, name: _with(inner if isinstance(inner, dict) else {}, tuple(rest), value) if rest else value}
