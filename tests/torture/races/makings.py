"""Tokens that are made while something says that they may not, or that there is one already."""

import json
from datetime import datetime
from functools import partial

from accounts import enrolling
from accounts.models import User
from accounts.roles import Base
from policies import exemptions, planning, settings
from policies.models import PlannedChange
from policies.refusals import Code
from tests.cast import NOW
from tests.torture.races import cast
from tests.torture.races.cast import DAY, held, student, works
from tests.torture.races.judging import all_of, broken_trail, secret_of, secrets_that_work, tokens_of, wrong
from tests.torture.races.lane import Act, Run
from tests.torture.races.track import Race, Trial
from tokens import emergency, idempotency, lifecycle, once
from tokens.emergency import Target
from tokens.idempotency import Call
from tokens.models import AccessToken, State
from tokens.stops import Whom


def making(owner: User, ends_at: datetime | None, *, actor: User | None = None) -> Act:
    return partial(lifecycle.issue, owner, purpose="Racing", expires_at=ends_at, actor=actor or owner, now=NOW)


def end_by(owner: User, latest: datetime, making: Run, *allowed: Code) -> str:
    """Whether all that a person holds ends by then, and whoever was refused a token has none."""
    tokens = tokens_of(owner)
    return all_of(
        wrong(
            each_ends_by_then=all(each.expires_at and each.expires_at <= latest for each in tokens),
            refused_for_a_reason=making.refused in ("", *allowed),
            made_if_said_so=len(tokens) == (not making.refused),
        ),
        broken_trail(*tokens),
    )


def policy_flip() -> Trial:
    account = cast.faculty(student_cap_days=120)
    owner = student(account)
    flip = partial(settings.change, account, {"student_cap_days": 10}, actor=cast.school().admin, now=NOW)

    def judge(make: Run, flip: Run) -> str:
        latest = NOW + (120 if flip.refused else 10) * DAY
        return all_of(
            end_by(owner, latest, make, Code.EXPIRY_BEYOND_CAP),
            wrong(refused_for_a_reason=flip.refused in ("", Code.RULES_BUSY)),
        )

    return Trial(making(owner, NOW + 100 * DAY), flip, judge)


def planned_flip() -> Trial:
    account, admin = cast.faculty(student_cap_days=120), cast.school().admin
    owner = student(account)
    planned = PlannedChange.objects.create(
        account=account,
        values={"student_cap_days": 10},
        before={"student_cap_days": 120},
        existing="keep",
        spread_days=0,
        made_by=admin,
        made_at=NOW - 14 * DAY,
        takes_effect_at=NOW,
    )

    def judge(make: Run, begin: Run) -> str:
        if begin.refused == Code.RULES_BUSY:  # beat's next run
            planning.begin(planned.pk, now=NOW)
        stage = PlannedChange.objects.get(pk=planned.pk).stage
        return all_of(
            end_by(owner, NOW + 10 * DAY, make, Code.EXPIRY_BEYOND_CAP), wrong(it_was_carried_out=stage == "applied")
        )

    return Trial(making(owner, NOW + 100 * DAY), partial(planning.begin, planned.pk, now=NOW), judge)


def role_loss() -> Trial:
    owner = student()
    teaching = cast.also(owner, Base.TEACHER, cast.school().physics)
    lose = partial(enrolling.end, teaching, actor=cast.school().admin, now=NOW)

    def judge(make: Run, _lose: Run) -> str:
        return end_by(owner, NOW + 120 * DAY, make, Code.EXPIRY_REQUIRED)

    return Trial(making(owner, None), lose, judge)


def exemption_end() -> Trial:
    owner, admin = student(), cast.school().admin
    end = NOW + 90 * DAY
    exemption = exemptions.exempt(owner, cast.school().root, reason="A thesis", ends_at=end, actor=admin, now=NOW - DAY)

    def judge(make: Run, _end: Run) -> str:
        return end_by(owner, NOW + 120 * DAY, make, Code.EXPIRY_BEYOND_CAP)

    return Trial(making(owner, end + 100 * DAY), partial(exemptions.end, exemption, actor=admin, now=NOW), judge)


def switched_off() -> Trial:
    owner, admin = student(), cast.school().admin
    switch = partial(enrolling.set_active, owner, False, actor=admin, now=NOW)

    def judge(make: Run, _switch: Run) -> str:
        while_off = secrets_that_work(secret_of(make))
        enrolling.set_active(User.objects.get(pk=owner.pk), True, actor=admin, now=NOW)
        tokens = tokens_of(owner)
        return all_of(
            wrong(
                nothing_works_while_they_are_off=while_off == 0,
                nothing_works_when_they_are_back=secrets_that_work(secret_of(make)) == 0,
                none_could_work_by_itself=all(each.state in (State.SUSPENDED, State.REVOKED) for each in tokens),
                refused_for_a_reason=make.refused in ("", Code.INACTIVE_OWNER),
                made_if_said_so=len(tokens) == (not make.refused),
            ),
            broken_trail(*tokens),
        )

    return Trial(making(owner, NOW + 30 * DAY), switch, judge)


def pause() -> Trial:
    account = cast.faculty()
    owner = student(account)
    stop = partial(
        emergency.pause, Target(Whom.ACCOUNT, account), reason="Found in a forum", actor=cast.school().admin, now=NOW
    )

    def judge(make: Run, stop: Run) -> str:
        while_paused = secrets_that_work(secret_of(make))
        emergency.lift(stop.value, actor=None, now=NOW)
        return all_of(
            wrong(
                both_were_done=not (make.refused or stop.refused),
                nothing_works_while_paused=while_paused == 0,
                it_works_afterwards=works(secret_of(make)),
            ),
            broken_trail(*tokens_of(owner)),
        )

    return Trial(making(owner, NOW + 30 * DAY), stop, judge)


def limit_of_tokens() -> Trial:
    account = cast.faculty(tokens_at_once=3)
    owner = student(account)
    for _each in range(2):
        held(owner)

    def judge(one: Run, other: Run) -> str:
        tokens = tokens_of(owner)
        return all_of(
            wrong(
                there_are_as_many_as_there_may_be=len(tokens) == 3,
                one_of_both_was_refused=sorted([one.refused, other.refused]) == ["", Code.TOO_MANY_TOKENS],
            ),
            broken_trail(*tokens[2:]),
        )

    on_behalf = making(owner, NOW + 20 * DAY, actor=cast.school().admin)
    return Trial(making(owner, NOW + 30 * DAY), on_behalf, judge)


def _made_once(owner: User, one: Run, other: Run, *, before: int = 0) -> str:
    """One token, whose secret one of both was shown; the other one was told which token that is."""
    tokens, shown = tokens_of(owner)[before:], [secret for run in (one, other) if (secret := secret_of(run))]
    named = {getattr(run.value, "token", run.value) for run in (one, other)}
    return all_of(
        wrong(
            there_is_one_token=len(tokens) == 1,
            one_secret_was_shown=len(shown) == 1,
            it_works=secrets_that_work(*shown) == 1,
            both_were_told_of_it=named == set(tokens),
        ),
        broken_trail(*tokens),
    )


def double_click(*, limit: int | None = None) -> Trial:
    owner = student(cast.faculty(tokens_at_once=limit)) if limit else student()
    key = once.new_key()
    click = partial(once.once, making(owner, NOW + 30 * DAY), form="issue:x", key=key, caller=owner, now=NOW)  # type: ignore[arg-type]  # acts that issue
    return Trial(click, click, partial(_made_once, owner))


def double_click_to_regenerate() -> Trial:
    owner = student()
    token, old = vars_of(held(owner))
    renew = partial(lifecycle.regenerate, token, overlap=cast.HOUR, actor=owner, now=NOW)
    key = once.new_key()
    click = partial(once.once, renew, form="regenerate:x", key=key, caller=owner, now=NOW)

    def judge(one: Run, other: Run) -> str:
        return all_of(_made_once(owner, one, other), wrong(the_earlier_secret_works_on=works(old)))

    return Trial(click, click, judge)


def vars_of(issued: lifecycle.Issued) -> tuple[AccessToken, str]:
    return issued.token, issued.secret


def same_key() -> Trial:
    owner = student()
    body = {"purpose": "Racing"}
    call = Call(owner, f"/api/v1/users/{owner.pk}/tokens", once.new_key(), json.loads(json.dumps(body)))
    post = partial(idempotency.once, call, making(owner, NOW + 30 * DAY), now=NOW)  # type: ignore[arg-type]

    def judge(one: Run, other: Run) -> str:
        if Code.IDEMPOTENCY_BUSY in (one.refused, other.refused):
            again = Run(post)
            again.perform()
            one, other = (again if run.refused else run for run in (one, other))
        return _made_once(owner, one, other)

    return Trial(post, post, judge)


RACES = [
    Race("create x policy flip", "what stands ends by the new limit, and nothing is made past it", policy_flip),
    Race("create x planned policy", "the same for a change whose grace time is over", planned_flip),
    Race("create x role loss", "who is only a student any more holds nothing past 120 days", role_loss),
    Race("create x end of exemption", "nothing stands past the limit that holds again", exemption_end),
    Race("create x disable person", "nothing works, neither now nor when they are back", switched_off),
    Race("create x pause", "nothing works until it is lifted", pause),
    Race("create x create at the limit", "never more tokens than a person may have", limit_of_tokens),
    Race("double click", "one token, its secret is shown once", double_click),
    Race(
        "double click at the limit",
        "one token, and nobody is told that they have too many",
        partial(double_click, limit=1),
    ),
    Race(
        "double click to regenerate",
        "one new secret, and nobody is told that an overlap is going",
        double_click_to_regenerate,
    ),
    Race("same idempotency key", "one token, named to both", same_key),
]
