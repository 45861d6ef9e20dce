"""The API's view of the audit trail: in the order of time, so that whoever follows it goes on where it ended."""

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.reach import caller, get_account
from accounts.audit import AuditEvent, actions_written
from accounts.contract import ACCOUNT, LINK, PAGE, PER_PAGE, endpoint
from accounts.exporting import facts_of
from accounts.listing import page_of
from accounts.reading import Trail, asked_of
from accounts.roles import Permission

_MEANINGS = {
    "kind": "What it is about, as `token`.",
    "action": "What was done, as `token.revoke`.",
    "q": "Part of a reason, or of what a person is called.",
    "whom": "Part of what the person or account is called whom it touches.",
    "by": "Part of what the person is called who did it.",
    "actor": "The number of the person who did it.",
    "person": "The number of the person whom it touches.",
    "from": "The first day, as `2026-11-26`, in the caller's time zone.",
    "to": "The last day.",
}
_FILTERS = [OpenApiParameter(name, OpenApiTypes.STR, description=meaning) for name, meaning in _MEANINGS.items()]


class AuditEventSerializer(serializers.Serializer[Any]):
    """One line of the trail."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField(help_text="In UTC, with microseconds.")
    action = serializers.CharField(help_text="`thing.verb`, as `token.revoke`.")
    actor_id = serializers.IntegerField(allow_null=True, help_text="Who did it; null for the portal itself.")
    actor = serializers.CharField(allow_null=True, help_text="Their sign-in name.")
    carried_by = serializers.CharField(allow_null=True, help_text="The lookup id of the token by which they called.")
    person_id = serializers.IntegerField(allow_null=True, help_text="Whom it touches.")
    person = serializers.CharField(allow_null=True, help_text="Their sign-in name.")
    account_id = serializers.IntegerField(allow_null=True)
    account = serializers.CharField(allow_null=True, help_text="Its name.")
    subject_id = serializers.IntegerField(allow_null=True, help_text="The number of the thing that `action` names.")
    before = serializers.DictField(help_text="What it was, as far as it changed.")
    after = serializers.DictField(help_text="What it became.")
    reason = serializers.CharField(allow_blank=True)
    request_id = serializers.CharField(allow_blank=True)
    address = serializers.CharField(allow_null=True)
    agent = serializers.CharField(allow_blank=True)

    def to_representation(self, instance: AuditEvent) -> dict[str, Any]:
        """Say what the file of the trail says."""
        return facts_of(instance)


class AuditEvents(APIView):
    @endpoint(
        "list_audit_events",
        AuditEventSerializer(many=True),
        refusals=[404],
        parameters=[ACCOUNT, *_FILTERS, PER_PAGE, PAGE, LINK],
        tag="Accounts",
    )
    def get(self, request: Request, account_id: str) -> Response:
        """List what touched an account and the people at home below it, the oldest first, with `audit.view` there."""
        now = timezone.now()
        viewer = caller(request)
        account = get_account(viewer, account_id, Permission.AUDIT_VIEW, now=now)
        actions = actions_written()
        asked = asked_of(request.query_params, actions)
        found = Trail(frozenset({account.pk}), now=now).asked(asked, actions=actions, zone=viewer.zone)
        page = page_of(found.order_by("at", "pk"), request, by="at", kept=list(asked.parameters.items()))
        return Response(AuditEventSerializer(page.rows, many=True).data, headers={"Link": page.link})
