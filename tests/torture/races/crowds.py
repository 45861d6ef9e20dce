"""Acts on many tokens beside acts on one of them, and beside each other.

Several tokens of several people, so that two acts that take their rows in different orders would wait for each other.
"""

from functools import partial

from accounts import enrolling
from accounts.models import Account, User
from accounts.roles import Base
from policies import planning
from policies.models import PlannedChange
from tests.cast import NOW
from tests.torture.races import cast
from tests.torture.races.cast import DAY, held, student, works
from tests.torture.races.judging import all_of, broken_trail, secret_of, tokens_of, wrong
from tests.torture.races.lane import Act, Run
from tests.torture.races.track import Race, Trial
from tokens import bulk, lifecycle
from tokens.lifecycle import Change
from tokens.models import AccessToken, BulkAct, BulkItem, BulkKind, State
from tokens.reasons import Reason


def crowd(where: Account | None = None, **first: State) -> list[User]:
    """Two people with some tokens each; the oldest of each is as `first` says."""
    people = [student(where), student(where)]
    for number in range(3):
        for owner in people:
            state = first.get("state", State.ACTIVE) if number == 0 else State.ACTIVE
            end = None if number else NOW + 30 * DAY  # the oldest lies within the cap
            held(owner, ends_at=end, state=state, creator=cast.school().admin)
    return people


def made(kind: BulkKind, people: list[User], **wish: object) -> BulkAct:
    tokens = AccessToken.objects.filter(user__in=people)
    wanted = bulk.Wish(kind, Reason("Found in a forum"), **wish)  # type: ignore[arg-type]  # a trial's
    return bulk.make(wanted, tokens, actor=cast.school().admin, now=NOW)


def carrying(act: BulkAct) -> Act:
    return lambda: list(bulk.carry_out(act.pk, clock=lambda: NOW))


def _all(people: list[User]) -> list[AccessToken]:
    return [each for owner in people for each in tokens_of(owner)]


def _of_act(act: BulkAct, state: State) -> str:
    """Whether what an act says of each token is what became of it."""
    act = BulkAct.objects.get(pk=act.pk)
    done = set(BulkItem.objects.filter(act=act, outcome="done").values_list("token_id", flat=True))
    left = set(BulkItem.objects.filter(act=act, outcome="left").values_list("token_id", flat=True))
    stands = dict(AccessToken.objects.filter(pk__in=done | left).values_list("pk", "state"))
    return wrong(
        it_came_to_its_end=act.finished_at is not None,
        it_counts_right=(act.done, act.left) == (len(done), len(left)),
        what_it_did_stands=state != State.REVOKED or all(stands[pk] == state for pk in done),
    )


def revoke_many_and(change: str) -> Trial:
    people = crowd(state=State.SUSPENDED if change == "resume" else State.ACTIVE)
    act, admin = made(BulkKind.REVOKE, people), cast.school().admin
    token = tokens_of(people[1])[0]
    acts: dict[str, Act] = {
        "suspend": partial(lifecycle.suspend, token, actor=admin, now=NOW),
        "resume": partial(lifecycle.resume, token, actor=admin, now=NOW),
        "revoke": partial(lifecycle.revoke, token, actor=admin, now=NOW),
        "regenerate": partial(lifecycle.regenerate, token, Change(expires_at=NOW + DAY), actor=token.user, now=NOW),
    }

    def judge(_act: Run, changed: Run) -> str:
        tokens = _all(people)
        return all_of(
            wrong(
                all_are_revoked=all(each.state == State.REVOKED for each in tokens),
                no_new_secret_works=not works(secret_of(changed)),
            ),
            _of_act(act, State.REVOKED),
            broken_trail(*tokens),
        )

    return Trial(carrying(act), acts[change], judge)


def carried_out_twice() -> Trial:
    people = crowd()
    act = made(BulkKind.SUSPEND, people)

    def judge(_one: Run, _other: Run) -> str:
        tokens = _all(people)
        return all_of(
            wrong(all_are_suspended=all(each.state == State.SUSPENDED for each in tokens)),
            _of_act(act, State.SUSPENDED),
            broken_trail(*tokens),
        )

    return Trial(carrying(act), carrying(act), judge)


def switched_off_and(kind: BulkKind) -> Trial:
    """A person is switched off, which stops what works and revokes what waits, beside an act on all of it."""
    people = crowd(state=State.PENDING if kind == BulkKind.REVOKE else State.SUSPENDED)
    act = made(kind, people)
    switch = partial(enrolling.set_active, people[0], False, actor=cast.school().admin, now=NOW)

    def judge(_switch: Run, _act: Run) -> str:
        tokens, stopped = _all(people), tokens_of(people[0])
        return all_of(
            wrong(nothing_of_theirs_works=all(each.state in (State.SUSPENDED, State.REVOKED) for each in stopped)),
            _of_act(act, State.REVOKED if kind == BulkKind.REVOKE else State.ACTIVE),
            broken_trail(*tokens),
        )

    return Trial(switch, carrying(act), judge)


def policy_and_revoke() -> Trial:
    """A change of the policy shortens what some hold and revokes what others hold, beside an act on all of it."""
    account = cast.faculty(audience="everyone")
    people = crowd(account)
    cast.also(people[1], Base.TEACHER, account)
    planned = PlannedChange.objects.create(
        account=account,
        values={"audience": "no_students", "teaching_cap_days": 10},
        before={"audience": "everyone", "teaching_cap_days": None},
        existing="revoke",
        spread_days=0,
        made_by=cast.school().admin,
        made_at=NOW - 14 * DAY,
        takes_effect_at=NOW,
    )
    act = made(BulkKind.REVOKE, people)

    def judge(_begin: Run, _act: Run) -> str:
        tokens = _all(people)
        return all_of(
            wrong(all_are_revoked=all(each.state == State.REVOKED for each in tokens)),
            _of_act(act, State.REVOKED),
            broken_trail(*tokens),
        )

    return Trial(partial(planning.begin, planned.pk, now=NOW), carrying(act), judge)


def resume_and_revoke() -> Trial:
    """Resuming brings all that its owners hold under the cap before, beside an act that revokes it."""
    people = crowd(state=State.SUSPENDED)
    wake, end = made(BulkKind.RESUME, people), made(BulkKind.REVOKE, people)

    def judge(_wake: Run, _end: Run) -> str:
        tokens = _all(people)
        return all_of(
            wrong(all_are_revoked=all(each.state == State.REVOKED for each in tokens)),
            _of_act(end, State.REVOKED),
            _of_act(wake, State.ACTIVE),
            broken_trail(*tokens),
        )

    return Trial(carrying(wake), carrying(end), judge)


def shorten_and_clamp() -> Trial:
    people = crowd()
    act, end = made(BulkKind.SHORTEN, people, ends_at=NOW + 60 * DAY), NOW + 60 * DAY
    clamp = partial(lifecycle.clamp_many, [each.pk for each in people], actor=None, now=NOW)

    def judge(_act: Run, _clamp: Run) -> str:
        tokens = _all(people)
        return all_of(
            wrong(all_end_by_the_earlier_of_both=all(each.expires_at and each.expires_at <= end for each in tokens)),
            _of_act(act, State.ACTIVE),
            broken_trail(*tokens),
        )

    return Trial(carrying(act), clamp, judge)


RACES = [
    *(
        Race(f"revoke many x {change}", "all are revoked, and the act says so", partial(revoke_many_and, change))
        for change in ("suspend", "resume", "revoke", "regenerate")
    ),
    Race("one act x itself", "each token once", carried_out_twice),
    Race(
        "disable person x revoke many",
        "nothing works, and none waits for the other for ever",
        partial(switched_off_and, BulkKind.REVOKE),
    ),
    Race(
        "disable person x resume many",
        "nothing is woken of who is switched off",
        partial(switched_off_and, BulkKind.RESUME),
    ),
    Race("policy that revokes x revoke many", "all are revoked", policy_and_revoke),
    Race("resume many x revoke many", "revoked stays revoked", resume_and_revoke),
    Race("shorten many x clamp", "the earlier end stands", shorten_and_clamp),
]
