"""A token from one state to another, and back."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.contract import PERSON, endpoint
from policies.refusals import Code, refuse
from tokens import lifecycle, permissions
from tokens.api.base import KEY, TAG, TOKEN, TokenView
from tokens.lifecycle import Issued
from tokens.models import AccessToken
from tokens.serializers import ReasonSerializer, TokenSerializer


class Activate(TokenView):
    asks_again = ("POST",)

    @endpoint("activate_token", TokenSerializer, refusals=[404, 409, 415, 422], parameters=[TOKEN, KEY], tag=TAG)
    def post(self, _request: Request, token_id: str) -> Response:
        """Take a token that was made for you. Only in a browser session: whoever made it must not be able to.

        One that was made for your class gets its secret now: `visible_token`, this once.
        """
        self.require_manage()
        if self.bearer is not None:
            raise refuse(Code.SESSION_REQUIRED)
        token = permissions.get_token(self.caller, self.caller, token_id, now=self.now)
        issued = self.once(f"tokens/{token.pk}/activate", lambda: self._activate(token))
        return self.answer(issued.token, issued.secret)

    def _activate(self, token: AccessToken) -> Issued:
        return lifecycle.activate(token, actor=self.caller, now=self.now)


class Suspend(TokenView):
    @endpoint(
        "suspend_token",
        TokenSerializer,
        refusals=[404, 409, 422],
        parameters=[PERSON, TOKEN, KEY],
        request=ReasonSerializer,
        tag=TAG,
    )
    def post(self, _request: Request, user_id: str, token_id: str) -> Response:
        """Stop a token until it is resumed. Needs `tokens.delete` over its owner, also for your own."""
        self.require_manage()
        token = permissions.get_token_to_suspend(self.caller, self.find_owner(user_id), token_id, now=self.now)
        return self.answer(self.once(f"tokens/{token.pk}/suspend", lambda: self._suspend(token)).token)

    def _suspend(self, token: AccessToken) -> Issued:
        return Issued(lifecycle.suspend(token, actor=self.caller, now=self.now, reason=self.reason()), "")


class Resume(TokenView):
    @endpoint(
        "resume_token",
        TokenSerializer,
        refusals=[404, 409, 422],
        parameters=[PERSON, TOKEN, KEY],
        request=ReasonSerializer,
        tag=TAG,
    )
    def post(self, _request: Request, user_id: str, token_id: str) -> Response:
        """Let a suspended token work again. Needs `tokens.delete` over its owner, also for your own."""
        self.require_manage()
        token = permissions.get_token_to_suspend(self.caller, self.find_owner(user_id), token_id, now=self.now)
        return self.answer(self.once(f"tokens/{token.pk}/resume", lambda: self._resume(token)).token)

    def _resume(self, token: AccessToken) -> Issued:
        return Issued(lifecycle.resume(token, actor=self.caller, now=self.now, reason=self.reason()), "")
