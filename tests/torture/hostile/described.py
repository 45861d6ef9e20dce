"""The OpenAPI document against the portal: schemathesis makes what it allows and forbids, and checks the answers.

All its checks are on. A query that means nothing asks for nothing, since a link may be old or cut short, and whoever
reports a leak is answered alike whatever they send: there, what it forbids may be accepted. What it allows may
still be refused by a rule of the school, with 400, 409 or 422: then it has been read, and another code says so. In a
browser's session a call needs no other credential, so that leaving one away is not looked at there.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from django.core.cache import cache
from hypothesis import given, seed, settings
from hypothesis import strategies as some
from schemathesis import Case, GenerationMode
from schemathesis.config import ChecksConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.config._checks import PositiveDataAcceptanceConfig
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import ignored_auth, negative_data_rejection

from tests.matrix.asking import undone
from tests.torture.hostile.asking import JSON, Application
from tests.torture.hostile.people import WHO, People

DOCUMENT = "/api/schema/?format=json"
# What nobody may say of data that the document allows: that it cannot be read.
UNREADABLE = frozenset({"body_invalid", "bad_request", "unsupported_media_type"})
REPORTS = "/leaks/public"
_BY_RULES = ("2xx", "400", "401", "403", "404", "409", "422")


def _configured() -> SchemathesisConfig:
    checks = ChecksConfig(positive_data_acceptance=PositiveDataAcceptanceConfig(expected_statuses=_BY_RULES))
    return SchemathesisConfig(projects=ProjectsConfig(default=ProjectConfig(checks=checks)))


@dataclass
class Described:
    """The document of an application, and what came of what was made from it."""

    application: Application
    people: People
    statuses: Counter[int] = field(default_factory=Counter)
    made: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        loaded = schemathesis.openapi.from_wsgi(DOCUMENT, self.application, config=_configured())
        self.operations = [_operation(result) for result in loaded.get_all_operations()]
        school, things = self.people.world.school, self.people.world.things
        self.ids = {name: str(value) for name, value in things.items() if name.endswith("_id")}
        self.ids |= {"user_id": "self", "account_id": str(school.root.pk)}

    def run(self, given_settings: settings, *, by_seed: int | None = None) -> None:
        """Ask as often as the settings say. Raises FailureGroup for the smallest that is answered wrongly."""
        modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        every = [operation.as_strategy(generation_mode=mode) for operation in self.operations for mode in modes]

        @given_settings
        @given(
            case=some.one_of(every), who=some.sampled_from(WHO), by_bearer=some.booleans(), is_real=some.integers(0, 4)
        )
        def ask(case: Case[Any], who: str, *, by_bearer: bool, is_real: int) -> None:
            self.ask(case, who, by_bearer=by_bearer, is_real=is_real > 0)

        (seed(by_seed)(ask) if by_seed is not None else ask)()

    def ask(self, case: Case[Any], who: str, *, by_bearer: bool, is_real: bool) -> None:
        """Ask one thing, about a thing that there is where that is wanted, and check the answer; then undo it."""
        path = case.meta.components.get(ParameterLocation.PATH) if case.meta else None
        if is_real and (path is None or path.mode == GenerationMode.POSITIVE):
            case.path_parameters = {**case.path_parameters, **self._real(case)}
        headers = self.people.headers(who, case.operation.path, by_bearer=by_bearer)
        cookies: dict[str, str] = {}
        if "Cookie" in headers:
            cookies = dict(pair.split("=", 1) for pair in headers.pop("Cookie").split("; "))
        cache.clear()
        with undone():
            answer = case.call(headers=headers, cookies=cookies)
            self.statuses[answer.status_code] += 1
            self.made[str(case.meta.generation.mode.value) if case.meta else ""] += 1
            lenient: list[Any] = [negative_data_rejection] if _may_be_forgiven(case) else []
            lenient += [ignored_auth] if who in self.people.sessions and cookies else []
            sent = {"cookies": cookies}
            case.validate_response(answer, headers=headers, transport_kwargs=sent, excluded_checks=lenient)
        self._require_read(case, answer)

    def _real(self, case: Case[Any]) -> dict[str, Any]:
        return {name: self.ids[name] for name in case.path_parameters if name in self.ids}

    def _require_read(self, case: Case[Any], answer: Any) -> None:
        """What the document allows can be read; of a form it cannot say that no name may stand twice."""
        if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
            return
        if answer.status_code != 400 or case.media_type != JSON:
            return
        codes = {error["code"] for error in json.loads(answer.content)["errors"]}
        assert not codes & UNREADABLE, f"{case.method} {case.formatted_path} cannot be read: {codes}"


def _operation(result: Any) -> Any:
    """An operation of the document; every one of it can be read."""
    return result.ok()


def _may_be_forgiven(case: Case[Any]) -> bool:
    """Whether nothing but the query is forbidden, or the body is `null`, which says nothing; or a leak is reported."""
    if case.meta is None:
        return False
    wrong = {place for place, info in case.meta.components.items() if info.mode == GenerationMode.NEGATIVE}
    if "Authorization" in (case.headers or {}):  # in its place goes the one of whoever asks
        wrong.discard(ParameterLocation.HEADER)
    return case.operation.path == REPORTS or case.body is None or wrong <= {ParameterLocation.QUERY}


FAILURES: tuple[type[BaseException], ...] = (FailureGroup, Failure, AssertionError)
