"""Webhooks: added, changed, switched off and on, tested, and what each was told."""

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.reach import get_account
from accounts.contract import ACCOUNT, LINK, PAGE, PER_PAGE, endpoint
from accounts.listing import page_of
from accounts.models import Account
from accounts.moments import MomentField
from accounts.parameters import number_in
from accounts.roles import Permission
from policies.bodies import FlagField, Said, TextField, TextsField
from tokens import tasks, webhooks
from tokens.api.base import TokenView
from tokens.models import Delivery, Webhook
from tokens.webhooks import Wish

TAG = "Webhooks"
_WEBHOOK = OpenApiParameter("webhook_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="A webhook: its number.")
_MESSAGE = OpenApiParameter("message_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Its `webhook-id`.")


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    """An address that is told what happens to tokens."""

    made_by = serializers.IntegerField(source="made_by_id")
    made_at = MomentField()
    is_on = serializers.BooleanField()
    off_because = serializers.CharField(
        help_text="`asked`, `gone` (it answered 410) or `failing`; empty while it is on."
    )
    off_at = MomentField(allow_null=True)
    failing_since = MomentField(allow_null=True, help_text="When it began to take nothing.")

    class Meta:
        model = Webhook
        fields: tuple[str, ...] = (
            "id",
            "account_id",
            "url",
            "description",
            "events",
            "made_by",
            "made_at",
            "is_on",
            "off_because",
            "off_at",
            "failing_since",
        )


class AddedSerializer(WebhookSerializer):
    """A new one."""

    secret = serializers.SerializerMethodField(help_text="What messages are signed with; in this answer only.")

    class Meta(WebhookSerializer.Meta):
        fields = (*WebhookSerializer.Meta.fields, "secret")

    def get_secret(self, _webhook: Webhook) -> str:
        secret: str = self.context["secret"]
        return secret


class MessageSerializer(serializers.ModelSerializer[Delivery]):
    """One message, with the latest attempt."""

    id = serializers.CharField(source="message_id", help_text="Its `webhook-id`.")
    made_at = MomentField()
    due_at = MomentField(allow_null=True, help_text="When it is tried next.")
    tried_at = MomentField(allow_null=True)

    class Meta:
        model = Delivery
        fields = (
            "id",
            "event",
            "made_at",
            "state",
            "attempts",
            "due_at",
            "tried_at",
            "took_ms",
            "status",
            "trouble",
            "answer",
        )


class CountSerializer(serializers.Serializer[Any]):
    """How many messages are sent again."""

    count = serializers.IntegerField()


class WishSerializer(Said):
    url = TextField(help_text="Begins with https://.")
    description = TextField(help_text="What it is for, in words of yours.")
    events = TextsField(help_text="The events that it is told of, such as `token.revoke`.")


class ChangeSerializer(WishSerializer):
    """What is not named stays as it is."""

    is_on = FlagField(help_text="Whether it is told anything.")


class WebhooksOfAccount(TokenView):
    asks_again = ("POST",)

    @endpoint(
        "list_webhooks",
        WebhookSerializer(many=True),
        refusals=[404],
        parameters=[ACCOUNT, PER_PAGE, PAGE, LINK],
        tag=TAG,
    )
    def get(self, request: Request, account_id: str) -> Response:
        """List the webhooks of an account, the oldest first. Needs `policy.edit` there."""
        account = _account(self, account_id)
        page = page_of(Webhook.objects.filter(account=account).order_by("pk"), request, by=None)
        return Response(WebhookSerializer(page.rows, many=True).data, headers={"Link": page.link})

    @endpoint(
        "add_webhook", AddedSerializer, refusals=[404, 409], parameters=[ACCOUNT], request=WishSerializer, tag=TAG
    )
    def post(self, _request: Request, account_id: str) -> Response:
        """Have an address told. Needs `policy.edit` there, and `tokens:manage`."""
        self.require_manage()
        account, said = _account(self, account_id), self.said(WishSerializer)
        wish = Wish(said.get("url") or "", said.get("description") or "", tuple(said.get("events") or ()))
        added = webhooks.add(account, wish, actor=self.caller, now=self.now)
        return Response(AddedSerializer(added.webhook, context={"secret": added.secret}).data)


class OneWebhook(TokenView):
    asks_again = (
        "PUT",
        "DELETE",
    )

    @endpoint("get_webhook", WebhookSerializer, refusals=[404], parameters=[ACCOUNT, _WEBHOOK], tag=TAG)
    def get(self, _request: Request, account_id: str, webhook_id: str) -> Response:
        """Say how a webhook is. Needs `policy.edit` in its account."""
        return Response(WebhookSerializer(_found(self, account_id, webhook_id)).data)

    @endpoint(
        "change_webhook",
        WebhookSerializer,
        refusals=[404, 409],
        parameters=[ACCOUNT, _WEBHOOK],
        request=ChangeSerializer,
        tag=TAG,
    )
    def put(self, _request: Request, account_id: str, webhook_id: str) -> Response:
        """Change where it goes and what it is told of, or switch it off or on. Its secret stays."""
        self.require_manage()
        webhook, said = _found(self, account_id, webhook_id), self.said(ChangeSerializer)
        named = {name: said[name] for name in ("url", "description", "events") if said.get(name) is not None}
        if named:
            kept = {"url": webhook.url, "description": webhook.description, "events": tuple(webhook.events)}
            webhook = webhooks.change(webhook, Wish(**{**kept, **named}), actor=self.caller, now=self.now)
        if said.get("is_on") is not None:
            switch = webhooks.switch_on if said["is_on"] else webhooks.switch_off
            webhook = switch(webhook, actor=self.caller, now=self.now)
            tasks.start_webhooks()
        return Response(WebhookSerializer(webhook).data)

    @endpoint("delete_webhook", WebhookSerializer, refusals=[404], parameters=[ACCOUNT, _WEBHOOK], tag=TAG)
    def delete(self, _request: Request, account_id: str, webhook_id: str) -> Response:
        """Forget a webhook, its secret and its messages; the answer is what it was."""
        self.require_manage()
        webhook = _found(self, account_id, webhook_id)
        shown = WebhookSerializer(webhook).data
        webhooks.remove(webhook, actor=self.caller, now=self.now)
        return Response(shown)


class SendTest(TokenView):
    @endpoint("test_webhook", MessageSerializer, refusals=[404, 409, 415], parameters=[ACCOUNT, _WEBHOOK], tag=TAG)
    def post(self, _request: Request, account_id: str, webhook_id: str) -> Response:
        """Send a message that tells of nothing; the list of messages says what came of it."""
        self.require_manage()
        webhook = _found(self, account_id, webhook_id)
        made = webhooks.send_test(webhook, actor=self.caller, now=self.now)
        tasks.start_webhooks()
        return Response(MessageSerializer(made).data)


class MessagesOfWebhook(TokenView):
    @endpoint(
        "list_webhook_messages",
        MessageSerializer(many=True),
        refusals=[404],
        parameters=[ACCOUNT, _WEBHOOK, PER_PAGE, PAGE, LINK],
        tag=TAG,
    )
    def get(self, request: Request, account_id: str, webhook_id: str) -> Response:
        """List what a webhook was told in the last 30 days, the oldest first."""
        page = page_of(_found(self, account_id, webhook_id).deliveries.order_by("pk"), request, by=None)
        return Response(MessageSerializer(page.rows, many=True).data, headers={"Link": page.link})


class ReplayMessages(TokenView):
    @endpoint("replay_webhook", CountSerializer, refusals=[404, 409, 415], parameters=[ACCOUNT, _WEBHOOK], tag=TAG)
    def post(self, _request: Request, account_id: str, webhook_id: str) -> Response:
        """Send again all that was given up, under the same ids."""
        self.require_manage()
        count = webhooks.send_again(_found(self, account_id, webhook_id), actor=self.caller, now=self.now)
        tasks.start_webhooks()
        return Response({"count": count})


class ReplayMessage(TokenView):
    @endpoint(
        "replay_webhook_message",
        CountSerializer,
        refusals=[404, 409, 415],
        parameters=[ACCOUNT, _WEBHOOK, _MESSAGE],
        tag=TAG,
    )
    def post(self, _request: Request, account_id: str, webhook_id: str, message_id: str) -> Response:
        """Send one message again under the same id, whatever came of it."""
        self.require_manage()
        webhook = _found(self, account_id, webhook_id)
        message = webhook.deliveries.filter(message_id=message_id.replace("\0", "")).first()
        if message is None:
            raise Http404
        count = webhooks.send_again(webhook, [message.pk], actor=self.caller, now=self.now)
        tasks.start_webhooks()
        return Response({"count": count})


def _account(call: TokenView, account_id: str) -> Account:
    return get_account(call.caller, account_id, Permission.POLICY_EDIT, now=call.now)


def _found(call: TokenView, account_id: str, webhook_id: str) -> Webhook:
    """A webhook of an account whose policy the caller edits. Raises Http404."""
    found = Webhook.objects.filter(account=_account(call, account_id), pk=number_in(webhook_id) or 0)
    webhook = found.select_related("account").first()
    if webhook is None:
        raise Http404
    return webhook
