"""A client with tokens of its own, which nobody else touches: it knows what each of them must be, and looks."""

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.torture.doors import Answer, Ask
from tests.torture.kills.calling import Caller, Reply
from tests.torture.kills.deeds import Deed

FEWEST, MOST = 3, 6  # tokens at work
A_MOMENT, GLANCES = 0.15, 3
GIVES_UP = 180.0  # seconds without any answer
_UNDECIDED = (Answer.AWAY, Answer.LOST)
_SECRET = re.compile(r"tpat_[A-Za-z][0-9A-Za-z]{15}_[0-9A-Za-z]{49}")
_KEY = re.compile(r'name="key" value="(\w+)"')


@dataclass
class Held:
    """A token: the one secret that is good while it is active, empty where its answer was lost."""

    id: int
    hint: str
    secret: str
    purpose: str
    state: str = "active"


@dataclass
class Told:
    """What the clients have to tell in the end."""

    deeds: list[Deed] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)  # secrets that may never be good again
    wrong: list[str] = field(default_factory=list)
    checks: int = 0


class Away(Exception):
    """Nothing was answered for so long that something else must be wrong."""


class Owner:
    """Does one thing after the other until `is_over`, and checks at the doors what was acknowledged."""

    def __init__(
        self, me: Caller, admin: Caller, user: int, doors: dict[str, Ask], random: Random, is_over: Callable[[], bool]
    ) -> None:
        self.me, self.admin, self.user = me, admin, user
        self.doors, self.random, self.is_over = doors, random, is_over
        self.told, self.held = Told(), list[Held]()
        self.acknowledged = 0  # deeds, so far
        self.is_insistent = False  # whether a door has to decide

    def run(self) -> None:
        while not self.is_over():
            self.do_one()

    def do_one(self) -> None:
        """One deed, and a look at some token."""
        if len(self.held) < FEWEST:
            self.create()
        else:
            self._act(self.random.choice(self.held))
        for each in self.random.sample(self.held, min(GLANCES, len(self.held))):
            self.check(each)
        for secret in self.random.sample(self.told.dead, min(GLANCES, len(self.told.dead))):
            self.check_dead(secret)

    def _act(self, held: Held) -> None:
        if held.state == "suspended":
            self.random.choice([self.resume, self.resume, self.revoke])(held)
        else:
            verbs = [self.update, self.regenerate, self.suspend, self.revoke]
            self.random.choice(verbs)(held)
            if len(self.held) < MOST:
                self.create()

    # --- deeds -------------------------------------------------------------------------------------------------

    def create(self) -> None:
        """Make a token; where the answer is lost, again under the same key: it has to be one."""
        purpose, key = self._purpose(), secrets.token_hex(8)
        body = {"token": {"purpose": purpose, "expires_at": None}}
        deed = self._deed("token.issue")
        reply = self._until_answered(deed, lambda: self.me.call("POST", "users/self/tokens", body, Idempotency_Key=key))
        if self._is_done(deed, reply):
            self._take(reply.body, purpose)

    def _take(self, body: dict[str, Any], purpose: str) -> None:
        """A token that was made; one whose secret was lost with its answer gets another."""
        visible = body["visible_token"]
        held = Held(body["id"], body["hint"], visible if _SECRET.fullmatch(visible) else "", purpose)
        self.held.append(held)
        if not held.secret:
            self.regenerate(held)

    def update(self, held: Held) -> None:
        purpose = self._purpose()
        if self._once("token.update", lambda: self._put(held, {"purpose": purpose}), held):
            held.purpose = purpose

    def regenerate(self, held: Held) -> None:
        """The old secret is dead once this is acknowledged; where the answer is lost, once the token shows it."""
        deed = self._deed("token.regenerate")
        reply = self._tell(deed, self._renew(held))
        if reply.is_lost:
            self._look(held, {held.state}, may_be_renewed=True)
        elif self._is_done(deed, reply):
            self._renewed(held, reply.body["hint"], reply.body["visible_token"])
        if not held.secret and not self.is_over():
            self.regenerate(held)

    def _renew(self, held: Held) -> Reply:
        return self._put(held, {"regenerate": True})

    def _renewed(self, held: Held, hint: str, secret: str) -> None:
        if held.secret:
            self.told.dead.append(held.secret)
        held.hint, held.secret = hint, secret

    def suspend(self, held: Held) -> None:
        self._move("suspend", held, "suspended")

    def resume(self, held: Held) -> None:
        self._move("resume", held, "active")

    def _move(self, verb: str, held: Held, state: str) -> None:
        path = f"users/{self.user}/tokens/{held.id}/{verb}"
        self._once(f"token.{verb}", lambda: self.admin.call("POST", path, {}), held, state)

    def revoke(self, held: Held) -> None:
        self._once("token.revoke", lambda: self._end(held), held, "revoked")
        if held.state == "revoked":
            self.held.remove(held)
            self.told.dead.extend(filter(None, [held.secret]))

    def _end(self, held: Held) -> Reply:
        return self.me.call("DELETE", f"users/self/tokens/{held.id}")

    # --- what becomes of them ----------------------------------------------------------------------------------

    def _once(self, action: str, act: Callable[[], Reply], held: Held, state: str = "") -> bool:
        """Call once; where the answer is lost, look what became of it. Tells whether it was acknowledged."""
        deed = self._deed(action)
        reply = self._tell(deed, act())
        if reply.is_lost:
            self._look(held, {held.state, state or held.state})
            return False
        if done := self._is_done(deed, reply):
            held.state = state or held.state
        return done

    def _look(self, held: Held, states: set[str], *, may_be_renewed: bool = False) -> None:
        """See what became of a deed whose answer was lost.

        A change of the purpose comes first: it waits for the token's lock, behind which nothing is under way.
        """
        reply, purpose = self._pass_the_lock(held)
        body = self._show(held).body
        if body["state"] not in states or (reply.is_done and body["purpose"] != purpose):
            self._wrong(f"token {held.id} is {body['state']}, and may be {states}: {body}")
        if body["hint"] != held.hint:
            if not may_be_renewed:
                self._wrong(f"token {held.id} has another secret by itself")
            self._renewed(held, body["hint"], "")
        held.state, held.purpose = body["state"], body["purpose"]

    def _pass_the_lock(self, held: Held) -> tuple[Reply, str]:
        """Change the purpose until that is answered, whatever with; the answer, and what was asked for."""
        while True:
            purpose, deed = self._purpose(), self._deed("token.update")
            reply = self._tell(deed, self._put(held, {"purpose": purpose}))
            if not reply.is_lost:
                deed.is_acknowledged, deed.is_refused = reply.is_done, not reply.is_done
                return reply, purpose

    def _show(self, held: Held) -> Reply:
        return self._until_answered(None, lambda: self.me.call("GET", f"users/self/tokens/{held.id}"))

    def _until_answered(self, deed: Deed | None, call: Callable[[], Reply]) -> Reply:
        """Call until an answer comes. Raises Away."""
        end = time.monotonic() + GIVES_UP
        while True:
            reply = self._tell(deed, call())
            if not reply.is_lost and reply.status not in (409, 429):
                return reply
            if time.monotonic() > end:
                raise Away(f"{deed}: {reply}")
            time.sleep(A_MOMENT)

    def _tell(self, deed: Deed | None, reply: Reply) -> Reply:
        if deed is not None:
            deed.names.append(reply.name)
        if reply.status == 500:
            self._wrong(f"{reply.name} was answered with 500: {str(reply.body)[:200]}")
        if reply.is_lost:
            time.sleep(A_MOMENT)
        return reply

    def _deed(self, action: str) -> Deed:
        deed = Deed(action)
        self.told.deeds.append(deed)
        return deed

    def _is_done(self, deed: Deed, reply: Reply) -> bool:
        deed.is_acknowledged, deed.is_refused = reply.is_done, not reply.is_done
        self.acknowledged += reply.is_done
        if not reply.is_done:
            self._wrong(f"{deed.action} was refused with {reply.status}: {str(reply.body)[:300]}")
        return reply.is_done

    def _put(self, held: Held, token: dict[str, Any]) -> Reply:
        return self.me.call("PUT", f"users/self/tokens/{held.id}", {"token": token})

    def _purpose(self) -> str:
        return f"Kills {secrets.token_hex(6)}"

    # --- at the doors ------------------------------------------------------------------------------------------

    def check(self, held: Held) -> None:
        """What is good is let in, and what is not is not; a server that is away says neither."""
        if held.secret:
            right = Answer.YES if held.state == "active" else Answer.NO
            self._ask(held.secret, right, f"token {held.id}, {held.state}")

    def check_dead(self, secret: str) -> None:
        self._ask(secret, Answer.NO, "an ended secret")

    def _ask(self, secret: str, right: Answer, what: str) -> None:
        door = self.random.choice(sorted(self.doors))
        answer = self.doors[door](secret)
        end = time.monotonic() + GIVES_UP
        while self.is_insistent and answer in _UNDECIDED and time.monotonic() < end:
            time.sleep(A_MOMENT)
            answer = self.doors[door](secret)
        self.told.checks += answer not in _UNDECIDED
        if answer != right and (self.is_insistent or answer not in _UNDECIDED):
            self._wrong(f"{door} said {answer} to {what} ({secret[:21]})")

    def _wrong(self, what: str) -> None:
        self.told.wrong.append(what)


class PageOwner(Owner):
    """The same by the forms of the pages."""

    def create(self) -> None:
        purpose = self._purpose()
        deed = self._deed("token.issue")
        key = self._key("/tokens/new/")
        fields = {"key": key, "purpose": purpose, "days": "30"}
        reply = self._until_answered(deed, lambda: self.me.post_form("/tokens/new/", fields))
        if self._is_done(deed, reply):
            number = re.search(r"/tokens/(\d+)/", reply.to or str(reply.body))
            assert number, reply
            shown = self._until_answered(None, lambda: self.me.call("GET", f"users/self/tokens/{number[1]}")).body
            self._take({**shown, "visible_token": _found(_SECRET, reply)}, purpose)

    def _renew(self, held: Held) -> Reply:
        path = f"/tokens/{held.id}/regenerate/"
        reply = self.me.post_form(path, {"key": self._key(path), "days": "keep", "overlap_hours": "0"})
        secret = _found(_SECRET, reply)
        return reply._replace(body={"hint": secret[5:21], "visible_token": secret}) if secret else reply

    def _end(self, held: Held) -> Reply:
        return self.me.post_form(f"/tokens/{held.id}/revoke/", {"reason": ""})

    def _key(self, path: str) -> str:
        return _found(_KEY, self._until_answered(None, lambda: self.me.get_page(path)))


def _found(pattern: re.Pattern[str], page: Reply) -> str:
    found = pattern.search(page.body) if isinstance(page.body, str) else None
    return found[found.lastindex or 0] if found else ""
