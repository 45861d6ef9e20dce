"""What the demo school's tokens were used for, day by day."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from tokenportal.demo.words import AGENTS
from tokens.models import AccessToken, State
from tokens.usage import ACCEPTED, DayUse, Use

DAYS = 60
PATHS = (
    "GET /api/v1/users/:user_id",
    "GET /api/v1/users/:user_id/profile",
    "GET /api/v1/users/:user_id/user_generated_tokens",
    "/verify",
)
Key = tuple[int, str]


def uses(*, random: Random, now: datetime) -> Iterator[tuple[Key, DayUse]]:
    """Yield the days of four tokens in five, none of them after its end, but for a few that are still tried."""
    for token in AccessToken.objects.exclude(state=State.PENDING).order_by("pk"):
        if random.random() < 0.8:
            yield from _of_token(token, random, now)


def unusual_uses(*, now: datetime) -> Iterator[tuple[Key, DayUse]]:
    """Yield a day of a token in four places at once, of one that ran wild, and of one that is gone and still tried."""
    yesterday, tokens = now - timedelta(days=1), AccessToken.objects.order_by("pk")
    active, revoked = tokens.filter(state=State.ACTIVE), tokens.filter(state=State.REVOKED)
    spread = active.filter(user__login_id="teacher")[0]
    wild = active.filter(secret_made_at__lt=now - timedelta(days=30)).exclude(user__login_id="teacher")[0]
    gone = revoked.filter(user__login_id="student")[0]
    unusual = ((spread, ACCEPTED, 8, 4), (wild, ACCEPTED, 2000, 1), (gone, "revoked", 60, 4))
    for token, outcome, times, places in unusual:
        day = DayUse()
        for n in range(times):
            day.add(Use(yesterday, outcome, PATHS[0], f"203.0.{112 + n % places}.7", AGENTS[0]))
        yield (token.pk, yesterday.date().isoformat()), day


def _of_token(token: AccessToken, random: Random, now: datetime) -> Iterator[tuple[Key, DayUse]]:
    stopped = token.updated_at if token.state == State.SUSPENDED else token.revoked_at
    end = min(filter(None, (now, stopped, token.expires_at)))
    first = max(token.secret_made_at, now - timedelta(days=DAYS))
    habit = Habit(random)
    for ago in range(DAYS):
        day = now - timedelta(days=ago)
        if first < day <= end and random.random() < habit.eagerness:
            yield (token.pk, day.date().isoformat()), habit.day(day)
    if token.state == State.REVOKED and random.random() < 0.3:
        yield (token.pk, now.date().isoformat()), habit.refused_day(now)


class Habit:
    """How one owner's script goes about it: how often, from where, with what."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.eagerness = random.choice((0.1, 0.4, 0.7, 0.95))
        self.calls = random.choice((2, 8, 24, 96))
        self.addresses = [address(random) for _ in range(random.choice((1, 1, 2, 4)))]
        self.agent = random.choice(AGENTS)
        self.paths = random.sample(PATHS, k=random.randint(1, 3))

    def day(self, at: datetime) -> DayUse:
        """A day's worth of accepted calls, a few refused ones among them."""
        accepted = 1 + int(self.calls * self.random.uniform(0.4, 1.6))
        refused = self.random.choice((0, 0, 0, 0, 1, 3)) if accepted > 5 else 0
        return self._day(at, Counter({ACCEPTED: accepted} | ({"insufficient_scope": refused} if refused else {})))

    def refused_day(self, at: datetime) -> DayUse:
        """A day on which nobody had told the script that its token is gone."""
        return self._day(at, Counter({"revoked": 40}))

    def _day(self, at: datetime, outcomes: Counter[str]) -> DayUse:
        total, kinds = outcomes.total(), list(outcomes)
        paths = self._spread(self.paths, outcomes[ACCEPTED])
        refused = Counter({self.paths[0]: total - outcomes[ACCEPTED]} if total > outcomes[ACCEPTED] else {})
        latest = [
            [
                (at - timedelta(minutes=self.random.randint(1, 300) + 300 * n)).timestamp(),
                kinds[n % len(kinds)],
                self.paths[0] if kinds[n % len(kinds)] != ACCEPTED else self.random.choice(self.paths),
                self.random.choice(self.addresses),
                self.agent,
            ]
            for n in range(min(3, total))
        ]
        return DayUse(
            outcomes=outcomes,
            paths=paths + refused,
            refused_paths=refused,
            addresses=self._spread(self.addresses, total),
            agents=Counter({self.agent: total}),
            hours=Counter({str(at.astimezone(UTC).hour): total}),
            recent=sorted(latest, key=lambda use: float(str(use[0]))),
        )

    def _spread(self, kinds: list[str], total: int) -> Counter[str]:
        return Counter(self.random.choices(kinds, k=total))


def address(random: Random) -> str:
    """Return an address of those set aside for documentation (RFC 5737)."""
    return f"{random.choice(('192.0.2', '198.51.100', '203.0.113'))}.{random.randint(2, 250)}"
