"""The mails of the school, for who reads its audit log."""

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.reach import get_account
from accounts.contract import LINK, PAGE, PER_PAGE, endpoint
from accounts.listing import page_of
from accounts.moments import MomentField
from accounts.parameters import number_in, words_in
from accounts.roles import Permission
from policies.bodies import NumberField, Said
from tokens import outbox
from tokens.api.base import TokenView
from tokens.models import Notice
from tokens.notifications import mail_of
from tokens.outbox import Stage

TAG = "Mails"
_STATE = OpenApiParameter("state", enum=Stage.values, description="Only those that are so far.")
_EVENT = OpenApiParameter("event", OpenApiTypes.STR, description="Only those of an event, such as `token.revoke`.")
_USER = OpenApiParameter("user_id", OpenApiTypes.INT, description="Only those to a person.")


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    """A mail that the portal owes somebody, or has sent."""

    user_id = serializers.IntegerField(source="person_id")
    kind = serializers.SerializerMethodField(help_text="As in the mail preferences.")
    state = serializers.SerializerMethodField()
    created_at = MomentField()
    sent_at = MomentField(allow_null=True)
    due_at = MomentField(allow_null=True, help_text="When it is tried next; null for at once, or never again.")

    class Meta:
        model = Notice
        fields = (
            "id",
            "user_id",
            "event",
            "kind",
            "state",
            "created_at",
            "sent_at",
            "due_at",
            "attempts",
            "last_error",
        )

    def get_kind(self, notice: Notice) -> str:
        return mail_of(notice.event).value

    def get_state(self, notice: Notice) -> str:
        return outbox.stage_of(notice, now=self.context["now"]).value


class RetrySerializer(Said):
    id = NumberField(help_text="Which mail; all that were given up unless you say so.")


class RetriedSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField(help_text="How many mails are tried again.")


class Outbox(TokenView):
    @endpoint(
        "list_notices",
        NoticeSerializer(many=True),
        refusals=[404],
        parameters=[_STATE, _EVENT, _USER, PER_PAGE, PAGE, LINK],
        tag=TAG,
    )
    def get(self, request: Request) -> Response:
        """List the mails of the school, the oldest first. Needs `audit.view` in the root account."""
        get_account(self.caller, "self", Permission.AUDIT_VIEW, now=self.now)
        asked = request.query_params
        state, event, user = asked.get("state", ""), words_in(asked.get("event", "")), asked.get("user_id", "")
        found = outbox.mails(stage=Stage(state) if state in Stage.values else None, event=event, now=self.now)
        if user:
            found = found.filter(person=number_in(user) or 0)
        kept = [(name, value) for name, value in (("state", state), ("event", event), ("user_id", user)) if value]
        page = page_of(found.order_by("pk"), request, by=None, kept=kept)
        shown = NoticeSerializer(page.rows, many=True, context={"now": self.now})
        return Response(shown.data, headers={"Link": page.link})


class Retry(TokenView):
    @endpoint("retry_notices", RetriedSerializer, refusals=[404], request=RetrySerializer, tag=TAG)
    def post(self, _request: Request) -> Response:
        """Try mails again that were given up: one, or all. Needs `audit.view` in the root account, `tokens:manage`."""
        self.require_manage()
        get_account(self.caller, "self", Permission.AUDIT_VIEW, now=self.now)
        said, found = self.said(RetrySerializer), Notice.objects.all()
        if said.get("id") is not None:
            found = found.filter(pk=said["id"])
            if not found.exists():
                raise Http404
        return Response({"count": outbox.retry(found, actor=self.caller, now=self.now)})
