"""Who may make tokens for a class, and see to those that were made: those who teach the course, as its account says."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import QuerySet
from django.http import Http404

from accounts.models import Course, User
from accounts.people import Membership, membership
from accounts.roles import Base, Grant, Standing
from policies.decision import Decision, decide
from policies.models import Policy
from policies.rules import ClassTokens
from tokens.models import ClassIssue

_Row = TypeVar("_Row")
_BASES: dict[ClassTokens, frozenset[Base]] = {
    ClassTokens.STAFF: frozenset({Base.TEACHER, Base.TA}),
    ClassTokens.INSTRUCTORS: frozenset({Base.TEACHER}),
    ClassTokens.NOBODY: frozenset(),
}


def courses_taught(standing: Standing) -> set[int]:
    """The courses that these roles teach, whatever their accounts say of tokens for classes."""
    staff = _BASES[ClassTokens.STAFF]
    return {each.course_id for each in standing.grants if each.course_id is not None and each.base in staff}


@dataclass(frozen=True, slots=True)
class Teaching:
    """The courses that somebody teaches now: those in which they may make tokens, and those whose they see to.

    An instructor sees to the tokens of a course, also where none are made any more; a TA while TAs may make some.
    """

    making: frozenset[int]
    seeing: frozenset[int]

    @classmethod
    def of(cls, known: Membership) -> "Teaching":
        """What the roles of a person amount to; two queries for who teaches, none for others."""
        held = {(each.course_id, each.base) for each in known.standing.grants if each.course_id is not None}
        taught = courses_taught(known.standing)
        if not taught:
            return cls(frozenset(), frozenset())
        paths = {each.pk: each.account.line for each in Course.objects.filter(pk__in=taught).select_related("account")}
        rules = Policy.objects.rules_for_many(paths.values())
        making = {pk for pk, path in paths.items() if any((pk, b) in held for b in _BASES[rules[path].class_tokens])}
        return cls(frozenset(making), frozenset(making | {pk for pk in paths if (pk, Base.TEACHER) in held}))

    @property
    def issues(self) -> QuerySet[ClassIssue]:
        """What was made for the classes that they see to, whoever made it."""
        return ClassIssue.objects.filter(course__in=self.seeing).select_related("course__account", "maker")

    @property
    def courses(self) -> QuerySet[Course]:
        """The courses for which they may make tokens."""
        return Course.objects.filter(pk__in=self.making).select_related("account").order_by("code", "pk")

    def get_course(self, number: int | None) -> Course:
        """One of these courses. Raises Http404."""
        return _found(self.courses.filter(pk=number or 0).first())

    def get_issue(self, number: int | None) -> ClassIssue:
        """One of the issues. Raises Http404."""
        return _found(self.issues.filter(pk=number or 0).first())


def _found(row: _Row | None) -> _Row:
    if row is None:
        raise Http404
    return row


def may_make(actor: User, course_id: int, *, now: datetime) -> bool:
    """Whether somebody may make tokens for this class at this moment."""
    return actor.is_active and course_id in Teaching.of(membership(actor, now=now)).making


def student_decision(course: Course, *, now: datetime) -> Decision:
    """What holds for somebody who is nothing but a student of the course: no token for its class is for more."""
    path = course.account.line
    grant = Grant(base=Base.STUDENT, label="", permissions=frozenset(), path=path, course_id=course.pk)
    return decide(Standing((grant,)), Policy.objects.rules_for(path), now=now)
