"""Every field of every route: of the OpenAPI document, of the forms on the pages, and what else a view looks for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.urls import Resolver404, resolve

from tests.api.contract import document
from tests.matrix import table
from tests.matrix.asking import undone
from tests.matrix.routes import GATEWAY, PARAMETER, without_names
from tests.torture.hostile.asking import FORM, JSON, Application, Request, send
from tests.torture.hostile.forms import Form, forms_in
from tests.torture.hostile.listening import listening
from tests.torture.hostile.people import People

# Doors read their forms by themselves.
OF_DOORS = {
    "/verify": ("scope",),
    "/oauth2/introspect": ("token", "token_type_hint", "client_id", "client_secret"),
    "/oauth2/introspect/batch": ("token", "client_id", "client_secret"),
    "/oauth2/revoke": ("token", "token_type_hint", "client_id"),
    "/oauth2/device_authorization": ("client_id", "scope", "host", "purpose", "days"),
    "/oauth2/token": ("client_id", "grant_type", "device_code"),
}
_SAFE = ("GET", "HEAD")


# Method and address.
Route = tuple[str, str]


def all_routes() -> list[Route]:
    return [(row.method, row.address) for row in table.read()]


class Place(StrEnum):
    PATH = "path"
    QUERY = "query"
    FORM = "form"
    JSON = "json"


@dataclass(frozen=True)
class Field:
    """One field of a route. `base` is what is sent beside it, `is_date` whether it has to be a moment or a day."""

    method: str
    address: str
    place: Place
    path: tuple[str, ...]
    base: Mapping[str, Any] = field(default_factory=dict, compare=False)
    is_date: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.address} {self.place} {'.'.join(self.path)}"


class Fields:
    """Finds them, by asking the application for its pages."""

    def __init__(self, application: Application, people: People, routes: Sequence[Route] | None = None) -> None:
        """`routes` are those to look at; None: all that the matrix has."""
        self.application, self.people = application, people
        self.routes = all_routes() if routes is None else routes

    @cached_property
    def all(self) -> list[Field]:
        found = [
            *self._of_paths(),
            *of_document(self.routes, self.people.world.now),
            *self._of_pages(),
            *self._of_doors(),
        ]
        return list(dict.fromkeys(found))

    def _of_paths(self) -> Iterator[Field]:
        for method, address in self.routes:
            for name in PARAMETER.findall(address):
                yield Field(method, address, Place.PATH, (name,))

    def _of_doors(self) -> Iterator[Field]:
        looked_at = {address for _method, address in self.routes}
        for address, names in OF_DOORS.items():
            if address not in looked_at:
                continue
            base = self.people.world.bodies.get(address, {})
            for name in names:
                place = Place.QUERY if address == "/verify" else Place.FORM
                yield Field("GET" if address == "/verify" else "POST", address, place, (name,), base)

    def _of_pages(self) -> Iterator[Field]:
        """Those of the forms, and those that a view looks for when it gets nothing."""
        forms = self._forms()
        for method, address in self.routes:
            if address in GATEWAY:
                continue
            looked_for = self._looked_for(method, address)
            place = Place.QUERY if method in _SAFE else Place.FORM
            form = forms.get(address, Form(address))
            known = form.fields if method == "POST" else {}
            for name in dict.fromkeys((*known, *looked_for)):
                is_date = name in form.dates
                base = {**known, "days": "custom"} if is_date and "days" in known else known  # else no day is looked at
                yield Field(method, address, place, (name,), base, is_date)

    def _forms(self) -> dict[str, Form]:
        """The forms of all pages that anybody gets to see, by the address that they are sent to; the fullest."""
        found: dict[str, Form] = {}
        for method, address in self.routes:
            if method != "GET" or address in GATEWAY or address.startswith("/api/"):
                continue
            for who in ("student", "admin"):
                for form in self._forms_on(who, address):
                    if len(form.fields) > len(found.get(form.action, Form("")).fields):
                        found[form.action] = form
        return found

    def _forms_on(self, who: str, address: str) -> Iterable[Form]:
        path = self.people.path(address)
        with undone():
            answer = send(self.application, Request("GET", path, self.people.headers(who, address)))
        if answer.status != 200 or answer.kind != "text/html":
            return []
        return [form.sent_to(_address(form.action or path)) for form in forms_in(answer.body.decode())]

    def _looked_for(self, method: str, address: str) -> list[str]:
        headers = self.people.headers("admin", address)
        with undone(), listening() as names:
            send(self.application, Request(method, self.people.path(address), headers, b"", FORM))
        return [name for name in names if name not in ("csrfmiddlewaretoken", "access_token")]


def _address(path: str) -> str:
    """The address of the URL map at which a path is answered; the path itself where there is none."""
    try:
        return "/" + resolve(path.partition("?")[0].partition("#")[0]).route
    except Resolver404:
        return path


def _angled(path: str) -> str:
    return path.replace("{", "<").replace("}", ">")


def of_document(routes: Sequence[Route], now: datetime) -> Iterator[Field]:
    """Those of the OpenAPI document."""
    addresses = {(method, without_names(address)): address for method, address in routes}
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            address = addresses.get((method.upper(), PARAMETER.sub("<>", _angled(path))))
            if address:
                yield from _of_operation(method.upper(), address, operation, (now + timedelta(days=20)).isoformat())


def _of_operation(method: str, address: str, operation: dict[str, Any], soon: str) -> Iterator[Field]:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "query":
            yield Field(method, address, Place.QUERY, (parameter["name"],), is_date=_is_date(parameter["schema"]))
    body = operation.get("requestBody", {}).get("content", {})
    if JSON in body:
        schema = _resolved(body[JSON]["schema"])
        base = _example(schema, soon)
        for path, inner in _leaves(schema):
            for place in (Place.JSON, Place.FORM):
                is_date = path[-1] == "expires_at" or _is_date(inner)
                yield Field(method, address, place, path, base if isinstance(base, dict) else {}, is_date)


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """What a reference means; of alternatives the first."""
    while True:
        if "$ref" in schema:
            schema = document()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        elif found := next((schema[word] for word in ("allOf", "oneOf", "anyOf") if word in schema), None):
            schema = found[0]
        else:
            return schema


def _is_date(schema: dict[str, Any]) -> bool:
    kinds = [schema, *schema.get("oneOf", ()), *schema.get("anyOf", ())]
    return any(_resolved(each).get("format") in ("date", "date-time") for each in kinds)


def _leaves(schema: dict[str, Any], before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every field at any depth, the objects among them too."""
    for name, value in schema.get("properties", {}).items():
        inner = _resolved(value)
        yield (*before, name), inner
        yield from _leaves(inner, (*before, name))


def _example(schema: dict[str, Any], soon: str) -> Any:
    """As little as the schema demands."""
    schema = _resolved(schema)
    if "properties" in schema:
        needed = schema.get("required", ())
        return {name: _example(value, soon) for name, value in schema["properties"].items() if name in needed}
    if "enum" in schema:
        return schema["enum"][0]
    if _is_date(schema):
        return soon
    kind = schema.get("type", "string")
    of_kind: dict[str, Any] = {
        "string": "Dashboard",
        "integer": 1,
        "boolean": True,
        "array": [],
        "object": {},
        "number": 1,
    }
    return of_kind.get(kind if isinstance(kind, str) else kind[0])
