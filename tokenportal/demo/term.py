"""A term in the demo school: everything that happened to its tokens, in the order of time, through the verbs."""

import heapq
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from random import Random

from django.db.models import F

from accounts import enrolling
from accounts.models import Enrollment, User
from accounts.origins import Origin, origin
from accounts.progress import Advance
from accounts.roles import Base
from policies.refusals import Refused
from tokenportal.demo.plans import TERM, Plan, plans
from tokenportal.demo.uses import address, unusual_uses, uses
from tokenportal.demo.words import BROWSERS
from tokens import lifecycle, usage
from tokens.models import AccessToken, Notice, Watch
from tokens.signals.looking import look_in_batches
from tokens.signals.rules import Rule

Act = Callable[[datetime], object]


def play(*, random: Random, now: datetime, advance: Advance) -> None:
    """Let the term of the 120 days before `now` happen."""
    stage = Stage(random)
    people = {person.login_id: person for person in User.objects.order_by("pk")}
    for plan in plans(people, _bases(), random=random, now=now):
        stage.expect(plan)
    for week in range(1, TERM.days // 7):
        stage.at(now - TERM + timedelta(days=7 * week), _note_expired)
    stage.at(now - timedelta(days=20.4), lambda then: _end_as_ta(people["student-former-ta"], people["admin"], then))
    stage.play(now, advance)
    _note_expired(now)
    usage.write(dict(uses(random=random, now=now)), now=now)
    _flag_what_is_unusual(now)
    # Those who were told were told at the time; nobody wants a term's mail today.
    Notice.objects.filter(sent_at=None).update(sent_at=F("created_at"), attempts=1)


def _flag_what_is_unusual(now: datetime) -> None:
    """Let the rules look, by which the school has watched since the term began; it minds fifty tries."""
    usage.write(dict(unusual_uses(now=now)), now=now)
    Watch.objects.update(since=now - TERM)
    Watch.objects.filter(rule=Rule.TRIED).update(limits={"tries": 50})
    for _looked in look_in_batches(now=now):
        pass


class Stage:
    """What is still to happen, by its time."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._acts: list[tuple[datetime, int, Act]] = []
        self._numbers = count()

    def at(self, when: datetime, act: Act) -> None:
        heapq.heappush(self._acts, (when, next(self._numbers), act))

    def expect(self, plan: Plan) -> None:
        """Have a token made as planned, and then happen to it what is to happen."""
        self.at(plan.made_at, lambda now: self._make(plan, now))

    def play(self, until: datetime, advance: Advance) -> None:
        for done in count(1):
            if not self._acts or self._acts[0][0] > until:
                return
            when, _number, act = heapq.heappop(self._acts)
            reset = origin.set(self._somewhere())
            try:
                act(when)
            finally:
                origin.reset(reset)
            advance(done, done + len(self._acts))

    def _make(self, plan: Plan, now: datetime) -> None:
        token = lifecycle.issue(
            plan.owner,
            purpose=plan.purpose,
            expires_at=None if plan.days is None else now + timedelta(days=plan.days),
            scopes=plan.scopes,
            actor=plan.actor or plan.owner,
            now=now,
        ).token
        for after, act in plan.fate:
            self.at(now + after, _happening(act, token))

    def _somewhere(self) -> Origin:
        random = self._random
        return Origin(f"{random.getrandbits(128):032x}", address(random), random.choice(BROWSERS))


def _happening(act: Callable[[AccessToken, datetime], object], token: AccessToken) -> Act:
    def happen(now: datetime) -> None:
        try:
            act(token, now)
        except Refused:  # it ended before this could happen to it
            return

    return happen


def _bases() -> dict[int, set[Base]]:
    bases: dict[int, set[Base]] = defaultdict(set)
    for user_id, base in Enrollment.objects.values_list("user_id", "role__base"):
        bases[user_id].add(Base(base))
    return bases


def _end_as_ta(person: User, admin: User, now: datetime) -> None:
    """From here on a student only: what they made without an end gets one."""
    enrolling.end(person.enrollments.get(role__base=Base.TA), actor=admin, now=now)


def _note_expired(now: datetime) -> None:
    lifecycle.expire_many(now=now, most=1000)
