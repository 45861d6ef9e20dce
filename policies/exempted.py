"""Who is exempted from the cap now: read for the people at hand, or all exemptions of the school at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.census import Shape
from accounts.prepared import fetch_all
from accounts.roles import Base, EnrollmentState, Grant
from policies.exempting import Exempting

_HOLDS = "x.ended_at IS NULL AND x.starts_at <= %s AND x.ends_at > %s"  # as `Exemption.holds`
# SQL narrows to roles of an exempted kind in an exempted place; whether such a role counts, `Grant.counts` says.
_OF_PEOPLE = f"""
    SELECT x.person_id, x.ends_at, NULL, NULL, NULL, NULL, NULL, NULL
    FROM policies_exemption x WHERE x.person_id = ANY(%s::bigint[]) AND {_HOLDS}
    UNION ALL
    SELECT e.user_id, x.ends_at, r.base, a.path, e.state,
        COALESCE(e.starts_at, c.starts_at), COALESCE(e.ends_at, c.ends_at),
        a.state = 'active' AND COALESCE(c.state = 'active', TRUE)
    FROM policies_exemption x
    JOIN accounts_enrollment e ON e.role_id = x.role_id
    JOIN accounts_role r ON r.id = e.role_id
    JOIN accounts_account a ON a.id = e.account_id AND x.account_id = ANY(a.path)
    LEFT JOIN accounts_course c ON c.id = e.course_id
    WHERE e.user_id = ANY(%s::bigint[]) AND {_HOLDS}
"""  # noqa: S608  # ours
_OF_SCHOOL = f"SELECT x.person_id, x.role_id, x.account_id, x.ends_at FROM policies_exemption x WHERE {_HOLDS}"  # noqa: S608  # ours


def exempting_of(user_ids: Iterable[int], *, now: datetime) -> dict[int, list[Exempting]]:
    """What exempts each of these people, in one query; who is not in it is not exempted."""
    asked, found = list(user_ids), dict[int, list[Exempting]]()
    for user_id, until, *held in fetch_all(_OF_PEOPLE, [asked, now, now, asked, now, now]):
        found.setdefault(user_id, []).append(Exempting(until, _grant(held) if held[0] else None))
    return found


def _grant(columns: Sequence[Any]) -> Grant:
    """The role that exempts, as far as that depends on it."""
    base, path, state, starts_at, ends_at, is_open = columns
    return Grant(
        base=Base(base),
        label="",
        permissions=frozenset(),
        path=tuple(path),
        state=EnrollmentState(state),
        starts_at=starts_at,
        ends_at=ends_at,
        open=is_open,
    )


@dataclass(frozen=True, slots=True)
class Register:
    """Every exemption that holds at one moment: of people by their ids, of roles with the accounts they hold in."""

    people: Mapping[int, datetime]
    roles: Mapping[int, Mapping[int, datetime]]

    @classmethod
    def of(cls, *, now: datetime) -> "Register":
        """As they are, in one query."""
        people, roles = dict[int, datetime](), dict[int, dict[int, datetime]]()
        for person_id, role_id, account_id, until in fetch_all(_OF_SCHOOL, [now, now]):
            _keep_latest(people if role_id is None else roles.setdefault(role_id, {}), person_id or account_id, until)
        return cls(people, roles)

    @property
    def accounts(self) -> set[int]:
        """Those in which some role is exempted: a census has to tell them apart."""
        return {account_id for accounts in self.roles.values() for account_id in accounts}

    def of_shape(self, shape: Shape) -> datetime | None:
        """Until when the people of a shape are exempted; of its census `people` and `roles` must be told apart."""
        own = [] if shape.person is None else [self.people[shape.person]]
        by_role = (
            until
            for place, _base, _permissions, role_id in shape.roles
            if role_id is not None
            for account_id, until in self.roles[role_id].items()
            if account_id in place
        )
        return max([*own, *by_role], default=None)


def _keep_latest(found: dict[int, datetime], key: Any, until: datetime) -> None:
    found[key] = max(until, found.get(key, until))
