"""A new secret beside the old one, which goes on working for a while."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.contract import endpoint
from policies.governing import decision_for
from policies.overlap import overlap_of, usual_hours
from policies.refusals import Code, refuse
from tokens import lifecycle, permissions
from tokens.api.base import KEY, TAG, TOKEN, TokenView
from tokens.lifecycle import RENEWED, Change, Issued
from tokens.models import AccessToken
from tokens.scopes import MANAGE, ROTATE
from tokens.serializers import RotatedSerializer, RotationSerializer, TokenSerializer, viewpoint

_REFUSALS = [404, 409, 415, 422]


class RotatingView(TokenView):
    asks_again = ("POST",)

    def rotated(self, token: AccessToken) -> Response:
        """Rotate a token of the caller's, as the body wishes, once under its Idempotency-Key; the answer."""
        issued = self.once(f"tokens/{token.pk}/rotate", lambda: self._rotate(token))
        context = {
            "viewpoint": viewpoint(self.caller, self.caller, now=self.now),
            "secret": issued.secret,
            "overlap_until": lifecycle.overlap_ends_at(issued.token, now=self.now),
        }
        return Response(RotatedSerializer(issued.token, context=context).data)

    def _rotate(self, token: AccessToken) -> Issued:
        self.require_present_secret(token)
        said = self.said_of_token(RotationSerializer, token.user)
        hours = said.get("overlap_hours")
        if hours is None:
            hours = usual_hours(decision_for(token.user, now=self.now))
        change = Change(expires_at=said.get("expires_at", RENEWED))
        return lifecycle.regenerate(token, change, overlap=overlap_of(hours), actor=self.caller, now=self.now)


class RotateToken(RotatingView):
    @endpoint(
        "rotate_token",
        RotatedSerializer,
        refusals=_REFUSALS,
        parameters=[TOKEN, KEY],
        request=RotationSerializer,
        tag=TAG,
    )
    def post(self, _request: Request, token_id: str) -> Response:
        """Give one of your tokens a new secret; the present one works on for `overlap_hours`.

        The new end is as far away as that of the present secret was when that was made, and never past what the policy
        allows today; or `expires_at`. While an earlier secret works there is no second rotation: 409 `overlap_going`.
        """
        self.require_manage()
        return self.rotated(permissions.get_token(self.caller, self.caller, token_id, now=self.now))


class RotateSelf(RotatingView):
    @endpoint(
        "rotate_token_self",
        RotatedSerializer,
        refusals=_REFUSALS,
        parameters=[KEY],
        request=RotationSerializer,
        tag=TAG,
    )
    def post(self, _request: Request) -> Response:
        """Renew the token that carries this call. Needs the scope `tokens:rotate`, or `tokens:manage`.

        As `rotate_token`. A job that renews itself every week never holds a token that ends, and its new secret stands
        in this answer alone. The earlier secret may not renew the token: 409 `secret_superseded`.
        """
        if self.bearer is None:
            raise refuse(Code.NOT_A_TOKEN)
        if MANAGE not in self.bearer.token.scopes:
            self.bearer.require(ROTATE)
        return self.rotated(AccessToken.objects.of(self.caller).get(pk=self.bearer.token.id))


class Overlap(TokenView):
    @endpoint("end_token_overlap", TokenSerializer, refusals=[404], parameters=[TOKEN], tag=TAG)
    def delete(self, _request: Request, token_id: str) -> Response:
        """Stop the earlier secret of one of your tokens before its time. A second time changes nothing."""
        self.require_manage()
        token = permissions.get_token(self.caller, self.caller, token_id, now=self.now)
        return self.answer(lifecycle.end_overlap(token, actor=self.caller, now=self.now))
