"""How many people hold the same roles in the same places: a school in some dozens of shapes, by one statement.

SQL narrows and counts. What people of a shape may, the same pure functions say that decide about each of them.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.models import Account, OpenState, Role
from accounts.people import Membership
from accounts.roles import Base, Grant, Permission, Standing
from accounts.tree import Path, home_of

# A role's base and permissions, and its id where roles of its kind are told apart.
Kind = tuple[Base, frozenset[Permission], int | None]
_OUTSIDE = 0  # the place of every account that does not lie in the subtree


@dataclass(frozen=True, slots=True)
class Shape:
    """All that policy can tell of a person: the place, base and permissions of each role that counts, each once.

    Of a place's path only those accounts are left that matter to whoever asks; which of two holds the other stays true.
    A role's id comes with it, and a person's, where whoever asks wanted that one told apart.
    """

    roles: frozenset[tuple[Path, Base, frozenset[Permission], int | None]]
    is_active: bool
    person: int | None = None

    def membership(self, root: Path) -> Membership:
        """What the roles amount to, and the home account as far as it matters."""
        grants = [Grant(base=base, label="", permissions=held, path=place) for place, base, held, _role in self.roles]
        return Membership(Standing(tuple(grants)), home_of((grant.path for grant in grants), root=root))


# The people whose home account lies in the subtree, as `shaped (user_id, is_active, held)`, for statements that go on
# from it with `Census.parameters`. `held` has a bit for each kind of role in each place, set where a role that counts
# (`accounts.people.counting`) is of it: bits are gathered in one pass, where lists of roles would have to be sorted.
# Who is told apart has their id behind it. The conditions are such that the planner knows they hold for nearly all: it
# then reads the roles once, in parallel.
SHAPED = """
    place AS (SELECT * FROM unnest(%(accounts)s::bigint[], %(places)s::int[]) AS each (account_id, place)),
    kind AS (SELECT * FROM unnest(%(roles)s::bigint[], %(kinds)s::int[]) AS each (role_id, kind)),
    counting AS (
        SELECT e.user_id, bit_or(set_bit(%(nothing)s::varbit, place * %(width)s + kind, 1))::text AS held
        FROM accounts_enrollment e
        JOIN place USING (account_id)
        JOIN kind USING (role_id)
        LEFT JOIN accounts_course c ON c.id = e.course_id
        WHERE e.state = 'active' AND (e.course_id IS NULL OR c.state = 'active')
            AND (e.starts_at <= %(now)s OR e.starts_at IS NULL AND (c.starts_at IS NULL OR c.starts_at <= %(now)s))
            AND (e.ends_at > %(now)s OR e.ends_at IS NULL AND (c.ends_at IS NULL OR c.ends_at > %(now)s))
        GROUP BY e.user_id HAVING min(place) > 0
    ),
    shaped AS (
        SELECT u.id AS user_id, u.is_active, COALESCE(held, %(nothing)s) || COALESCE('#' || apart, '') AS held
        FROM accounts_user u LEFT JOIN counting ON counting.user_id = u.id
        LEFT JOIN unnest(%(people)s::bigint[]) AS each (apart) ON apart = u.id
        WHERE held IS NOT NULL OR %(is_root)s
    )
"""
_COUNT = f"""
    WITH {SHAPED} SELECT held, is_active, count(*), array_agg(user_id)::text FROM shaped GROUP BY held, is_active
"""  # noqa: S608  # ours


@dataclass(frozen=True, slots=True)
class Census:
    """The people whose home account lies in the subtree of one account, at one moment, by shape."""

    account: Account
    now: datetime
    places: list[Path]
    kinds: list[Kind]
    parameters: dict[str, Any]
    _known: dict[tuple[str, bool], Shape] = field(default_factory=dict)
    _counted: dict[Shape, tuple[int, str]] = field(default_factory=dict)  # how many, and their ids as an array's text

    @classmethod
    def of(
        cls,
        account: Account,
        *,
        keeping: Collection[int],
        people: Collection[int] = (),
        roles: Collection[int] = (),
        now: datetime,
    ) -> "Census":
        """Prepare a census in two queries; of paths the accounts `keeping` and those above `account` are left.

        `people` and `roles` are the ids of those to tell apart.
        """
        kept = {*keeping, *account.path}
        places: dict[Path, int] = {(): _OUTSIDE}
        kinds: dict[Kind, int] = {}
        accounts, kind_of_role = [], []
        for account_id, path in Account.objects.filter(state=OpenState.ACTIVE).values_list("pk", "path"):
            line = tuple(step for step in path if step in kept) if account.pk in path else ()
            accounts.append((account_id, places.setdefault(line, len(places))))
        for role_id, base, permissions in Role.objects.values_list("pk", "base", "permissions"):
            kind = (Base(base), frozenset(map(Permission, permissions)), role_id if role_id in roles else None)
            kind_of_role.append((role_id, kinds.setdefault(kind, len(kinds))))
        parameters = {
            "accounts": [account_id for account_id, _place in accounts],
            "places": [place for _account_id, place in accounts],
            "roles": [role_id for role_id, _kind in kind_of_role],
            "kinds": [kind for _role_id, kind in kind_of_role],
            "people": list(people),
            "width": len(kinds),
            "nothing": "0" * len(places) * len(kinds),
            "now": now,
            "is_root": account.parent_id is None,
        }
        return cls(account, now, list(places), list(kinds), parameters)

    @property
    def root(self) -> Path:
        """The home of who holds no role."""
        return (self.account.path[0],)

    def count(self) -> dict[Shape, int]:
        """How many people are of each shape, in one query; who they are, `people_of` says afterwards."""
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, self.parameters)
            for held, is_active, number, ids in cursor.fetchall():
                self._counted[self.shape(held, is_active)] = number, ids
        return {shape: number for shape, (number, _ids) in self._counted.items()}

    def people_of(self, shapes: Iterable[Shape]) -> tuple[str, list[int]]:
        """The ids of all people of these shapes, shape after shape, and the position at which those of each begin.

        They are an array as PostgreSQL writes it: a hundred thousand numbers that only go back need not be read here.
        """
        texts, starts, position = [], [], 1
        for shape in shapes:
            number, ids = self._counted[shape]
            texts.append(ids.strip("{}"))
            starts.append(position)
            position += number
        return f"{{{','.join(texts)}}}", starts

    def shape(self, held: str, is_active: bool) -> Shape:
        """What a row of `shaped` stands for."""
        shape = self._known.get((held, is_active))
        if shape is None:
            bits, _sign, person = held.partition("#")
            numbers = (divmod(number, len(self.kinds)) for number, bit in enumerate(bits) if bit == "1")
            roles = frozenset((self.places[place], *self.kinds[kind]) for place, kind in numbers)
            shape = Shape(roles, is_active, int(person) if person else None)
            self._known[held, is_active] = shape
        return shape
