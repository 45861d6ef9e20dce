"""Asking for a token, and answering those who ask."""

from datetime import datetime
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.reach import get_account
from accounts.contract import ACCOUNT, LINK, PAGE, PER_PAGE, endpoint
from accounts.listing import page_of
from accounts.moments import MomentField
from accounts.parameters import number_in
from accounts.people import homed_in, membership
from accounts.roles import Permission
from tokens import permissions, requests
from tokens.api.base import TokenView
from tokens.models import RequestState, TokenRequest
from tokens.serializers import (
    ApprovalSerializer,
    NewRequestSerializer,
    ReasonSerializer,
)

TAG = "Requests"
_REQUEST = OpenApiParameter("request_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="A request: its number.")
_STATE = OpenApiParameter("state", OpenApiTypes.STR, enum=RequestState.values, description="Only those in this state.")


class TokenRequestSerializer(serializers.ModelSerializer[TokenRequest]):
    """What somebody asks for, and what became of it."""

    user_id = serializers.IntegerField(source="person_id")
    scopes = serializers.ListField(child=serializers.CharField())
    expires_at = MomentField(allow_null=True, help_text="The end that is asked for; null for none.")
    created_at = MomentField(source="made_at")
    decided_at = MomentField(allow_null=True)
    decided_by = serializers.IntegerField(
        source="decided_by_id", allow_null=True, help_text="Null: nobody, or at once."
    )
    approved_end = MomentField(allow_null=True)
    token_id = serializers.IntegerField(allow_null=True, help_text="The token that its owner made of it.")

    class Meta:
        model = TokenRequest
        fields = (
            "id",
            "user_id",
            "purpose",
            "why",
            "scopes",
            "expires_at",
            "state",
            "created_at",
            "decided_at",
            "decided_by",
            "approved_end",
            "reason",
            "token_id",
        )


def _answer(request: TokenRequest) -> Response:
    return Response(TokenRequestSerializer(request).data)


class OwnRequests(TokenView):
    @endpoint("list_own_token_requests", TokenRequestSerializer(many=True), parameters=[PER_PAGE, PAGE, LINK], tag=TAG)
    def get(self, request: Request) -> Response:
        """List what you have asked for, the oldest first."""
        page = page_of(TokenRequest.objects.filter(person=self.caller).order_by("pk"), request, by=None)
        return Response(TokenRequestSerializer(page.rows, many=True).data, headers={"Link": page.link})

    @endpoint("ask_for_token", TokenRequestSerializer, request=NewRequestSerializer, tag=TAG)
    def post(self, _request: Request) -> Response:
        """Ask for a token, where somebody has to approve it, or for one that lives longer than your limit.

        Once it is approved you generate it in the pages, under “My access tokens”: only there its secret is shown.
        """
        _require_asking(self)
        said: dict[str, Any] = self.said(NewRequestSerializer, zone=self.caller.zone).get("token_request") or {}
        return _answer(
            requests.ask(
                self.caller,
                purpose=said.get("purpose"),
                why=said.get("why"),
                expires_at=said.get("expires_at"),
                scopes=said.get("scopes", ()),
                now=self.now,
            )
        )


class OwnRequest(TokenView):
    @endpoint("withdraw_token_request", TokenRequestSerializer, refusals=[404], parameters=[_REQUEST], tag=TAG)
    def delete(self, _request: Request, request_id: str) -> Response:
        """Withdraw what you have asked for, also if it was approved and not used."""
        _require_asking(self)
        asked = permissions.get_own_request(self.caller, number_in(request_id) or 0)
        return _answer(requests.withdraw(asked, actor=self.caller, now=self.now))


class RequestsOfAccount(TokenView):
    @endpoint(
        "list_token_requests",
        TokenRequestSerializer(many=True),
        refusals=[404],
        parameters=[ACCOUNT, _STATE, PER_PAGE, PAGE, LINK],
        tag=TAG,
    )
    def get(self, request: Request, account_id: str) -> Response:
        """List what people of an account ask for, as far as you may answer them, with `tokens.create`."""
        account = get_account(self.caller, account_id, Permission.TOKENS_CREATE, now=self.now)
        known = membership(self.caller, now=self.now)
        found = permissions.requests_to_answer(self.caller, known, now=self.now)
        found = found.filter(person__in=homed_in([account.pk], now=self.now)).order_by("pk")
        state = request.query_params.get("state", "")
        is_known = state in RequestState.values
        page = page_of(
            found.filter(state=state) if is_known else found,
            request,
            by=None,
            kept=[("state", state)] if is_known else [],
        )
        return Response(TokenRequestSerializer(page.rows, many=True).data, headers={"Link": page.link})


class Approve(TokenView):
    @endpoint(
        "approve_token_request",
        TokenRequestSerializer,
        refusals=[404],
        parameters=[_REQUEST],
        request=ApprovalSerializer,
        tag=TAG,
    )
    def post(self, _request: Request, request_id: str) -> Response:
        """Let somebody make the token that they ask for, with an earlier end if `expires_at` gives one.

        Needs `tokens.create` over them; beyond their limit `policy.edit` too, which exempts them for so long.
        """
        self.require_manage()
        asked = _asked(self, request_id)
        end: datetime | None = self.said(ApprovalSerializer, zone=asked.person.zone).get("expires_at")
        return _answer(requests.approve(asked, actor=self.caller, now=self.now, no_later_than=end))


class Refuse(TokenView):
    @endpoint(
        "refuse_token_request",
        TokenRequestSerializer,
        refusals=[404],
        parameters=[_REQUEST],
        request=ReasonSerializer,
        tag=TAG,
    )
    def post(self, _request: Request, request_id: str) -> Response:
        """Say no, and why in `reason`; the asker is told. Needs `tokens.create` over them."""
        self.require_manage()
        asked, reason = _asked(self, request_id), self.reason().text
        return _answer(requests.turn_down(asked, actor=self.caller, now=self.now, reason=reason))


def _require_asking(view: TokenView) -> None:
    """Let a token ask that may do what its owner may, or was made for it; raise InsufficientScope for others."""
    if view.bearer is not None and view.bearer.token.scopes:
        view.require_manage()


def _asked(view: TokenView, request_id: str) -> TokenRequest:
    return permissions.get_request_to_answer(view.caller, number_in(request_id) or 0, now=view.now)
