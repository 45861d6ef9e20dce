"""New secrets, and what is answered or switched by two people at once."""

from functools import partial

from policies.refusals import Code
from tests.cast import NOW
from tests.torture.races import cast
from tests.torture.races.cast import DAY, HOUR, held, now_of, student, works
from tests.torture.races.judging import (
    all_of,
    broken_trail,
    count_lines,
    secret_of,
    secrets_that_work,
    tokens_of,
    wrong,
)
from tests.torture.races.lane import Run
from tests.torture.races.track import Race, Trial
from tokens import lifecycle, requests
from tokens.models import RequestState, State, SupersededSecret, TokenRequest


def regenerate_twice() -> Trial:
    owner = student()
    issued = held(owner)
    renew = partial(lifecycle.regenerate, issued.token, actor=owner, now=NOW)

    def judge(one: Run, other: Run) -> str:
        return all_of(
            wrong(
                both_got_one=bool(secret_of(one) and secret_of(other)),
                exactly_one_works=secrets_that_work(secret_of(one), secret_of(other)) == 1,
                the_old_one_is_dead=not works(issued.secret),
            ),
            broken_trail(issued.token),
        )

    return Trial(renew, renew, judge)


def rotate_twice() -> Trial:
    owner = student()
    issued = held(owner)
    rotate = partial(lifecycle.regenerate, issued.token, overlap=HOUR, actor=owner, now=NOW)

    def judge(one: Run, other: Run) -> str:
        return all_of(
            wrong(
                one_was_refused=sorted([one.refused, other.refused]) == ["", Code.OVERLAP_GOING],
                the_new_one_works=secrets_that_work(secret_of(one), secret_of(other)) == 1,
                the_old_one_works_on=works(issued.secret),
                nothing_else_is_kept=SupersededSecret.objects.filter(token=issued.token).count() == 1,
                it_ends_with_the_overlap=not works(issued.secret, now=NOW + HOUR),
            ),
            broken_trail(issued.token),
        )

    return Trial(rotate, rotate, judge)


def rotate_and_regenerate() -> Trial:
    """Because the secret is in the open, while a program rotates: the old one may not live on."""
    owner = student()
    issued = held(owner)
    rotate = partial(lifecycle.regenerate, issued.token, overlap=HOUR, actor=owner, now=NOW)
    renew = partial(lifecycle.regenerate, issued.token, actor=owner, now=NOW)

    def judge(rotate: Run, renew: Run) -> str:
        newest = now_of(issued.token).lookup_id
        shown = [secret_of(rotate), secret_of(renew)]
        allowed = {secret for secret in shown if newest in secret}
        if newest in shown[0]:  # then the other came first, and its secret is what works on
            allowed.add(shown[1])
        working = {secret for secret in (*shown, issued.secret) if works(secret)}
        return all_of(wrong(what_works_is_what_was_shown_last=working == allowed), broken_trail(issued.token))

    return Trial(rotate, renew, judge)


def suspend_and_resume() -> Trial:
    owner, admin = student(), cast.school().admin
    issued = held(owner, state=State.SUSPENDED)

    def judge(resume: Run, suspend: Run) -> str:
        state = now_of(issued.token).state
        return all_of(
            wrong(
                resumed=not resume.refused,
                suspended_after_it_or_not_at_all=state == (State.ACTIVE if suspend.refused else State.SUSPENDED),
                it_works_if_it_is_active=works(issued.secret) == (state == State.ACTIVE),
                refused_for_a_reason=suspend.refused in ("", Code.NOT_ACTIVE),
            ),
            broken_trail(issued.token),
        )

    return Trial(
        partial(lifecycle.resume, issued.token, actor=admin, now=NOW),
        partial(lifecycle.suspend, issued.token, actor=admin, now=NOW),
        judge,
    )


def activate_twice() -> Trial:
    owner = student()
    issued = held(owner, state=State.PENDING, creator=cast.school().admin)
    take = partial(lifecycle.activate, issued.token, actor=owner, now=NOW)

    def judge(one: Run, other: Run) -> str:
        return all_of(
            wrong(
                it_works=works(issued.secret),
                the_second_one_is_told=sorted([one.refused, other.refused]) == ["", Code.ALREADY_ACTIVE],
                one_line_says_so=count_lines("token.activate", issued.token.pk) == 1,
            ),
            broken_trail(issued.token),
        )

    return Trial(take, take, judge)


def _asked(state: RequestState = RequestState.OPEN) -> TokenRequest:
    asked = TokenRequest.objects.create(
        person=student(), purpose="A thesis", why="It takes long", expires_at=NOW + 100 * DAY, made_at=NOW - DAY
    )
    return asked if state == RequestState.OPEN else requests.approve(asked, actor=cast.school().admin, now=NOW - HOUR)


def approve_and(answer: str) -> Trial:
    """Answered by two: whoever comes second is told, except that an approval can be withdrawn."""
    asked, admin = _asked(), cast.school().admin
    acts = {
        "withdraw": partial(requests.withdraw, asked, actor=asked.person, now=NOW),
        "refuse": partial(requests.turn_down, asked, actor=admin, now=NOW, reason="Too long"),
        "approve": partial(requests.approve, asked, actor=cast.school().arts_admin, now=NOW),
    }

    def judge(approve: Run, other: Run) -> str:
        state = TokenRequest.objects.get(pk=asked.pk).state
        lines = [count_lines(f"request.{name}", asked.pk) for name in ("approve", answer)]
        right = {
            "withdraw": not other.refused and state == RequestState.WITHDRAWN,
            "refuse": state == (RequestState.APPROVED if other.refused else RequestState.REFUSED),
            "approve": state == RequestState.APPROVED,
        }
        refused = {approve.refused, other.refused} - {""}
        return wrong(
            its_state_is_the_answer=right[answer],
            one_of_both_is_told=refused == {Code.REQUEST_ANSWERED} or (answer == "withdraw" and not refused),
            one_line_for_each_that_was_done=sum(set(lines) if answer == "approve" else lines)
            == (approve.refused, other.refused).count(""),
        )

    return Trial(partial(requests.approve, asked, actor=admin, now=NOW), acts[answer], judge)


def use_and(answer: str) -> Trial:
    """An approval is used, and used again or withdrawn: one token at most, and none where it was withdrawn."""
    asked = _asked(RequestState.APPROVED)
    use = partial(lifecycle.issue_approved, asked, actor=asked.person, now=NOW)
    withdraw = partial(requests.withdraw, asked, actor=asked.person, now=NOW)

    def judge(one: Run, other: Run) -> str:
        tokens = tokens_of(asked.person)
        used = (one, other) if answer == "use" else (one,)
        return all_of(
            wrong(
                one_of_both_was_done=(one.refused, other.refused).count("") == 1,
                a_token_for_each_use=len(tokens) == [run.refused for run in used].count(""),
                it_works=secrets_that_work(*map(secret_of, used)) == len(tokens),
            ),
            broken_trail(*tokens),
        )

    return Trial(use, use if answer == "use" else withdraw, judge)


RACES = [
    Race("regenerate x regenerate", "exactly one secret works", regenerate_twice),
    Race("rotate x rotate", "one new secret beside the old one, never three", rotate_twice),
    Race("rotate x regenerate", "what a regeneration stops, a rotation does not keep", rotate_and_regenerate),
    Race("suspend x resume", "the token is as the last of both says", suspend_and_resume),
    Race("activate x activate", "taken once", activate_twice),
    Race("approve x withdraw", "what was withdrawn is withdrawn", partial(approve_and, "withdraw")),
    Race("approve x refuse", "one answer", partial(approve_and, "refuse")),
    Race("approve x approve", "one answer", partial(approve_and, "approve")),
    Race("use x use of an approval", "one token", partial(use_and, "use")),
    Race("use x withdraw of an approval", "a token or none, as it was answered", partial(use_and, "withdraw")),
]
