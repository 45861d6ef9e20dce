"""Which people a limit on how long tokens live holds for: each shape of the school is decided, nobody by themselves."""

from datetime import datetime

from accounts.census import Census
from accounts.models import Account
from policies.decision import decide
from policies.exempted import Register
from policies.models import Policy


def people_limited_by(limit: str | None, *, now: datetime) -> str:
    """The ids of all people whom `student_cap`, `account_cap` or (None) nothing limits, as PostgreSQL writes an array.

    Five queries, however large the school. Who is exempted for a while is still under the limit.
    """
    exempted = Register.of(now=now)
    keeping = {*Policy.objects.values_list("pk", flat=True), *exempted.accounts}
    census = Census.of(Account.objects.root(), keeping=keeping, people=exempted.people, roles=exempted.roles, now=now)
    people = {shape: shape.membership(census.root) for shape in census.count()}
    rules = Policy.objects.rules_for_many(person.home for person in people.values())
    limits = {
        shape: decide(person.standing, rules[person.home], now=now).limited_by for shape, person in people.items()
    }
    ids, _starts = census.people_of(shape for shape, found in limits.items() if found == limit)
    return ids
