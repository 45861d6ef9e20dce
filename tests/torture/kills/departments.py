"""A client that changes the settings of an account to and fro, so that tokens get an earlier end; and looks."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.torture.doors import Ask
from tests.torture.kills.calling import Caller, Reply
from tests.torture.kills.owners import Owner

LONGEST = 120  # days that a student's token may live
LEEWAY = timedelta(minutes=5)


class Department(Owner):
    """Its owner is a student; it makes tokens of the longest life, and lets settings shorten them."""

    def __init__(
        self,
        me: Caller,
        admin: Caller,
        user: int,
        doors: dict[str, Ask],
        random: Random,
        is_over: Callable[[], bool],
        *,
        account: int,
        ruler: Caller,
    ) -> None:
        super().__init__(me, admin, user, doors, random, is_over)
        self.path, self.ruler = f"accounts/{account}/token_policy", ruler

    def do_one(self) -> None:
        self.set_cap(LONGEST)
        for _ in range(self.random.randint(1, 3)):
            self.create()
        cap = self.random.randint(20, 100)
        if self.set_cap(cap):
            self.look_at_ends(cap)
        while len(self.held) > 1 and not self.is_over():
            self.revoke(self.held[0])

    def create(self) -> None:
        purpose, end = self._purpose(), (datetime.now(tz=UTC) + timedelta(days=LONGEST - 1)).isoformat()
        body = {"token": {"purpose": purpose, "expires_at": end}}
        deed, key = self._deed("token.issue"), self._purpose()
        reply = self._until_answered(deed, lambda: self.me.call("POST", "users/self/tokens", body, Idempotency_Key=key))
        if self._is_done(deed, reply):
            self._take(reply.body, purpose)

    def set_cap(self, days: int) -> bool:
        """Change the setting by looking at what it does and confirming that; whether it was acknowledged."""
        if self.is_over():
            return False
        deed = self._deed("policy.change")
        reply = self._until_answered(deed, lambda: self._confirm(days))
        if not self._is_done(deed, reply):
            return False
        if reply.body["words"] == ["Nothing had changed."]:
            deed.is_acknowledged = False  # an earlier call had done it, or nobody had to
        holds = reply.body["token_policy"]["student_cap_days"]["value"]
        if holds != days:
            self._wrong(f"{self.path}: {holds} days hold where {days} were acknowledged")
        return True

    def _confirm(self, days: int) -> Reply:
        plan: dict[str, Any] = {"token_policy": {"student_cap_days": days}, "grace_days": 0, "spread_days": 0}
        seen = self._until_answered(None, lambda: self.ruler.call("POST", f"{self.path}/preview", plan)).body
        figures = seen["figures"]
        asked = {**plan, "quote": seen["quote"], "typed": figures["shortened"] + figures["revoked"]}
        return self.ruler.call("PUT", self.path, asked)

    def look_at_ends(self, cap: int) -> None:
        """What was acknowledged holds for every token: none lives longer than it may."""
        latest = datetime.now(tz=UTC) + timedelta(days=cap) + LEEWAY
        for held in self.held:
            body = self._show(held).body
            if body["expires_at"] is None or datetime.fromisoformat(body["expires_at"]) > latest:
                self._wrong(f"token {held.id} ends at {body['expires_at']}, though its owner may have {cap} days")
