"""A program asks."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.origins import Origin
from tokens.devices.codes import digest_of, new_device_code, new_user_code
from tokens.models import DeviceCode
from tokens.scopes import require_known
from tokens.texts import MAX_LENGTH, quoted

CLIENTS = frozenset({"tokenportal-cli"})  # anybody may call themselves so: it names a program, and proves nothing
MOST_DAYS, TRIES = 3650, 5


@dataclass(frozen=True, slots=True)
class Wish:
    """What a program says of itself and of the token that it would like; its person may choose otherwise."""

    host: str = ""
    purpose: str = ""
    scopes: tuple[str, ...] = ()
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """A question that waits for its answer, with the program's code, which is kept nowhere else."""

    row: DeviceCode
    device_code: str = field(repr=False)


def begin(wish: Wish, *, came_from: Origin, now: datetime) -> Begun:
    """Write down that a program waits. Raises Refused(scope_unknown)."""
    scopes = sorted(set(wish.scopes))
    require_known(scopes)
    device_code = new_device_code()
    row = DeviceCode(
        digest=digest_of(device_code),
        host=quoted(wish.host, most=64),
        address=came_from.address,
        agent=quoted(came_from.agent, most=255),
        purpose=quoted(wish.purpose, most=MAX_LENGTH),
        scopes=scopes,
        days=wish.days if wish.days and 0 < wish.days <= MOST_DAYS else None,
        made_at=now,
    )
    _save(row)
    return Begun(row, device_code)


def _save(row: DeviceCode) -> None:
    """Under a code that nobody types at this time."""
    for left in reversed(range(TRIES)):
        row.user_code = new_user_code()
        try:
            with transaction.atomic():
                return row.save(force_insert=True)
        except IntegrityError:
            if not left:
                raise
    return None
