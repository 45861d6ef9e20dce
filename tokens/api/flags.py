"""Unusual use: what rules have found, what owners say of it, and what administrators decide."""

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
from accounts.moments import MomentField
from accounts.parameters import number_in, words_in
from accounts.roles import Permission
from policies.bodies import Said, TextField
from policies.refusals import Code, refuse
from tokens import permissions
from tokens.api.base import TokenView
from tokens.models import Flag, FlagState
from tokens.signals import answering
from tokens.signals.rules import Rule
from tokens.signals.wording import sentence

TAG = "Unusual use"
_FLAG = OpenApiParameter("flag_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="A flag: its number.")
_STATE = OpenApiParameter("state", OpenApiTypes.STR, enum=FlagState.values, description="Only those in this state.")
_RULE = OpenApiParameter("rule", OpenApiTypes.STR, enum=[rule.value for rule in Rule], description="Only by this rule.")


class FlagSerializer(serializers.ModelSerializer[Flag]):
    """Unusual use of a token, which ends nothing by itself."""

    user_id = serializers.IntegerField(source="token.user_id")
    rule = serializers.ChoiceField(choices=[(rule.value, rule.value) for rule in Rule])
    sentence = serializers.SerializerMethodField(help_text="What was found, in words.")
    numbers = serializers.DictField(help_text="What was found, in numbers; which, the rule decides.")
    created_at = MomentField(source="first_at")
    updated_at = MomentField(source="last_at")
    told_at = MomentField(allow_null=True, help_text="When the owner was told; null while the rule only watches.")
    words = serializers.CharField(help_text="The owner's own; empty if they have said nothing.")
    explained_at = MomentField(allow_null=True)
    decided_at = MomentField(allow_null=True)
    decided_by = serializers.IntegerField(source="decided_by_id", allow_null=True)

    class Meta:
        model = Flag
        fields = (
            "id",
            "token_id",
            "user_id",
            "rule",
            "sentence",
            "numbers",
            "state",
            "created_at",
            "updated_at",
            "told_at",
            "words",
            "explained_at",
            "decided_at",
            "decided_by",
            "reason",
        )

    def get_sentence(self, flag: Flag) -> str:
        return sentence(flag.rule, flag.numbers)


class DecisionSerializer(Said):
    state = TextField(help_text="`confirmed` or `dismissed`.")
    reason = TextField(help_text="Why, for the audit trail; at most 255 characters. Needed to dismiss.")


class ExplanationSerializer(Said):
    words = TextField(help_text="What it was; at most 255 characters.")


class FlagsOfAccount(TokenView):
    @endpoint(
        "list_flags",
        FlagSerializer(many=True),
        refusals=[404],
        parameters=[ACCOUNT, _STATE, _RULE, PER_PAGE, PAGE, LINK],
        tag=TAG,
    )
    def get(self, request: Request, account_id: str) -> Response:
        """List the unusual use of the tokens of an account's people, the oldest first. Needs `tokens.view` there."""
        account = get_account(self.caller, account_id, Permission.TOKENS_VIEW, now=self.now)
        asked = {name: words_in(request.query_params.get(name, "")) for name in ("state", "rule")}
        kept = {name: value for name, value in asked.items() if value}
        flags = Flag.objects.below(frozenset({account.pk}), now=self.now).filter(**kept).select_related("token")
        page = page_of(flags.order_by("pk"), request, by=None, kept=list(kept.items()))
        return Response(FlagSerializer(page.rows, many=True).data, headers={"Link": page.link})


class OneFlag(TokenView):
    @endpoint("decide_flag", FlagSerializer, refusals=[404], parameters=[_FLAG], request=DecisionSerializer, tag=TAG)
    def put(self, _request: Request, flag_id: str) -> Response:
        """Say whether it is misuse. Needs `tokens.delete` over the owner; the token stays as it is."""
        self.require_manage()
        said: dict[str, Any] = self.said(DecisionSerializer)
        flag = self._flag(flag_id)
        if said.get("state") == FlagState.CONFIRMED:
            done = answering.confirm(flag, actor=self.caller, now=self.now, reason=said.get("reason"))
        elif said.get("state") == FlagState.DISMISSED:
            done = answering.dismiss(flag, actor=self.caller, now=self.now, reason=said.get("reason"))
        else:
            raise refuse(Code.DECISION_UNKNOWN, "state")
        return Response(FlagSerializer(done).data)

    def _flag(self, flag_id: str) -> Flag:
        flag = Flag.objects.select_related("token__user").filter(pk=number_in(flag_id) or 0).first()
        if flag is None:
            raise Http404
        owner = flag.token.user
        permissions.get_token_to_act_on(self.caller, owner, str(flag.token_id), Permission.TOKENS_DELETE, now=self.now)
        return flag


class OwnFlag(TokenView):
    @endpoint(
        "explain_flag", FlagSerializer, refusals=[404], parameters=[_FLAG], request=ExplanationSerializer, tag=TAG
    )
    def put(self, _request: Request, flag_id: str) -> Response:
        """Say what the unusual use of a token of yours was, once you were told of it."""
        self.require_manage()
        flags = Flag.objects.select_related("token__user").filter(token__user=self.caller).exclude(told_at=None)
        flag = flags.filter(pk=number_in(flag_id) or 0).first()
        if flag is None:
            raise Http404
        words: str | None = self.said(ExplanationSerializer).get("words")
        return Response(FlagSerializer(answering.explain(flag, words, actor=self.caller, now=self.now)).data)
