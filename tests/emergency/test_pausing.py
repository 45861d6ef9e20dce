"""An emergency stop that can be lifted: whom it stops, from when on, and who may make and lift it."""

import itertools
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from accounts.audit import AuditEvent
from accounts.models import User
from accounts.people import membership, memberships
from accounts.roles import Base, Permission
from policies.refusals import Code, Refused
from tests.cast import NOW, School, enroll, person, role, token
from tokens import emergency, lifecycle
from tokens.emergency import Target, target_of
from tokens.models import AccessToken, Pause, PausedToken, State
from tokens.models.pause import people_hit
from tokens.stops import Stop, Whom
from tokens.verification import Outcome, verify, verify_many

DAY = timedelta(days=1)


def everything() -> Target:
    return target_of(None, Whom.EVERYTHING)


def pause(target: Target, actor: User | None = None) -> Pause:
    return emergency.pause(target, reason="Something is wrong", actor=actor, now=NOW)


def targets(school: School) -> list[Target]:
    return [
        everything(),
        target_of(None, Whom.ACCOUNT, account=school.arts),
        target_of(None, Whom.ACCOUNT, account=school.root),
        target_of(None, Whom.ROLE, account=school.root, base=Base.STUDENT),
        target_of(None, Whom.ROLE, account=school.arts, base=Base.ADMIN),
        target_of(None, Whom.COURSE, course=school.history),
        target_of(None, Whom.COURSE, course=school.history, account=school.arts),
    ]


def test_a_pause_bites_on_the_next_check_and_its_lifting_too(school: School) -> None:
    made = token(school.student)
    for target in (everything(), target_of(None, Whom.COURSE, course=school.history)):
        paused = pause(target)
        assert verify(made.secret, now=NOW).outcome == Outcome.PAUSED
        assert verify(made.secret, now=NOW, with_membership=True).outcome == Outcome.PAUSED
        assert verify_many([made.secret], now=NOW)[0].outcome == Outcome.PAUSED
        emergency.lift(paused, actor=None, now=NOW)
        assert verify(made.secret, now=NOW).is_live
        assert verify_many([made.secret], now=NOW)[0].is_live


def test_a_token_that_is_made_meanwhile_is_paused_too(school: School) -> None:
    pause(everything())
    assert verify(token(school.student).secret, now=NOW).outcome == Outcome.PAUSED
    assert verify(token(school.admin).secret, now=NOW).outcome == Outcome.PAUSED


def test_two_pauses_are_both_to_be_lifted(school: School) -> None:
    made = token(school.student)
    first, second = pause(everything()), pause(target_of(None, Whom.COURSE, course=school.history))
    emergency.lift(first, actor=None, now=NOW)
    assert verify(made.secret, now=NOW).outcome == Outcome.PAUSED
    emergency.lift(second, actor=None, now=NOW)
    assert verify(made.secret, now=NOW).is_live


def test_a_token_that_waits_or_has_ended_is_told_so_and_is_refused_as_before(school: School) -> None:
    pending = token(school.student, actor=school.admin)
    ended = token(school.student)
    lifecycle.revoke(ended.token, actor=school.student, now=NOW)
    pause(everything())
    assert verify(pending.secret, now=NOW).outcome == Outcome.PENDING
    assert verify(ended.secret, now=NOW).outcome == Outcome.REVOKED


def test_a_person_is_stopped_by_where_their_home_is_and_by_the_roles_that_count_now(school: School) -> None:
    pause(target_of(None, Whom.ACCOUNT, account=school.arts))
    made = token(school.student)
    assert verify(made.secret, now=NOW).outcome == Outcome.PAUSED
    # With a role in another faculty the student's home is the whole school.
    enroll(school.student, role(Base.STUDENT), course=school.physics, ends_at=NOW + DAY)
    assert verify(made.secret, now=NOW).is_live
    assert verify(made.secret, now=NOW + DAY).outcome == Outcome.PAUSED


def test_somebody_without_any_role_is_at_home_in_the_root_account(school: School) -> None:
    made = token(school.outsider)
    paused = pause(target_of(None, Whom.ACCOUNT, account=school.arts))
    assert verify(made.secret, now=NOW).is_live
    emergency.lift(paused, actor=None, now=NOW)
    pause(target_of(None, Whom.ACCOUNT, account=school.root))
    assert verify(made.secret, now=NOW).outcome == Outcome.PAUSED


def test_row_database_and_check_agree_on_what_is_live_while_something_is_paused(school: School) -> None:
    enroll(school.other_student, role(Base.TA), course=school.physics)
    enroll(school.teacher, role(Base.STUDENT), course=school.history, ends_at=NOW + DAY)
    owners = list(User.objects.all())
    secrets = {issued.token.pk: issued.secret for issued in (token(owner, days=20) for owner in owners)}
    counts = []
    for target, moment in itertools.product(targets(school), (NOW, NOW + DAY)):
        paused = pause(target)
        by_check = {pk for pk, secret in secrets.items() if verify(secret, now=moment).is_live}
        by_database = set(AccessToken.objects.live(now=moment).values_list("pk", flat=True))
        by_row = {each.pk for each in AccessToken.objects.select_related("user") if each.is_live(moment)}
        assert by_check == by_database == by_row
        counts.append(len(secrets) - len(by_check))
        emergency.lift(paused, actor=None, now=NOW)
    assert counts == [7, 7, 3, 3, 7, 7, 3, 2, 1, 1, 3, 3, 2, 2]


def test_pure_rule_and_database_agree_on_whom_a_stop_hits(school: School) -> None:
    helper = person("helper")
    enroll(helper, role(Base.ADMIN, "Help desk", (Permission.TOKENS_DELETE,)), account=school.arts)
    rights: tuple[frozenset[Permission] | None, ...] = (None, frozenset(), frozenset({Permission.TOKENS_DELETE}))
    people = memberships(User.objects.values_list("pk", flat=True), now=NOW)
    sizes = set()
    for account, base, course, right in itertools.product(
        (None, school.root.pk, school.arts.pk), (None, *Base), (None, school.history.pk), rights
    ):
        stop = Stop(account, base, course, right)
        by_rule = {pk for pk, known in people.items() if stop.hits(known.standing, known.home)}
        assert by_rule == set(User.objects.filter(people_hit(stop, now=NOW)).values_list("pk", flat=True))
        sizes.add(len(by_rule))
    assert sizes >= {0, 1, 2, len(people)}


def test_nobody_stops_the_tokens_of_who_holds_rights_that_they_lack(school: School) -> None:
    helper = person("helper")
    enroll(helper, role(Base.ADMIN, "Help desk", (Permission.TOKENS_DELETE,)), account=school.arts)
    of_student, of_admin = token(school.student), token(school.arts_admin)
    target = target_of(membership(helper, now=NOW).standing, Whom.ACCOUNT, account=school.arts)
    paused = pause(target, helper)
    assert verify(of_student.secret, now=NOW).outcome == Outcome.PAUSED
    assert verify(of_admin.secret, now=NOW).is_live
    assert paused.figures == {"tokens": 1, "people": 1, "used": 0}
    # Who holds all rights there reaches further, beside it, and the other cannot lift that.
    wider = pause(target_of(membership(school.arts_admin, now=NOW).standing, Whom.ACCOUNT, account=school.arts))
    assert verify(of_admin.secret, now=NOW).outcome == Outcome.PAUSED
    with pytest.raises(PermissionDenied):
        emergency.lift(wider, actor=helper, now=NOW)
    emergency.lift(paused, actor=school.arts_admin, now=NOW)


def test_an_account_is_stopped_by_who_may_revoke_tokens_there_alone(school: School) -> None:
    of_arts = membership(school.arts_admin, now=NOW).standing
    assert target_of(of_arts, Whom.ACCOUNT, account=school.arts).rights is None
    for target in ({"whom": Whom.EVERYTHING}, {"whom": Whom.ACCOUNT, "account": school.science}):
        with pytest.raises(PermissionDenied):
            target_of(of_arts, **target)
    with pytest.raises(PermissionDenied):
        target_of(membership(school.teacher, now=NOW).standing, Whom.COURSE, course=school.history)
    with pytest.raises(PermissionDenied):
        emergency.lift(pause(everything()), actor=school.arts_admin, now=NOW)


def test_a_course_is_stopped_for_the_people_over_whom_the_right_is_held(school: School) -> None:
    enroll(school.other_student, role(Base.STUDENT), course=school.physics)  # at home in the whole school
    mine, beyond = token(school.student), token(school.other_student)
    of_arts = target_of(membership(school.arts_admin, now=NOW).standing, Whom.COURSE, course=school.history)
    assert of_arts.account == school.arts
    paused = pause(of_arts, school.arts_admin)
    assert verify(mine.secret, now=NOW).outcome == Outcome.PAUSED
    assert verify(beyond.secret, now=NOW).is_live
    emergency.lift(paused, actor=school.admin, now=NOW)
    pause(target_of(membership(school.admin, now=NOW).standing, Whom.COURSE, course=school.history))
    assert verify(beyond.secret, now=NOW).outcome == Outcome.PAUSED


def test_what_is_asked_for_has_to_fit(school: School) -> None:
    for whom in (Whom.ACCOUNT, Whom.ROLE, Whom.COURSE):
        with pytest.raises(Refused) as refused:
            target_of(None, whom)
        assert refused.value.code == Code.WHOM_UNKNOWN
    with pytest.raises(Refused):
        target_of(None, Whom.EVERYTHING, account=school.arts)


def test_the_same_is_paused_once_and_lifted_once(school: School) -> None:
    for target in targets(school):
        paused = pause(target)
        with pytest.raises(Refused) as refused:
            pause(target)
        assert refused.value.code == Code.ALREADY_PAUSED
        emergency.lift(paused, actor=None, now=NOW)
        with pytest.raises(Refused) as refused:
            emergency.lift(paused, actor=None, now=NOW)
        assert refused.value.code == Code.PAUSE_LIFTED
        emergency.lift(pause(target), actor=None, now=NOW)


def test_a_pause_needs_a_reason_and_keeps_no_token(school: School) -> None:
    made = token(school.student)
    for reason, code in (("  ", Code.REASON_MISSING), (f"Found {made.secret}", Code.REASON_HAS_TOKEN)):
        with pytest.raises(Refused) as refused:
            emergency.pause(everything(), reason=reason, actor=None, now=NOW)
        assert refused.value.code == code
    assert not Pause.objects.exists()


def test_the_trail_says_who_paused_what_and_who_lifted_it(school: School) -> None:
    token(school.student)
    AccessToken.objects.update(last_used_at=NOW - timedelta(hours=23))
    target = target_of(membership(school.arts_admin, now=NOW).standing, Whom.ACCOUNT, account=school.arts)
    paused = pause(target, school.arts_admin)
    emergency.lift(paused, actor=school.admin, now=NOW)
    made, lifted = AuditEvent.objects.filter(action__startswith="pause.").order_by("pk")
    assert (made.action, made.actor, made.account, made.reason) == (
        "pause.add",
        school.arts_admin,
        school.arts,
        "Something is wrong",
    )
    assert made.after["tokens"] == made.after["people"] == made.after["used"] == 1
    assert (lifted.action, lifted.actor, lifted.subject_id) == ("pause.lift", school.admin, paused.pk)


def test_the_database_keeps_pauses_as_they_were_made(school: School) -> None:
    paused = pause(everything())
    changes = (
        {"reason": "Another"},
        {"whom": Whom.ACCOUNT},
        {"account": school.arts},
        {"rights": ["tokens.view"]},
        {"made_at": NOW - DAY},
        {"lifted_at": NOW - DAY},
    )
    for change in changes:
        with pytest.raises(DatabaseError), transaction.atomic():
            Pause.objects.filter(pk=paused.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Pause.objects.all().delete()
    emergency.lift(paused, actor=None, now=NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        Pause.objects.filter(pk=paused.pk).update(lifted_at=None, lifted_by=None)


def test_no_token_is_touched(school: School) -> None:
    token(school.student)
    before = list(AccessToken.objects.values())
    pause(everything())
    assert list(AccessToken.objects.values()) == before
    assert before[0]["state"] == State.ACTIVE
    assert not PausedToken.objects.exists()
