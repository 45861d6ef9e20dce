"""The whole life of tokens against the real database, step by step, beside the model that says what must come of it."""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from accounts import enrolling
from accounts.audit import AuditEvent
from accounts.models import Account, Enrollment, User
from accounts.roles import Base
from policies import settings as rules
from policies.refusals import Refused
from tests.cast import NOW, enroll, person, role
from tests.torture.hostile.model import DAY, Person, School, Secret, Token, is_allowed_end
from tokens import emergency, lifecycle
from tokens.emergency import target_of
from tokens.lifecycle import UNCHANGED, Change
from tokens.models import AccessToken, Pause, SupersededSecret
from tokens.stops import Whom
from tokens.verification import verify, verify_many

HOUR = timedelta(hours=1)
WHICH = some.integers(0, 7)
# Most of them good for somebody under the cap, and beyond it, past, and none.
DAYS = some.sampled_from([1, 5, 10, 20, 30, None, 0, -1, 60, 120, 121, 200])
OVERLAPS = some.sampled_from([0, 24, 72, 1])
STEPS = some.sampled_from([DAY, 5 * DAY, timedelta(microseconds=1), HOUR, 30 * DAY, 120 * DAY])
CAPS = some.sampled_from([120, 30, 60, 10, 1])
STOPS = some.sampled_from(["everything", "student", "teacher"])


# What was done and refused, and what secrets were answered, over all examples.
DONE: Counter[tuple[str, str]] = Counter()


def has_tokens(machine: "Life") -> bool:
    return bool(machine.tokens)


class Life(RuleBasedStateMachine):
    """Two people, an administrator who acts on their behalf, and a clock that only the machine moves."""

    def __init__(self) -> None:
        """Found the school in a transaction that is taken back at the end."""
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(transaction.atomic())
        self.now, self.model = NOW, School()
        self.said: int | None = None  # of the cap; the school has one that nobody has said
        self.root = Account.objects.root()
        self.admin = person("life-admin")
        enroll(self.admin, role(Base.ADMIN))
        self.people: list[tuple[User, Person]] = []
        for name in ("life-one", "life-other"):
            user = person(name)
            enroll(user, role(Base.STUDENT))
            self.people.append((user, Person()))
        self.tokens: list[tuple[int, Token]] = []
        self.pauses: dict[str, Pause] = {}
        self.lines = AuditEvent.objects.count()
        for which, _each in enumerate(self.people):
            self.issue_one(which, 10, on_behalf=False)

    def teardown(self) -> None:
        """Take all of it back."""
        transaction.set_rollback(True)
        self.stack.close()

    # --- what both are told to do ------------------------------------------------------------------------------

    def act(self, name: str, verb: Callable[[], Any], *, allowed: bool, lines: int = 1) -> Any:
        """Do something; it has to be refused exactly where the model refuses it, and leave its lines in the trail."""
        DONE[name, "done" if allowed else "refused"] += 1
        try:
            done = verb()
        except Refused as refused:
            assert not allowed, f"refused, and should not be: {refused.refusals}"
            return None
        assert allowed, "done, and should be refused"
        self.lines += lines
        return done

    def end(self, days: int | None) -> datetime | None:
        return None if days is None else self.now + days * DAY

    def pick(self, which: int) -> tuple[AccessToken, Token, User]:
        pk, token = self.tokens[which % len(self.tokens)]
        [owner] = [user for user, facts in self.people if facts is token.owner]
        return AccessToken.objects.get(pk=pk), token, owner

    def clamp(self, *people: Person) -> int:
        """Bring their tokens under the cap of today; how many were shortened."""
        shortened = 0
        for _pk, token in self.tokens:
            if token.owner in people and token.state_at(self.now) in ("pending", "active", "suspended"):
                end = self.model.clamped(token, self.now)
                shortened += end != token.end
                token.end = end
        return shortened

    @rule(which=WHICH, days=DAYS, on_behalf=some.booleans())
    def issue(self, which: int, days: int | None, on_behalf: bool) -> None:
        self.issue_one(which, days, on_behalf=on_behalf)

    def issue_one(self, which: int, days: int | None, *, on_behalf: bool) -> None:
        user, facts = self.people[which % 2]
        end, actor = self.end(days), self.admin if on_behalf else user
        limit = self.model.ceiling(facts, self.now)
        made = self.act(
            "issue",
            lambda: lifecycle.issue(user, purpose="Life", expires_at=end, actor=actor, now=self.now),
            allowed=facts.is_active and is_allowed_end(end, limit, self.now),
        )
        if made:
            state = "pending" if on_behalf else "active"
            self.tokens.append((made.token.pk, Token(facts, state, end, self.now, [Secret(made.secret)])))

    @precondition(has_tokens)
    @rule(which=WHICH, days=DAYS)
    def update(self, which: int, days: int | None) -> None:
        row, token, owner = self.pick(which)
        end = self.end(days)
        limit = self.model.ceiling(token.owner, token.made_at)
        if limit is not None and token.end is not None:
            limit = max(limit, min(token.end, self.now + self.model.cap))
        allowed = token.state_at(self.now) not in ("revoked", "expired") and is_allowed_end(end, limit, self.now)
        change = Change(expires_at=end)
        if self.act("update", lambda: lifecycle.update(row, change, actor=owner, now=self.now), allowed=allowed):
            token.end = end

    @precondition(has_tokens)
    @rule(which=WHICH, days=DAYS, is_named=some.booleans(), hours=OVERLAPS, on_behalf=some.booleans())
    def regenerate(self, which: int, days: int | None, is_named: bool, hours: int, on_behalf: bool) -> None:
        row, token, owner = self.pick(which)
        end, state = self.end(days), token.state_at(self.now)
        limit = self.model.ceiling(token.owner, self.now)
        allowed = (
            state != "revoked"
            and token.owner.is_active
            and (is_named or state != "expired")
            and not (state == "expired" and end is None)
            and (not is_named or is_allowed_end(end, limit, self.now))
            and not (on_behalf and state == "suspended")
            and not (hours and (on_behalf or state != "active" or token.going(self.now)))
        )
        made = self.act(
            "regenerate",
            lambda: lifecycle.regenerate(
                row,
                Change(expires_at=end if is_named else UNCHANGED),
                actor=self.admin if on_behalf else owner,
                now=self.now,
                overlap=timedelta(hours=hours),
            ),
            allowed=allowed,
            lines=1 + (state == "expired" and not token.is_noted),
        )
        if made:
            self.renew(token, made.secret, hours)
            token.end = end if is_named else self.model.clamped(token, self.now)
            token.state = "pending" if on_behalf else {"expired": "active"}.get(state, token.state)
            token.is_noted = False

    def renew(self, token: Token, secret: str, hours: int) -> None:
        """The present secret works beside the new one for a while, or is forgotten with whatever worked beside it."""
        if hours:
            token.present.stops = self.now + timedelta(hours=hours)
        else:
            self.cut(token)
            token.present.is_forgotten = True
        token.secrets.append(Secret(secret))
        token.made_at = self.now

    def cut(self, token: Token) -> int:
        going = token.going(self.now)
        for secret in going:
            secret.stops = self.now
        return len(going)

    @precondition(has_tokens)
    @rule(which=WHICH)
    def end_overlap(self, which: int) -> None:
        row, token, owner = self.pick(which)
        self.act(
            "end_overlap",
            lambda: lifecycle.end_overlap(row, actor=owner, now=self.now),
            allowed=True,
            lines=self.cut(token),
        )

    @precondition(has_tokens)
    @rule(which=WHICH, verb=some.sampled_from(["activate", "suspend", "resume"]))
    def move(self, which: int, verb: str) -> None:
        row, token, owner = self.pick(which)
        start, target, acts = {
            "activate": ("pending", "active", owner),
            "suspend": ("active", "suspended", self.admin),
            "resume": ("suspended", "active", self.admin),
        }[verb]
        works: Callable[..., Any] = getattr(lifecycle, verb)
        allowed = token.state_at(self.now) == start and (verb == "suspend" or token.owner.is_active)
        if self.act(verb, lambda: works(row, actor=acts, now=self.now), allowed=allowed):
            token.state, token.end = target, self.model.clamped(token, self.now)

    @precondition(has_tokens)
    @rule(which=WHICH)
    def revoke(self, which: int) -> None:
        row, token, owner = self.pick(which)
        lines = int(token.state != "revoked")
        self.act("revoke", lambda: lifecycle.revoke(row, actor=owner, now=self.now), allowed=True, lines=lines)
        token.state = "revoked"

    # --- what happens around them ------------------------------------------------------------------------------

    @rule(step=STEPS)
    def time_passes(self, step: timedelta) -> None:
        self.now += step

    @rule()
    def jobs_run(self) -> None:
        """Expiry and the daily clamp: neither changes what is answered."""
        over = [token for _pk, token in self.tokens if token.state_at(self.now) == "expired" and not token.is_noted]
        noted = lifecycle.expire_many(now=self.now, most=1000)
        assert noted == len(over)
        for token in over:
            token.is_noted = True
        shortened = lifecycle.clamp_many([user.pk for user, _facts in self.people], actor=None, now=self.now)
        assert shortened == self.clamp(*(facts for _user, facts in self.people))
        self.lines += noted + shortened

    @rule(days=CAPS)
    def the_cap_changes(self, days: int) -> None:
        is_new, self.said, self.model.cap = self.said != days, days, days * DAY
        rules.change(self.root, {"student_cap_days": days}, actor=self.admin, now=self.now)
        self.lines += 1 + self.clamp(*(facts for _user, facts in self.people)) if is_new else 0

    @rule(which=WHICH)
    def a_teacher_comes_or_goes(self, which: int) -> None:
        user, facts = self.people[which % 2]
        facts.teaches = not facts.teaches
        if facts.teaches:
            enrolling.enroll(user, role(Base.TEACHER), self.root, actor=self.admin, now=self.now)
        else:
            held = Enrollment.objects.get(user=user, role=role(Base.TEACHER))
            enrolling.end(held, actor=self.admin, now=self.now)
        self.lines += 1 + self.clamp(facts)

    @rule(which=WHICH)
    def somebody_is_switched(self, which: int) -> None:
        user, facts = self.people[which % 2]
        facts.is_active = not facts.is_active
        enrolling.set_active(user, facts.is_active, actor=self.admin, now=self.now)
        self.lines += 1 + (0 if facts.is_active else self.stop(facts)) + self.clamp(facts)

    def stop(self, facts: Person) -> int:
        """What works is suspended, what waits is revoked, whatever the clock says; how many."""
        held = [token for _pk, token in self.tokens if token.owner is facts and not token.is_noted]
        stopped = [token for token in held if token.state in ("active", "pending")]
        for token in stopped:
            token.state = "suspended" if token.state == "active" else "revoked"
        return len(stopped)

    @rule(stop=STOPS)
    def an_emergency_begins_or_ends(self, stop: str) -> None:
        if stop in self.pauses:
            emergency.lift(self.pauses.pop(stop), actor=None, now=self.now)
            self.model.pauses.remove(stop)
        else:
            target = (
                target_of(None, Whom.EVERYTHING)
                if stop == "everything"
                else target_of(None, Whom.ROLE, account=self.root, base=Base(stop))
            )
            self.pauses[stop] = emergency.pause(target, reason="Life", actor=None, now=self.now)
            self.model.pauses.add(stop)
        self.lines += 1

    # --- what must be true after each of it --------------------------------------------------------------------

    @invariant()
    def every_secret_is_answered_as_the_model_says(self) -> None:
        held = [(secret.text, token, secret) for _pk, token in self.tokens for secret in token.secrets]
        wanted = [self.model.outcome(token, secret, self.now) for _text, token, secret in held]
        texts = [text for text, _token, _secret in held]
        DONE.update(("check", answer) for answer in wanted)
        assert [verify(text, now=self.now).outcome.value for text in texts] == wanted
        assert [verify(text, now=self.now, with_membership=True).outcome.value for text in texts] == wanted
        assert [each.outcome.value for each in verify_many(texts, now=self.now)] == wanted

    @invariant()
    def the_row_and_the_database_agree_on_what_is_live(self) -> None:
        live = {pk for pk, token in self.tokens if self.model.outcome(token, token.present, self.now) == "live"}
        rows = AccessToken.objects.filter(pk__in=[pk for pk, _token in self.tokens]).select_related("user")
        assert {row.pk for row in rows if row.is_live(self.now)} == live
        assert set(AccessToken.objects.live(now=self.now).values_list("pk", flat=True)) == live
        assert {row.pk: row.expires_at for row in rows} == {pk: token.end for pk, token in self.tokens}

    @invariant()
    def every_act_left_its_line_and_nothing_else_did(self) -> None:
        assert AuditEvent.objects.count() == self.lines

    @invariant()
    def no_two_earlier_secrets_work_at_once(self) -> None:
        going = SupersededSecret.objects.filter(works_until__gt=self.now).values_list("token", flat=True)
        assert sorted(going) == sorted(pk for pk, token in self.tokens if token.going(self.now))
