"""Tokens that end while something uses them, changes them, or lets them live longer."""

from datetime import UTC
from functools import partial
from time import perf_counter_ns
from typing import Any

from accounts import enrolling
from accounts.roles import Base
from policies.refusals import Code
from tests.cast import NOW
from tests.torture.races import cast
from tests.torture.races.cast import DAY, held, now_of, student, works
from tests.torture.races.judging import all_of, broken_trail, count_lines, secret_of, secrets_that_work, wrong
from tests.torture.races.lane import Act, Run
from tests.torture.races.track import Race, Trial
from tokens import lifecycle, usage
from tokens.lifecycle import RENEWED, Change
from tokens.models import State
from tokens.usage.counting import ACCEPTED, DayUse, Use

LATE = Change(expires_at=NOW + 90 * DAY)


def use_for_a_while(secret: str, times: int = 10) -> list[tuple[int, bool]]:
    """Use a token again and again: when each request began, and whether it was let in."""
    return [(perf_counter_ns(), works(secret)) for _each in range(times)]


def revoke_and_use() -> Trial:
    owner = student()
    token, secret = (issued := held(owner)).token, issued.secret

    def judge(revoke: Run, use: Run) -> str:
        uses: list[tuple[int, bool]] = use.value
        let_in = [was_let_in for _began, was_let_in in uses]
        return all_of(
            wrong(
                revoked=now_of(token).state == State.REVOKED,
                none_is_let_in_that_began_after_it=not any(ok for began, ok in uses if began > revoke.ended),
                once_refused_always_refused=sorted(let_in, reverse=True) == let_in,
                none_is_let_in_now=not works(secret),
            ),
            broken_trail(token),
        )

    return Trial(partial(lifecycle.revoke, token, actor=owner, now=NOW), partial(use_for_a_while, secret), judge)


def _revoked(token: Any, *secrets: str) -> str:
    stands = now_of(token)
    return all_of(
        wrong(
            revoked=stands.state == State.REVOKED and stands.revoked_at == NOW,
            one_line_says_so=count_lines("token.revoke", token.pk) == 1,
            nothing_of_it_works=secrets_that_work(*secrets) == 0,
            nothing_of_it_will_work=not any(works(secret, now=NOW + DAY) for secret in secrets),
        ),
        broken_trail(token),
    )


def revoke_and(change: str) -> Trial:
    """One of what may happen to a token that works, beside a revocation."""
    owner, admin = student(), cast.school().admin
    states = {"resume": State.SUSPENDED, "activate": State.PENDING}
    issued = held(owner, state=states.get(change, State.ACTIVE), creator=admin if change == "activate" else None)
    token = issued.token
    acts: dict[str, Act] = {
        "extend": partial(lifecycle.update, token, LATE, actor=owner, now=NOW),
        "regenerate": partial(lifecycle.regenerate, token, Change(expires_at=RENEWED), actor=owner, now=NOW),
        "rotate": partial(lifecycle.regenerate, token, overlap=cast.HOUR, actor=owner, now=NOW),
        "suspend": partial(lifecycle.suspend, token, actor=admin, now=NOW),
        "resume": partial(lifecycle.resume, token, actor=admin, now=NOW),
        "activate": partial(lifecycle.activate, token, actor=owner, now=NOW),
        "revoke": partial(lifecycle.revoke, token, actor=admin, now=NOW),
        "clamp": partial(lifecycle.clamp_many, [owner.pk], actor=None, now=NOW),
        "retag": partial(
            lifecycle.retag,
            token.lookup_id,
            checked=(token.tag_key, bytes(token.tag)),
            new=(token.tag_key, b"\0" * 32),
        ),
    }

    def judge(_revoke: Run, changed: Run) -> str:
        return all_of(
            _revoked(token, issued.secret, secret_of(changed)),
            wrong(refused_for_a_reason=changed.refused in ("", Code.TOKEN_ENDED)),
        )

    return Trial(partial(lifecycle.revoke, token, actor=admin, now=NOW), acts[change], judge)


def revoke_and_roll_up() -> Trial:
    """The first use of a token comes in while it is revoked."""
    owner = student()
    issued = held(owner)
    day = DayUse()
    day.add(Use(NOW.astimezone(UTC), ACCEPTED, "/api/v1/users/self", "192.0.2.7", "curl/8"))
    roll_up = partial(usage.write, {(issued.token.pk, NOW.date().isoformat()): day}, now=NOW)

    def judge(_revoke: Run, _roll_up: Run) -> str:
        stands = now_of(issued.token)
        return all_of(
            _revoked(issued.token, issued.secret),
            wrong(its_use_is_counted=stands.use_count == 1 and stands.last_used_at == NOW),
        )

    return Trial(partial(lifecycle.revoke, issued.token, actor=owner, now=NOW), roll_up, judge)


def expire_and(change: str) -> Trial:
    """The job notes an end that has passed while the owner gives the token a new life, or an administrator ends it."""
    owner, admin = student(), cast.school().admin
    issued = held(owner, ends_at=NOW - DAY)
    acts: dict[str, Act] = {
        "regenerate": partial(lifecycle.regenerate, issued.token, LATE, actor=owner, now=NOW),
        "revoke": partial(lifecycle.revoke, issued.token, actor=admin, now=NOW),
    }

    def judge(_expire: Run, changed: Run) -> str:
        stands = now_of(issued.token)
        state = State.ACTIVE if change == "regenerate" else State.REVOKED
        return all_of(
            wrong(
                the_change_was_made=not changed.refused,
                it_stands=stands.state == state,
                the_old_secret_is_dead=not works(issued.secret),
                the_new_one_works=works(secret_of(changed)) == (change == "regenerate"),
                noted_once_at_most=count_lines("token.expire", stands.pk) <= 1,
            ),
            broken_trail(stands),
        )

    return Trial(partial(lifecycle.expire_many, now=NOW, most=500), acts[change], judge)


def role_loss_and_extend() -> Trial:
    """Who teaches lets a token live for years while they become a student only."""
    owner, teaching = cast.holding(Base.TEACHER, cast.school().physics)
    cast.also(owner, Base.STUDENT, cast.school().history)
    token = held(owner).token
    extend = partial(lifecycle.update, token, Change(expires_at=NOW + 900 * DAY), actor=owner, now=NOW)
    lose = partial(enrolling.end, teaching, actor=cast.school().admin, now=NOW)

    def judge(_lose: Run, extend: Run) -> str:
        end = now_of(token).expires_at
        return all_of(
            wrong(
                it_ends_by_the_cap=end is not None and end <= NOW + 120 * DAY,
                refused_for_a_reason=extend.refused in ("", Code.EXPIRY_BEYOND_CAP),
            ),
            broken_trail(token),
        )

    return Trial(lose, extend, judge)


def clamp_and_update() -> Trial:
    """The job clamps what is older than the cap while its owner changes it."""
    owner = student()
    token = held(owner, ends_at=None).token
    clamp = partial(lifecycle.clamp_many, [owner.pk], actor=None, now=NOW)
    update = partial(lifecycle.update, token, Change(purpose="A new name"), actor=owner, now=NOW)

    def judge(_clamp: Run, _update: Run) -> str:
        stands = now_of(token)
        return all_of(
            wrong(
                it_ends_by_the_cap=stands.expires_at == NOW + 120 * DAY, it_has_its_name=stands.purpose == "A new name"
            ),
            broken_trail(token),
        )

    return Trial(clamp, update, judge)


CHANGES = ("extend", "regenerate", "rotate", "suspend", "resume", "activate", "revoke", "clamp", "retag")
RACES = [
    Race("revoke x use", "nothing is let in that began after the revocation was acknowledged", revoke_and_use),
    *(Race(f"revoke x {change}", "revoked stays revoked, once", partial(revoke_and, change)) for change in CHANGES),
    Race("revoke x roll-up of use", "revoked stays revoked, and its use is counted", revoke_and_roll_up),
    Race("expire x regenerate", "the new life is not ended by the old one's end", partial(expire_and, "regenerate")),
    Race("expire x revoke", "revoked for good", partial(expire_and, "revoke")),
    Race("role loss x extend", "nothing outlives the cap that holds by then", role_loss_and_extend),
    Race("clamp x update", "clamped, and changed", clamp_and_update),
]
