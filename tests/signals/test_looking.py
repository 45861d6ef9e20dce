"""The job: what was counted becomes one flag, with its line and, after a while, a word to the owner."""

from datetime import UTC, datetime, timedelta

import pytest
from django.apps.registry import Apps
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.roles import Base
from policies.refusals import Code, Refused
from tests.cast import NOW, School, enroll, person, role, token
from tokens import notifications, tasks, usage
from tokens.models import AccessToken, Flag, FlagState, Notice, Watch
from tokens.signals import answering
from tokens.signals.founding import found_watches
from tokens.signals.looking import look_in_batches
from tokens.signals.rules import RULES, Rule
from tokens.signals.watching import inherit, watch, watched
from tokens.usage import ACCEPTED, DayUse, Use

LATER = NOW + timedelta(days=15)
NEXT = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def watching_since_now(school: School) -> None:
    """Every rule has been switched on now."""
    Watch.objects.update(since=NOW)


def use(made: AccessToken, count: int, at: datetime, outcome: str = ACCEPTED, networks: int = 1) -> None:
    """Count so many uses of a token, from so many networks."""
    day = DayUse()
    for n in range(count):
        day.add(Use(at, outcome, "/verify", f"198.51.{n % networks}.7", "curl/8.9"))
    usage.write({(made.pk, at.astimezone(UTC).date().isoformat()): day}, now=at)


def look(now: datetime) -> tuple[int, int]:
    looked = list(look_in_batches(now=now))
    return sum(each.raised for each in looked), sum(each.grown for each in looked)


def flagged(made: AccessToken) -> list[tuple[str, str, int]]:
    return [(flag.rule, flag.state, flag.count) for flag in Flag.objects.filter(token=made).order_by("pk")]


def test_what_a_rule_finds_is_flagged_once_and_grows_with_what_is_seen(school: School) -> None:
    made, quiet = token(school.student).token, token(school.student).token
    use(made, 6, NOW, networks=3)
    use(quiet, 6, NOW, networks=2)
    assert look(NOW) == (1, 0)
    assert look(NEXT) == (0, 0)
    assert flagged(made) == [("networks", "open", 3)]
    use(made, 5, NOW, networks=5)
    assert look(NEXT) == (0, 1)
    assert flagged(made) == [("networks", "open", 5)]
    assert flagged(quiet) == []
    [line] = AuditEvent.objects.filter(action="flag.raise")
    assert (line.actor, line.person, line.after["rule"]) == (None, school.student, "networks")


def test_a_token_lives_on_whatever_is_found(school: School) -> None:
    made = token(school.student).token
    use(made, 9, NOW, networks=9)
    look(NOW)
    flag = Flag.objects.get()
    answering.confirm(flag, actor=school.admin, now=NOW)
    made.refresh_from_db()
    assert made.is_live(NOW)


def test_a_rule_watches_for_two_weeks_before_it_tells_the_owner(school: School) -> None:
    made = token(school.student, days=60).token
    use(made, 6, NOW, networks=3)
    look(NOW)
    assert not Notice.objects.filter(event="flag.raise").exists()
    use(made, 6, LATER, networks=4)
    look(LATER)
    look(LATER)
    [notice] = Notice.objects.filter(event="flag.raise")
    assert notice.person == school.student
    notifications.deliver(now=LATER)
    [letter] = mail.outbox
    assert "Used from 4 networks between" in letter.body


def test_a_dead_token_that_is_tried_is_flagged_and_a_refusal_for_its_scope_is_not(school: School) -> None:
    dead, live = token(school.student).token, token(school.student).token
    use(dead, 20, NOW, "revoked")
    use(live, 90, NOW, "insufficient_scope")
    look(NOW)
    assert (flagged(dead), flagged(live)) == ([("tried", "open", 20)], [])


def test_the_tokens_of_ten_students_at_one_place_are_flagged_and_that_of_a_teacher_there_is_not(
    school: School,
) -> None:
    students = [person(f"s{n}") for n in range(10)]
    for each in students:
        enroll(each, role(Base.STUDENT), course=school.history)
    made = [token(each).token for each in [*students, school.teacher]]
    for one in made[:9]:
        use(one, 1, NOW)
    assert look(NOW) == (0, 0)
    for one in made[9:]:
        use(one, 1, NOW)
    assert look(NOW) == (10, 0)
    assert flagged(made[0]) == [("shared", "open", 10)]
    assert flagged(made[-1]) == []


def dismissed(school: School) -> tuple[AccessToken, Flag]:
    made = token(school.student, days=90).token
    use(made, 6, NOW, networks=3)
    look(NOW)
    return made, answering.dismiss(Flag.objects.get(), actor=school.admin, now=NOW, reason="His phone and two labs")


def test_what_was_dismissed_is_silent_for_thirty_days(school: School) -> None:
    made, _flag = dismissed(school)
    use(made, 6, NOW + timedelta(days=29), networks=5)
    assert look(NOW + timedelta(days=29)) == (0, 0)
    use(made, 6, NOW + timedelta(days=30), networks=3)
    assert look(NOW + timedelta(days=30)) == (1, 0)


def test_what_was_dismissed_is_raised_again_with_twice_the_count(school: School) -> None:
    made, _flag = dismissed(school)
    use(made, 6, NEXT, networks=6)
    assert look(NEXT) == (1, 0)
    assert flagged(made) == [("networks", "dismissed", 3), ("networks", "open", 6)]


def test_what_was_confirmed_is_raised_again_by_another_day_alone(school: School) -> None:
    made = token(school.student).token
    use(made, 6, NOW, networks=3)
    look(NOW)
    answering.confirm(Flag.objects.get(), actor=school.admin, now=NOW)
    assert look(NEXT) == (0, 0)
    use(made, 6, NOW + timedelta(days=1), networks=3)
    assert look(NOW + timedelta(days=1)) == (1, 0)


def test_the_owner_says_what_it_was_and_an_administrator_decides(school: School) -> None:
    made = token(school.student).token
    use(made, 6, NOW, networks=3)
    look(NOW)
    flag = answering.explain(Flag.objects.get(), " This was\nmy script ", actor=school.student, now=NOW)
    assert (flag.state, flag.words) == (FlagState.EXPLAINED, "This was my script")
    assert look(NEXT) == (0, 0)
    flag = answering.confirm(flag, actor=school.admin, now=NEXT, reason="It was not")
    with pytest.raises(Refused) as explained:
        answering.explain(flag, "It was", actor=school.student, now=NEXT)
    with pytest.raises(Refused) as dismissing:
        answering.dismiss(flag, actor=school.admin, now=NEXT, reason="It was")
    assert explained.value.code == dismissing.value.code == Code.FLAG_DECIDED
    told = AuditEvent.objects.filter(subject_id=flag.pk, action__startswith="flag.").order_by("pk")
    assert [line.action for line in told] == ["flag.raise", "flag.explain", "flag.confirm"]
    assert told[1].after["words"] == "This was my script"


@pytest.mark.parametrize("words", ["", "  ", "x" * 256])
def test_words_and_reasons_have_to_be_given(school: School, words: str) -> None:
    made = token(school.student).token
    use(made, 6, NOW, networks=3)
    look(NOW)
    flag = Flag.objects.get()
    with pytest.raises(Refused):
        answering.explain(flag, words, actor=school.student, now=NOW)
    with pytest.raises(Refused):
        answering.dismiss(flag, actor=school.admin, now=NOW, reason=words)


def test_nobody_decides_on_the_use_of_their_own_token(school: School) -> None:
    made = token(school.admin).token
    use(made, 6, NOW, networks=3)
    look(NOW)
    with pytest.raises(Refused) as refused:
        answering.dismiss(Flag.objects.get(token=made), actor=school.admin, now=NOW, reason="Mine")
    assert refused.value.code == Code.FLAG_OF_ONESELF


def test_the_nearest_account_that_says_something_of_a_rule_is_heard(school: School) -> None:
    historian, physicist = token(school.student).token, token(school.admin).token
    watch(school.arts, Rule.NETWORKS, is_on=True, limits={"networks": 5}, actor=school.admin, now=NOW)
    for made in (historian, physicist):
        use(made, 6, NOW, networks=4)
    assert look(NOW) == (1, 0)
    assert (flagged(historian), flagged(physicist)) == ([], [("networks", "open", 4)])
    watch(school.root, Rule.NETWORKS, is_on=False, limits={}, actor=school.admin, now=NOW)
    use(historian, 6, NOW, networks=6)
    assert look(NOW) == (1, 0)
    inherit(school.arts, Rule.NETWORKS, actor=school.admin, now=NOW)
    assert not next(each for each in watched(school.arts) if each.rule == Rule.NETWORKS).is_on
    lines = AuditEvent.objects.filter(action="signal.change").order_by("pk")
    assert [(line.account, line.after.get("is_on")) for line in lines] == [
        (school.arts, True),
        (school.root, False),
        (school.arts, None),
    ]


def test_a_rule_watches_anew_when_its_limits_change_and_not_when_they_are_saved_as_they_are(school: School) -> None:
    facts = {"is_on": True, "actor": school.admin, "now": LATER}
    same = watch(school.root, Rule.TRIED, limits=RULES[Rule.TRIED].usual, **facts)  # type: ignore[arg-type]
    assert (same.since, same.only_watches(LATER)) == (NOW, False)
    assert not AuditEvent.objects.filter(action="signal.change").exists()
    other = watch(school.root, Rule.TRIED, limits={"tries": 5}, **facts)  # type: ignore[arg-type]
    assert (other.since, other.only_watches(LATER)) == (LATER, True)
    with pytest.raises(Refused) as refused:
        watch(school.root, Rule.TRIED, limits={"tries": 0}, **facts)  # type: ignore[arg-type]
    assert refused.value.code == Code.NUMBER_OUT_OF_RANGE


@pytest.fixture
def flag(school: School) -> Flag:
    use(token(school.student).token, 6, NOW, networks=3)
    look(NOW)
    return Flag.objects.get()


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "gone"},
        {"state": "explained"},
        {"state": "confirmed"},
        {"words": "without a time"},
        {"last_at": NOW - timedelta(days=1)},
        {"rule": "jump"},
    ],
)
def test_the_database_refuses_what_makes_no_sense(flag: Flag, wrong: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Flag.objects.filter(pk=flag.pk).update(**wrong)


def test_the_database_keeps_what_was_decided_and_lets_one_be_undecided(school: School, flag: Flag) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Flag.objects.create(token=flag.token, rule=flag.rule, numbers={"count": 1}, first_at=NOW, last_at=NOW)
    answering.dismiss(flag, actor=school.admin, now=NOW, reason="Known")
    with pytest.raises(IntegrityError), transaction.atomic():
        Flag.objects.filter(pk=flag.pk).update(reason="Another")


def test_words_that_are_sent_twice_are_told_once(school: School, flag: Flag) -> None:
    for _ in range(2):
        flag = answering.explain(flag, "A script", actor=school.student, now=NOW)
    assert AuditEvent.objects.filter(action="flag.explain").count() == 1


def test_a_rule_that_is_left_to_the_account_above_twice_is_so_once(school: School) -> None:
    watch(school.arts, Rule.NETWORKS, is_on=False, limits={}, actor=school.admin, now=NOW)
    for _ in range(2):
        inherit(school.arts, Rule.NETWORKS, actor=school.admin, now=NOW)
    assert not Watch.objects.filter(account=school.arts).exists()
    assert AuditEvent.objects.filter(action="signal.change").count() == 2  # switched off, and left to the root


def test_where_nobody_minds_shared_tokens_none_are_flagged(school: School) -> None:
    for n in range(10):
        each = person(f"s{n}")
        enroll(each, role(Base.STUDENT), course=school.history)
        use(token(each).token, 1, NOW)
    watch(school.root, Rule.SHARED, is_on=False, limits={}, actor=school.admin, now=NOW)
    assert look(NOW) == (0, 0)
    watch(school.root, Rule.SHARED, is_on=True, limits={}, actor=school.admin, now=NOW)
    assert look(NOW) == (10, 0)


def test_the_job_flags_what_was_used_unusually(school: School) -> None:
    now = timezone.now()
    made = token(school.student, now=now).token
    use(made, 6, now, networks=3)
    assert tasks.look_for_signals() == 1
    assert flagged(made) == [("networks", "open", 3)]
    assert tasks.look_for_signals() == 0


def test_every_rule_is_watched_for_in_the_root_and_what_is_set_stays(school: School) -> None:
    Watch.objects.exclude(rule=Rule.TRIED).delete()
    Watch.objects.update(is_on=False)
    found_watches(apps=Apps())  # as after migrating back to before there were any
    assert Watch.objects.count() == 1
    found_watches()
    assert dict(Watch.objects.values_list("rule", "is_on")) == {rule: rule != Rule.TRIED for rule in RULES}
