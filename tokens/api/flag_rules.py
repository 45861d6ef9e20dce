"""Which rules for unusual use an account watches for."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.reach import get_account
from accounts.contract import ACCOUNT, endpoint
from accounts.models import Account
from accounts.moments import MomentField
from accounts.roles import Permission
from policies.bodies import FlagField, NumberField, Said, TextField
from policies.refusals import Code, refuse
from tokens.api.base import TokenView
from tokens.api.flags import TAG
from tokens.signals.rules import RULES, Rule
from tokens.signals.watching import Watched, inherit, watch, watched
from tokens.signals.wording import MEANINGS, TITLES


class RuleSerializer(serializers.Serializer[Watched]):
    """One rule as an account has it."""

    rule = serializers.ChoiceField(choices=[(rule.value, rule.value) for rule in Rule])
    title = serializers.SerializerMethodField()
    meaning = serializers.SerializerMethodField()
    is_on = serializers.BooleanField()
    limits = serializers.DictField(child=serializers.IntegerField(), help_text="The numbers that it goes by.")
    set_in = serializers.SerializerMethodField(help_text="The account that says so; null where nobody does.")
    since = MomentField(source="held.since", allow_null=True, default=None)

    def get_title(self, one: Watched) -> str:
        return str(TITLES[one.rule])

    def get_meaning(self, one: Watched) -> str:
        return str(MEANINGS[one.rule])

    def get_set_in(self, one: Watched) -> int | None:
        return one.held.account_id if one.held else None


_NUMBERS = {limit.name for looking in RULES.values() for limit in looking.limits}


class RuleChangeSerializer(Said):
    """What to change of one rule; a number that is not named stays."""

    rule = TextField(help_text="Which rule.")
    is_on = FlagField(help_text="Whether to look for it.")
    inherit = FlagField(help_text="Leave it to the account above; nothing else is looked at then.")

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), **{name: NumberField() for name in sorted(_NUMBERS)}}


class FlagRules(TokenView):
    @endpoint("list_flag_rules", RuleSerializer(many=True), refusals=[404], parameters=[ACCOUNT], tag=TAG)
    def get(self, _request: Request, account_id: str) -> Response:
        """List the rules for unusual use as an account has them. Needs `policy.edit` there."""
        return self._answer(get_account(self.caller, account_id, Permission.POLICY_EDIT, now=self.now))

    @endpoint(
        "change_flag_rule",
        RuleSerializer(many=True),
        refusals=[404],
        parameters=[ACCOUNT],
        request=RuleChangeSerializer,
        tag=TAG,
    )
    def put(self, _request: Request, account_id: str) -> Response:
        """Switch a rule on or off in an account, change its numbers, or leave it to the account above."""
        self.require_manage()
        account = get_account(self.caller, account_id, Permission.POLICY_EDIT, now=self.now)
        said = self.said(RuleChangeSerializer)
        one = next((each for each in watched(account) if each.rule == said.get("rule")), None)
        if one is None:
            raise refuse(Code.RULE_UNKNOWN, "rule")
        if said.get("inherit"):
            inherit(account, one.rule, actor=self.caller, now=self.now)
        else:
            is_on = one.is_on if said.get("is_on") is None else bool(said["is_on"])
            named = {limit.name: said.get(limit.name) for limit in RULES[one.rule].limits}
            limits = {name: number for name, number in named.items() if number is not None}
            watch(account, one.rule, is_on=is_on, limits=limits, actor=self.caller, now=self.now)
        return self._answer(account)

    def _answer(self, account: Account) -> Response:
        return Response(RuleSerializer(watched(account), many=True).data)  # type: ignore[arg-type]  # many
