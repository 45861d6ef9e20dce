"""Tokens for a class, for who teaches it: made, watched, reminded of, revoked. Students `activate` theirs."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.contract import LINK, PAGE, PER_PAGE, endpoint
from accounts.listing import page_of
from accounts.models import Course
from accounts.moments import MomentField
from accounts.parameters import number_in
from accounts.people import membership
from policies.bodies import ExpiryField, Said, TextField, TextsField
from policies.refusals import Code, refuse
from tokens import classes, tasks
from tokens.api.base import KEY, TokenView
from tokens.classes import Progress, Teaching
from tokens.idempotency import check_key
from tokens.models import ClassIssue, ClassItem
from tokens.serializers import ReasonSerializer

TAG = "Class tokens"
_COURSE = OpenApiParameter("course_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="A course: its number.")
_ISSUE = OpenApiParameter("issue_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="An issue: its number.")


class ClassIssueSerializer(serializers.ModelSerializer[ClassIssue]):
    """One token for each student of a course; never a secret. Needs `progress` by issue in its context."""

    made_by = serializers.IntegerField(source="maker_id")
    scopes = serializers.ListField(child=serializers.CharField())
    expires_at = MomentField()
    made_at = MomentField()
    reminded_at = MomentField(allow_null=True)
    revoked_at = MomentField(allow_null=True)
    tokens = serializers.SerializerMethodField(help_text="How many were made.")
    picked_up = serializers.SerializerMethodField(help_text="How many of them have their secret.")
    without_token = serializers.SerializerMethodField(help_text="How many students get none.")
    being_made = serializers.SerializerMethodField(help_text="How many are still to be made; over 500 take a moment.")

    class Meta:
        model = ClassIssue
        fields = (
            "id",
            "course_id",
            "purpose",
            "scopes",
            "expires_at",
            "made_by",
            "made_at",
            "reminded_at",
            "revoked_at",
            "tokens",
            "picked_up",
            "without_token",
            "being_made",
        )

    def _progress(self, issue: ClassIssue) -> Progress:
        found: Progress = self.context["progress"].get(issue.pk, Progress())
        return found

    def get_tokens(self, issue: ClassIssue) -> int:
        return self._progress(issue).made

    def get_picked_up(self, issue: ClassIssue) -> int:
        return self._progress(issue).picked_up

    def get_without_token(self, issue: ClassIssue) -> int:
        return self._progress(issue).refused

    def get_being_made(self, issue: ClassIssue) -> int:
        return self._progress(issue).making


class ClassItemSerializer(serializers.ModelSerializer[ClassItem]):
    """One student: whether they have picked theirs up, or why they have none. Needs `now` in its context."""

    user_id = serializers.IntegerField(source="student_id")
    name = serializers.CharField(source="student.name")
    state = serializers.SerializerMethodField(help_text="`picked_up`, `waiting`, `ended`, `refused` or `making`.")
    picked_up_at = MomentField(allow_null=True)
    refused = serializers.CharField(help_text="The code of why there is none; else empty.")

    class Meta:
        model = ClassItem
        fields = ("id", "user_id", "name", "state", "picked_up_at", "refused")

    def get_state(self, item: ClassItem) -> str:
        return classes.row_of(item, self.context["now"]).state


class NewClassIssueSerializer(Said):
    purpose = TextField()
    expires_at = ExpiryField(help_text="As with a token of one's own, within the limit of the course's students.")
    scopes = TextsField()


class ClassActSerializer(Said):
    act = TextField(
        help_text="`add`: make them for students who have none. `remind` those who have not picked theirs up, at most "
        "once a day."
    )


class ClassView(TokenView):
    @property
    def teaching(self) -> Teaching:
        return Teaching.of(membership(self.caller, now=self.now))

    def find_course(self, reference: str) -> Course:
        return self.teaching.get_course(number_in(reference))

    def find_issue(self, reference: str) -> ClassIssue:
        return self.teaching.get_issue(number_in(reference))

    def tell(self, issues: list[ClassIssue]) -> Any:
        progress = classes.progress_of_many([issue.pk for issue in issues], now=self.now)
        return ClassIssueSerializer(issues, many=True, context={"progress": progress}).data

    def answer_issue(self, issue: ClassIssue) -> Response:
        [told] = self.tell([self.find_issue(str(issue.pk))])
        return Response(told)


class IssuesOfCourse(ClassView):
    asks_again = ("POST",)

    @endpoint(
        "list_class_issues",
        ClassIssueSerializer(many=True),
        refusals=[404],
        parameters=[_COURSE, PER_PAGE, PAGE, LINK],
        tag=TAG,
    )
    def get(self, request: Request, course_id: str) -> Response:
        """List what was made for the students of a course that you teach, the oldest first."""
        teaching, number = self.teaching, number_in(course_id)
        if number not in teaching.seeing:
            teaching.get_course(number)
        page = page_of(teaching.issues.filter(course=number).order_by("pk"), request, by=None)
        return Response(self.tell(page.rows), headers={"Link": page.link})

    @endpoint(
        "make_class_tokens",
        ClassIssueSerializer,
        refusals=[404, 422],
        parameters=[_COURSE, KEY],
        request=NewClassIssueSerializer,
        tag=TAG,
    )
    def post(self, _request: Request, course_id: str) -> Response:
        """Make a token for each student of a course that you teach. They wait, without a secret, to be picked up.

        Students who may have none are left out; the items say why.
        """
        self.require_manage()
        course = self.find_course(course_id)
        key = check_key(self.request.headers.get("Idempotency-Key"))
        said = self.said(NewClassIssueSerializer, zone=self.caller.zone)
        asked = {"purpose": said.get("purpose"), "expires_at": said.get("expires_at"), "scopes": said.get("scopes", ())}
        issue = classes.make(course, **asked, actor=self.caller, now=self.now, key=f"api:{key}" if key else "")
        if (issue.course_id, issue.purpose) != (course.pk, (asked["purpose"] or "").strip()):
            raise refuse(Code.IDEMPOTENCY_MISMATCH)
        tasks.start_classes()
        return self.answer_issue(issue)


class OneIssue(ClassView):
    asks_again = ("PUT",)

    @endpoint("get_class_issue", ClassIssueSerializer, refusals=[404], parameters=[_ISSUE], tag=TAG)
    def get(self, _request: Request, issue_id: str) -> Response:
        """Say how many have picked theirs up."""
        return self.answer_issue(self.find_issue(issue_id))

    @endpoint(
        "tend_class_issue",
        ClassIssueSerializer,
        refusals=[404, 409],
        parameters=[_ISSUE],
        request=ClassActSerializer,
        tag=TAG,
    )
    def put(self, _request: Request, issue_id: str) -> Response:
        """Make more for students who came later, or remind those who have not picked theirs up."""
        self.require_manage()
        issue, act = self.find_issue(issue_id), self.said(ClassActSerializer).get("act")
        if act == "add":
            self.find_course(str(issue.course_id))
            classes.add_new(issue, actor=self.caller, now=self.now)
            tasks.start_classes()
        elif act == "remind":
            classes.remind(issue, actor=self.caller, now=self.now)
        else:
            raise refuse(Code.CLASS_ACT_UNKNOWN, "act")
        return self.answer_issue(issue)

    @endpoint(
        "revoke_class_issue",
        ClassIssueSerializer,
        refusals=[404],
        parameters=[_ISSUE],
        request=ReasonSerializer,
        tag=TAG,
    )
    def delete(self, _request: Request, issue_id: str) -> Response:
        """Revoke every token of the class, picked up or not; no others of its students."""
        self.require_manage()
        issue = self.find_issue(issue_id)
        classes.revoke(issue, actor=self.caller, now=self.now, reason=self.reason())
        return self.answer_issue(issue)


class ItemsOfIssue(ClassView):
    @endpoint(
        "list_class_items",
        ClassItemSerializer(many=True),
        refusals=[404],
        parameters=[_ISSUE, PER_PAGE, PAGE, LINK],
        tag=TAG,
    )
    def get(self, request: Request, issue_id: str) -> Response:
        """List the students, and whether each has picked theirs up."""
        found = classes.items_of(self.find_issue(issue_id)).order_by("pk")
        page = page_of(found, request, by=None)
        return Response(
            ClassItemSerializer(page.rows, many=True, context={"now": self.now}).data, headers={"Link": page.link}
        )
