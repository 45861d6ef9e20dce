"""Making tokens for a class: the students are written down at once, and get theirs in batches that may die."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.audit import moment, record
from accounts.models import Course, User
from accounts.people import counting, membership
from accounts.roles import Base
from policies.decision import Decision
from policies.refusals import Code, Gathered, Refusal, refuse
from tokens import lifecycle
from tokens.classes.rights import may_make, student_decision
from tokens.classes.wording import why_none
from tokens.lifecycle import Wish
from tokens.models import ClassIssue, ClassItem
from tokens.scopes import clean_scopes
from tokens.texts import clean_purpose

AT_ONCE = 500  # students, in the transaction of the request; more are left to the job
BATCH = 500


@dataclass(frozen=True, slots=True)
class Look:
    """Who would get a token, and who would not, with the reason."""

    getting: int
    refused: list[tuple[User, Refusal]]

    @property
    def reasons(self) -> list[tuple[str, list[User]]]:
        """The reasons in words, each with those whom it keeps from one."""
        found: dict[str, list[User]] = {}
        for student, refusal in self.refused:
            found.setdefault(why_none(refusal), []).append(student)
        return list(found.items())


def students_of(course: Course, *, actor: User, now: datetime) -> QuerySet[User]:
    """The students of a course who may sign in, but for whoever makes tokens for them."""
    enrolled = counting(now).filter(course=course, role__base=Base.STUDENT).values("user")
    return User.objects.filter(pk__in=enrolled, is_active=True).exclude(pk=actor.pk)


def look(course: Course, wish: Wish | None, *, actor: User, now: datetime) -> Look:
    """Look at whom tokens would be made for; without a wish, at who could get any."""
    students = {student.pk: student for student in students_of(course, actor=actor, now=now)}
    refused = lifecycle.refusals_of(students, wish, actor=actor, now=now)
    ordered = sorted(refused, key=lambda pk: (students[pk].sortable_name or students[pk].name, pk))
    return Look(len(students) - len(refused), [(students[pk], refused[pk]) for pk in ordered])


def wish_for(
    decision: Decision,
    *,
    purpose: str | None,
    expires_at: datetime | None,
    scopes: Collection[str],
    actor: User,
) -> Wish:
    """What is asked for, checked against what holds for a student of the course. Raises every refusal at once."""
    standing = membership(actor, now=decision.now).standing
    with Gathered() as gathered:
        with gathered:
            purpose = clean_purpose(purpose)
        with gathered:
            decision.require_expiry(expires_at)
        with gathered:
            scopes = clean_scopes(scopes, standing, decision)
    gathered.require()
    if purpose is None or expires_at is None:  # refused above: a student's token has a purpose and an end
        raise refuse(Code.EXPIRY_REQUIRED, "expires_at")
    return Wish(purpose, expires_at, tuple(scopes))


def find_made(actor: User, key: str) -> ClassIssue | None:
    """What an earlier click on the same form, or the same call, has made."""
    return ClassIssue.objects.select_related("course__account").filter(maker=actor, key=key).first() if key else None


@transaction.atomic
def make(
    course: Course,
    *,
    purpose: str | None,
    expires_at: datetime | None,
    scopes: Collection[str] = (),
    actor: User,
    now: datetime,
    key: str = "",
) -> ClassIssue:
    """Make a token for each student of a course; the same key of the same person names what it made first.

    Whether `actor` may is the doors' question. Raises Refused for what no student of the course may hold.
    """
    decision = student_decision(course, now=now)
    wish = wish_for(decision, purpose=purpose, expires_at=expires_at, scopes=scopes, actor=actor)
    facts = {
        "course": course,
        "purpose": wish.purpose,
        "scopes": list(wish.scopes),
        "expires_at": wish.expires_at,
        "made_at": now,
    }
    if key:
        issue, is_new = ClassIssue.objects.get_or_create(maker=actor, key=key, defaults=facts)
        if not is_new:
            return issue
    else:
        issue = ClassIssue.objects.create(maker=actor, **facts)
    count = _write_down(issue, actor, now)
    after = {
        "course": course.code,
        "purpose": wish.purpose,
        "expires_at": moment(wish.expires_at),
        "scopes": list(wish.scopes),
        "students": count,
    }
    record("class.issue", actor=actor, now=now, account=course.account, subject_id=issue.pk, after=after)
    _give_some(issue, AT_ONCE, now)
    return issue


@transaction.atomic
def add_new(issue: ClassIssue, *, actor: User, now: datetime) -> int:
    """Make the same for the students who have none of these: who came later, and who was refused. Return how many.

    Two at once wait for each other, and the second finds nobody left. Raises Refused(class_too_late).
    """
    issue = locked(issue.pk)
    if issue.revoked_at is not None or issue.expires_at <= now:
        raise refuse(Code.CLASS_TOO_LATE)
    count = _write_down(issue, actor, now)
    if count:
        after = {"course": issue.course.code, "purpose": issue.purpose, "students": count}
        record("class.add", actor=actor, now=now, account=issue.course.account, subject_id=issue.pk, after=after)
        _give_some(issue, AT_ONCE, now)
    return count


def _write_down(issue: ClassIssue, actor: User, now: datetime) -> int:
    """Note the students who have none yet as waiting for theirs; how many."""
    again = issue.items.exclude(refused="").update(refused="", refused_with={}, made_by=actor)
    known = issue.items.values_list("student_id", flat=True)
    new = students_of(issue.course, actor=actor, now=now).exclude(pk__in=known).order_by("pk")
    rows = [ClassItem(issue=issue, student=student, made_by=actor) for student in new]
    ClassItem.objects.bulk_create(rows)
    return again + len(rows)


def waiting() -> list[int]:
    """The ids of the issues in which somebody waits for a token to be made."""
    ids = ClassItem.objects.filter(token=None, refused="").order_by("issue_id").values_list("issue_id", flat=True)
    return list(ids.distinct())


def carry_on(issue_id: int, *, clock: Callable[[], datetime], batch: int = BATCH) -> Iterator[int]:
    """Make what is left to make; yields how many students each batch came to."""
    while count := _carry_on_once(issue_id, batch, now=clock()):
        yield count


@transaction.atomic
def _carry_on_once(issue_id: int, most: int, *, now: datetime) -> int:
    return _give_some(locked(issue_id), most, now)


def locked(issue_id: int) -> ClassIssue:
    """An issue in which nobody else makes any meanwhile."""
    rows = ClassIssue.objects.select_related("course__account", "maker").select_for_update(of=("self",), no_key=True)
    return rows.get(pk=issue_id)


def _give_some(issue: ClassIssue, most: int, now: datetime) -> int:
    """Give those their token who wait for it by the same teacher, or note why not."""
    left = issue.items.filter(token=None, refused="").order_by("pk")
    first = left.select_related("made_by").first()
    if first is None:
        return 0
    actor, items = first.made_by, list(left.filter(made_by=first.made_by_id)[:most])
    by_student = {item.student_id: item for item in items}
    if issue.revoked_at is not None or issue.expires_at <= now or not may_make(actor, issue.course_id, now=now):
        _note(items, dict.fromkeys(by_student, Refusal(Code.CLASS_TOO_LATE)))
        return len(items)
    made, refused = lifecycle.issue_many(
        by_student,
        Wish(issue.purpose, issue.expires_at, tuple(issue.scopes)),
        actor=actor,
        now=now,
        about={"class": issue.pk},
        course=issue.course.code,
    )
    for student_id, token in made.items():
        by_student[student_id].token = token
    _note(items, refused)
    return len(items)


def _note(items: list[ClassItem], refused: dict[int, Refusal]) -> None:
    for item in items:
        refusal = refused.get(item.student_id)
        if refusal is not None:
            item.refused, item.refused_with = str(refusal.code), dict(refusal.params)
    ClassItem.objects.bulk_update(items, ["token", "refused", "refused_with"], batch_size=BATCH)
