"""Tokens for a class: one for each student of a course, with what each of them has got or why not."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Course, User
from tokens.models.token import AccessToken


class ClassIssue(models.Model):
    """One making of tokens for the students of a course: the same purpose, scopes and end for all."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="+")
    maker = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    purpose = models.CharField(max_length=255)
    scopes = ArrayField(models.CharField(max_length=255), default=list)
    expires_at = models.DateTimeField()
    made_at = models.DateTimeField()
    key = models.CharField(max_length=300, blank=True)  # of the form or the call that made it, which makes one
    reminded_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["maker", "key"], name="class_issue_once", condition=~Q(key="")),
        ]

    def __str__(self) -> str:
        return self.purpose


class ClassItem(models.Model):
    """A student and their token; without one, why they have none, or nothing while theirs is yet to be made."""

    issue = models.ForeignKey(ClassIssue, models.PROTECT, related_name="items", db_index=False)
    student = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    token = models.OneToOneField(AccessToken, models.PROTECT, null=True, related_name="class_item")
    refused = models.CharField(max_length=64, blank=True)  # a code of `policies.refusals`
    refused_with: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    picked_up_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issue", "student"], name="class_item_once"),
            models.CheckConstraint(name="class_item_one_outcome", condition=Q(token=None) | Q(refused="")),
            models.CheckConstraint(
                name="class_item_picked_up", condition=Q(picked_up_at=None) | Q(token__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["issue"], name="class_item_waiting", condition=Q(token=None, refused="")),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} in {self.issue_id}"
