"""The token that carries the call."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.contract import endpoint
from policies.refusals import Code, refuse
from tokens import lifecycle
from tokens.api.base import REASON, TAG, TokenView
from tokens.models import AccessToken
from tokens.serializers import ReasonSerializer, TokenSerializer


class CarryingToken(TokenView):
    @endpoint("get_token_self", TokenSerializer, tag=TAG)
    def get(self, _request: Request) -> Response:
        """Show the token that carries this call."""
        return self.answer(self._get())

    @endpoint("revoke_token_self", TokenSerializer, parameters=[REASON], request=ReasonSerializer, tag=TAG)
    def delete(self, _request: Request) -> Response:
        """End the token that carries this call, for good."""
        return self.answer(lifecycle.revoke(self._get(), actor=self.caller, now=self.now, reason=self.reason()))

    def _get(self) -> AccessToken:
        if self.bearer is None:
            raise refuse(Code.NOT_A_TOKEN)
        return AccessToken.objects.of(self.caller).get(pk=self.bearer.token.id)
