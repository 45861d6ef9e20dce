"""`Idempotency-Key`: a POST that is sent again makes nothing a second time.

After draft-ietf-httpapi-idempotency-key-header. Only successes are remembered, for `IDEMPOTENT_FOR`, per caller and
endpoint; the answer names the token but never shows its secret again.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from accounts.models import User
from policies.refusals import Code, refuse
from tokens.lifecycle import Issued
from tokens.models import IdempotentAnswer

_KEY = re.compile(r"[\x20-\x7e]{1,255}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Call:
    """One POST under a key. `endpoint` is its path by numbers, so that `self` and the person's number are one."""

    caller: User
    endpoint: str
    key: str
    body: object

    @property
    def body_hash(self) -> bytes:
        """What was said, however it was written; the secret of nothing."""
        return hashlib.sha256(json.dumps(self.body, sort_keys=True).encode()).digest()

    @property
    def lock(self) -> int:
        """A number for PostgreSQL's advisory locks."""
        name = json.dumps([self.caller.pk, self.endpoint, self.key]).encode()
        return int.from_bytes(hashlib.sha256(name).digest()[:8], signed=True)


def check_key(key: str | None) -> str | None:
    """Return the key; None where the header is missing. Raises Refused(idempotency_key_invalid)."""
    if key is not None and not _KEY.fullmatch(key):
        raise refuse(Code.IDEMPOTENCY_KEY_INVALID)
    return key


@transaction.atomic
def once(call: Call, act: Callable[[], Issued], *, now: datetime) -> Issued:
    """Do `act`, or return the token of the first time, with no secret.

    Raises Refused(idempotency_busy) while the first is running, Refused(idempotency_mismatch) for another body.
    """
    _lock(call)
    known = IdempotentAnswer.objects.filter(caller=call.caller, endpoint=call.endpoint, key=call.key)
    known.past(now=now).delete()
    earlier = known.select_related("token__user", "token__creator").first()
    if earlier is None:
        return _remember(call, act(), now)
    if bytes(earlier.body_hash) != call.body_hash:
        raise refuse(Code.IDEMPOTENCY_MISMATCH)
    return Issued(earlier.token, "")


def _lock(call: Call) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [call.lock])
        [got] = cursor.fetchone()
    if not got:
        raise refuse(Code.IDEMPOTENCY_BUSY)


def _remember(call: Call, issued: Issued, now: datetime) -> Issued:
    answer = IdempotentAnswer(caller=call.caller, endpoint=call.endpoint, key=call.key, token=issued.token)
    answer.body_hash, answer.created_at = call.body_hash, now
    answer.save(force_insert=True)
    return issued
