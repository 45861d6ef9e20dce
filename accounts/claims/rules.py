"""Who may come in by the school's sign-in, and which roles its claims give, as the school has configured it. Pure."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from accounts.claims.reading import Claims, values_of


class Field(StrEnum):
    """By what a person is known here."""

    SIS_USER_ID = "sis_user_id"
    LOGIN_ID = "login_id"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Rule:
    """Whoever has `value` in `claim` holds `role` in `account`, by its SIS id; without one, in the root."""

    claim: str
    value: str
    role: str
    account: str = ""

    @property
    def gives(self) -> tuple[str, str]:
        """Role and account, as they are named."""
        return self.role, self.account


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Which claim says who somebody is, what it is compared with, what else has to be claimed, and what follows."""

    claim: str = "sub"
    field: Field = Field.SIS_USER_ID
    required: tuple[tuple[str, str], ...] = ()
    creates: bool = False
    login_claim: str = "preferred_username"
    rules: tuple[Rule, ...] = ()

    @property
    def needs_verified_email(self) -> bool:
        """Whether somebody is known by an address, which anybody may claim unless the provider vouches for it."""
        return Field.EMAIL in (self.claim, self.field)

    def lets(self, claims: Claims) -> bool:
        """Whether everything is claimed that has to be."""
        return all(value in values_of(claims, name) for name, value in self.required)


def roles_by(claims: Claims, rules: Iterable[Rule]) -> frozenset[tuple[str, str]]:
    """Roles and accounts, as they are named, that these claims give."""
    return frozenset(rule.gives for rule in rules if rule.value in values_of(claims, rule.claim))


def rules_in(text: str) -> tuple[Rule, ...]:
    """Read `[{"claim": "groups", "value": "staff", "role": "Teacher", "account": "ARTS"}]`; raises ValueError."""
    listed = json.loads(text or "[]")
    if not isinstance(listed, list):
        raise ValueError("a list is needed")  # noqa: TRY004  # of the JSON that somebody wrote
    return tuple(_rule(each) for each in listed)


def _rule(given: object) -> Rule:
    if not isinstance(given, dict) or not all(isinstance(each, str) for each in given.values()):
        raise ValueError(f"{given} is no rule: claim, value, role and account are texts")
    if not {"claim", "value", "role"} <= given.keys() <= {"claim", "value", "role", "account"}:
        raise ValueError(f"{given} is no rule: it has claim, value and role, and may have account")
    return Rule(**given)


def required_in(text: str) -> tuple[tuple[str, str], ...]:
    """Read `{"hd": "school.example"}`; raises ValueError."""
    given = json.loads(text or "{}")
    if not isinstance(given, dict) or not all(isinstance(each, str) for each in given.values()):
        raise ValueError("names and values are needed, both texts")
    return tuple(given.items())
