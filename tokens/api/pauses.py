"""Emergency stops: what is and was paused, pausing, the report, lifting, and revoking what is paused."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.reach import get_account
from accounts.contract import ACCOUNT, LINK, PAGE, PER_PAGE, endpoint
from accounts.finding import course_named
from accounts.listing import page_of
from accounts.models import Account
from accounts.parameters import number_in
from accounts.people import membership
from accounts.roles import Base, Permission
from policies.refusals import Code, refuse
from tokens import emergency, sweeping, tasks
from tokens.api.base import TokenView
from tokens.api.pause_shapes import (
    BeginSerializer,
    LineSerializer,
    PauseSerializer,
    ReportSerializer,
    RevokeSerializer,
    RevokingSerializer,
)
from tokens.emergency import report
from tokens.emergency.shapes import line_of, pause_of, report_of
from tokens.models import Pause, PauseQuerySet
from tokens.reasons import Reason
from tokens.stops import Whom

TAG = "Emergency stop"
_PAUSE = OpenApiParameter("pause_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="A pause: its number.")
_STATE = OpenApiParameter(
    "state", OpenApiTypes.STR, enum=["open", "lifted"], description="Only those in force, or those that are not."
)
_PART = OpenApiParameter(
    "part", OpenApiTypes.STR, enum=[report.USED, report.TRIED], description="Only tokens used before, or tried since."
)


class PauseView(TokenView):
    """What the endpoints about pauses share: the account that the path names, and the pauses that concern it."""

    def account(self, account_id: str) -> Account:
        return get_account(self.caller, account_id, Permission.TOKENS_DELETE, now=self.now)

    def pauses(self, account: Account) -> PauseQuerySet:
        """Those of the account, of one above it, of one below it."""
        concern = Q(account=None) | Q(account__in=account.path) | Q(account__path__overlap=[account.pk])
        return Pause.objects.filter(concern).select_related("account", "course", "made_by", "lifted_by")

    def pause(self, account_id: str, pause_id: str) -> Pause:
        found = self.pauses(self.account(account_id)).filter(pk=number_in(pause_id) or 0).first()
        if found is None:
            raise Http404
        return found

    def told(self, pause: Pause) -> dict[str, Any]:
        """A pause with the numbers of its report, as far as the caller reaches."""
        lines = report.lines_of(pause, membership(self.caller, now=self.now), now=self.now)
        return report_of(pause, report.figures_of(lines, pause))


class PausesOfAccount(PauseView):
    asks_again = ("POST",)

    @endpoint(
        "list_pauses",
        PauseSerializer(many=True),
        refusals=[404],
        parameters=[ACCOUNT, _STATE, PER_PAGE, PAGE, LINK],
        tag=TAG,
    )
    def get(self, request: Request, account_id: str) -> Response:
        """List the pauses that stop people of an account, the oldest first. Needs `tokens.delete` there."""
        pauses, state = self.pauses(self.account(account_id)), request.query_params.get("state", "")
        if state in ("open", "lifted"):
            pauses = pauses.filter(lifted_at__isnull=state == "open")
        page = page_of(pauses.order_by("pk"), request, by=None, kept=[("state", state)] if state else [])
        return Response([pause_of(each) for each in page.rows], headers={"Link": page.link})

    @endpoint(
        "begin_pause", ReportSerializer, refusals=[404, 409], parameters=[ACCOUNT], request=BeginSerializer, tag=TAG
    )
    def post(self, _request: Request, account_id: str) -> Response:
        """Pause tokens of an account's people, in force on the next request. Needs `tokens.delete` there."""
        self.require_manage()
        account, said = self.account(account_id), self.said(BeginSerializer)
        target = emergency.target_of(membership(self.caller, now=self.now).standing, **self._asked(account, said))
        given = {name: said.get(name) for name in ("reason", "reason_code", "words")}
        made = emergency.pause(target, **given, actor=self.caller, now=self.now)
        transaction.on_commit(tasks.start_reporting_pauses, robust=True)  # else beat starts it within seconds
        return Response(self.told(made))

    def _asked(self, account: Account, said: dict[str, Any]) -> dict[str, Any]:
        """Whose tokens, as `target_of` takes it. Raises Refused(whom_unknown or course_unknown)."""
        whom, role = said.get("whom"), said.get("role") or ""
        if whom not in set(Whom) or (whom == Whom.EVERYTHING and account.parent_id is not None):
            raise refuse(Code.WHOM_UNKNOWN, "whom")
        if whom == Whom.EVERYTHING:
            return {"whom": Whom.EVERYTHING}
        asked: dict[str, Any] = {"whom": Whom(whom), "account": account}
        if whom == Whom.ROLE:
            asked["base"] = Base(role) if role in set(Base) else None
        if whom == Whom.COURSE:
            asked["course"] = course_named([account.pk], said.get("course") or "")
            if asked["course"] is None:
                raise refuse(Code.COURSE_UNKNOWN, "course")
        return asked


class OnePause(PauseView):
    @endpoint("report_pause", ReportSerializer, refusals=[404], parameters=[ACCOUNT, _PAUSE], tag=TAG)
    def get(self, _request: Request, account_id: str, pause_id: str) -> Response:
        """Look at a pause and the numbers of its report: of people whom you reach. Needs `tokens.delete` there."""
        return Response(self.told(self.pause(account_id, pause_id)))


class TokensOfPause(PauseView):
    @endpoint(
        "list_paused_tokens",
        LineSerializer(many=True),
        refusals=[404],
        parameters=[ACCOUNT, _PAUSE, _PART, PER_PAGE, PAGE, LINK],
        tag=TAG,
    )
    def get(self, request: Request, account_id: str, pause_id: str) -> Response:
        """List the tokens in the report of a pause: those in use when it began. Needs `tokens.delete` there."""
        pause, part = self.pause(account_id, pause_id), request.query_params.get("part", "")
        lines = report.lines_of(pause, membership(self.caller, now=self.now), now=self.now)
        found = report.with_tokens(report.part_of(lines, pause, part)).order_by("pk")
        page = page_of(found, request, by=None, kept=[("part", part)] if part else [])
        return Response([line_of(line, now=self.now) for line in page.rows], headers={"Link": page.link})


class LiftPause(PauseView):
    asks_again = ("POST",)

    @endpoint("lift_pause", ReportSerializer, refusals=[404, 409], parameters=[ACCOUNT, _PAUSE], tag=TAG)
    def post(self, _request: Request, account_id: str, pause_id: str) -> Response:
        """Let the tokens work again. Needs `tokens.delete` over all whom it stops, and every right it was made with."""
        self.require_manage()
        lifted = emergency.lift(self.pause(account_id, pause_id), actor=self.caller, now=self.now)
        transaction.on_commit(tasks.start_reporting_pauses, robust=True)
        return Response(self.told(lifted))


class RevokePaused(PauseView):
    asks_again = ("POST",)

    @endpoint(
        "revoke_paused_tokens",
        RevokingSerializer,
        refusals=[404, 409],
        parameters=[ACCOUNT, _PAUSE],
        request=RevokeSerializer,
        tag=TAG,
    )
    def post(self, _request: Request, account_id: str, pause_id: str) -> Response:
        """Revoke for good whatever a pause stops; a job does it. Needs `number`, and the rights that lifting needs."""
        self.require_manage()
        pause, said = self.pause(account_id, pause_id), self.said(RevokeSerializer)
        known = membership(self.caller, now=self.now)
        if not emergency.may_lift(known.standing, pause):
            raise PermissionDenied
        sweep = sweeping.sweep_of(pause, now=self.now)
        act = sweeping.revoke(
            sweep,
            counted=sweep.look(actor=self.caller, known=known, now=self.now).count,
            typed=said.get("number"),
            reason=Reason.given(
                said.get("reason"), said.get("reason_code"), is_confidential=bool(said.get("confidential"))
            ),
            actor=self.caller,
            now=self.now,
        )
        transaction.on_commit(tasks.start_bulk, robust=True)
        return Response({"id": act.pk, "count": act.size, "done": act.done, "left": act.left})
