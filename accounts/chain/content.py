"""What of a line is sealed: every column, as one text that no setting of the database changes.

For each column that is neither NULL nor empty: its name, a colon, how many characters its value has, a colon, the value
and a comma, as `action:12:token.revoke,`; in this order, so that one text stands for one line and no other. A column
that comes later goes to the end and is empty in older lines, whose texts stay what they were.

`at` is in seconds since 1970 with six decimals, `before` and `after` as PostgreSQL writes jsonb, numbers in decimals.
Here and not in a function of the database: who can change lines there could change that too.
"""

VALUES = {
    "id": "e.id::text",
    "xact": "e.xact::text",
    "at": "extract(epoch FROM e.at)::text",
    "action": "e.action",
    "actor": "e.actor_id::text",
    "person": "e.person_id::text",
    "account": "e.account_id::text",
    "subject": "e.subject_id::text",
    "before": "e.before::text",
    "after": "e.after::text",
    "reason": "e.reason",
    "request": "e.request_id",
    "address": "e.address::text",
    "agent": "e.agent",
    "carried_by": "e.carried_by",
}


def content_of(values: dict[str, str]) -> str:
    """An expression over a line `e`, of these values in SQL. What is NULL, `concat` leaves out."""
    return f"concat({', '.join(_part(name, value) for name, value in values.items())})"


def _part(name: str, value: str) -> str:
    return f"'{name}:' || length(nullif({value}, '')) || ':' || {value} || ','"


CONTENT = content_of(VALUES)
