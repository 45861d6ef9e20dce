"""The settings of an account in the API: what holds and whose word that is, what a change would do, and making it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.reach import caller, get_account
from accounts.contract import ACCOUNT, endpoint
from accounts.models import Account, OpenState
from accounts.roles import Permission
from policies import planning
from policies.api.policy_shapes import (
    PlanSerializer,
    PolicySerializer,
    PreviewNeededSerializer,
    PreviewSerializer,
    SavedSerializer,
    SavePlanSerializer,
    policy_of,
    preview_of,
    saved_of,
)
from policies.bodies import read_body
from policies.ending import Existing
from policies.planning import Plan
from policies.refusals import ASK_TO_LOOK, Code, Refused, refuse

TAG = "Policy"


class PolicyView(APIView):
    """One call about one account, at one moment."""

    now: datetime

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Read the clock once for the whole call."""
        self.now = timezone.now()
        super().initial(request, *args, **kwargs)

    def find(self, reference: str, permission: Permission | None = Permission.POLICY_EDIT) -> Account:
        """The account of the path, as far as the caller reaches. Raises Http404."""
        account = get_account(caller(self.request), reference, permission, now=self.now)
        if account.state == OpenState.DELETED:
            raise Http404
        return account

    def said(self, serializer: type[PlanSerializer]) -> dict[str, Any]:
        """What the body says, by name. Raises Refused for a wrong type."""
        return read_body(self.request, serializer, zone=caller(self.request).zone)


class TokenPolicy(PolicyView):
    asks_again = ("PUT",)

    @endpoint("get_token_policy", PolicySerializer, refusals=[404], parameters=[ACCOUNT], tag=TAG)
    def get(self, _request: Request, account_id: str) -> Response:
        """Show each setting of an account in which you hold a right: what holds, whose word that is, whose lock."""
        return Response(policy_of(self.find(account_id, None)))

    @endpoint(
        "change_token_policy",
        SavedSerializer,
        refusals=[404, 409],
        others={409: PreviewNeededSerializer},
        parameters=[ACCOUNT],
        request=SavePlanSerializer,
        tag=TAG,
    )
    def put(self, request: Request, account_id: str) -> Response:
        """Set some of an account's own settings, with `policy.edit` there; a token needs the scope `tokens:manage`.

        What somebody would notice has to be looked at first: without the `quote` of its preview, or with one that is
        outdated, this answers 409 with the preview as it is now. What shortens or ends tokens waits for its grace time.
        """
        account = self.find(account_id)
        said = self.said(SavePlanSerializer)
        plan = plan_of(account, said)
        try:
            saved = planning.save(
                plan, quoted=said.get("quote"), typed=said.get("typed"), actor=caller(request), now=self.now
            )
        except Refused as refused:
            if refused.code in ASK_TO_LOOK:
                refused.more = {"preview": self._preview(plan)}
            raise
        return Response(saved_of(account, saved))

    def _preview(self, plan: Plan) -> dict[str, Any]:
        return preview_of(plan, planning.show(plan, actor=caller(self.request), now=self.now))


class PolicyPreview(PolicyView):
    @endpoint(
        "preview_token_policy",
        PreviewSerializer,
        refusals=[404, 409],
        parameters=[ACCOUNT],
        request=PlanSerializer,
        tag=TAG,
    )
    def post(self, request: Request, account_id: str) -> Response:
        """Say what a change would do, from today's data and by the rules that will enforce it. Nothing is saved."""
        plan = plan_of(self.find(account_id), self.said(PlanSerializer))
        return Response(preview_of(plan, planning.show(plan, actor=caller(request), now=self.now)))


class WaitingChange(PolicyView):
    asks_again = ("DELETE",)

    @endpoint("undo_token_policy", PolicySerializer, refusals=[404, 409], parameters=[ACCOUNT], tag=TAG)
    def delete(self, request: Request, account_id: str) -> Response:
        """Take back the change that waits for its date, as you could make it: nothing has happened to any token."""
        account = self.find(account_id)
        waiting = planning.open_change(account)
        if waiting is None:
            raise refuse(Code.CHANGE_NOT_WAITING)
        planning.undo(waiting.pk, actor=caller(request), now=self.now)
        return Response(policy_of(account))


def plan_of(account: Account, said: Mapping[str, Any]) -> Plan:
    """What a body asks for; terms that it does not name are as usual. Raises Refused."""
    existing = said.get("existing") or Existing.KEEP
    if existing not in set(Existing):
        raise refuse(Code.EXISTING_UNKNOWN, "existing")
    terms = {name: said[name] for name in ("grace_days", "spread_days") if said.get(name) is not None}
    values = said.get("token_policy") or {}
    return Plan(account, values, Existing(existing), said.get("existing_end"), **terms)
