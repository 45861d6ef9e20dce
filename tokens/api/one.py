"""One token: look at it, change it, end it."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.contract import PERSON, endpoint
from accounts.models import User
from accounts.roles import Permission
from tokens import lifecycle, permissions
from tokens.api.base import REASON, TAG, TOKEN, TokenView
from tokens.lifecycle import Change
from tokens.serializers import ChangedTokenSerializer, ReasonSerializer, TokenSerializer


class OneToken(TokenView):
    asks_again = ("PUT",)

    @endpoint("get_token", TokenSerializer, refusals=[404], parameters=[PERSON, TOKEN], tag=TAG)
    def get(self, _request: Request, user_id: str, token_id: str) -> Response:
        """Show a token, also one that has ended: your own, or with `tokens.view` another's."""
        return self.answer(permissions.get_token(self.caller, self.find_owner(user_id), token_id, now=self.now))

    @endpoint(
        "update_token",
        TokenSerializer,
        refusals=[404, 409],
        parameters=[PERSON, TOKEN],
        request=ChangedTokenSerializer,
        tag=TAG,
    )
    def put(self, _request: Request, user_id: str, token_id: str) -> Response:
        """Change a token, or give it a new secret: your own, or with `tokens.create` another's.

        What is not named stays as it is. An ended token never comes back by a change; an expired one does by
        `regenerate` with a new `expires_at`. Where somebody has to approve your tokens, a later end and wider scopes
        are refused with `approval_needed`: ask for another token.
        """
        self.require_manage()
        token = permissions.get_token_to_change(self.caller, self.find_owner(user_id), token_id, now=self.now)
        values = self.said_of_token(ChangedTokenSerializer, token.user)
        regenerate = values.pop("regenerate", False)
        change = Change(**values)
        if regenerate:
            self.require_present_secret(token)
            issued = lifecycle.regenerate(token, change, actor=self.caller, now=self.now)
            return self.answer(issued.token, issued.secret)
        return self.answer(lifecycle.update(token, change, actor=self.caller, now=self.now))

    @endpoint(
        "revoke_token",
        TokenSerializer,
        refusals=[404],
        parameters=[PERSON, TOKEN, REASON],
        request=ReasonSerializer,
        tag=TAG,
    )
    def delete(self, _request: Request, user_id: str, token_id: str) -> Response:
        """End a token for good: your own, or with `tokens.delete` another's. A second time changes nothing."""
        owner = self.find_owner(user_id)
        if not self._ends_itself(owner, token_id):
            self.require_manage()
        token = permissions.get_token_to_act_on(self.caller, owner, token_id, Permission.TOKENS_DELETE, now=self.now)
        return self.answer(lifecycle.revoke(token, actor=self.caller, now=self.now, reason=self.reason()))

    def _ends_itself(self, owner: User | None, reference: str) -> bool:
        """A bearer may always end itself, whatever its scopes (R7)."""
        return self.bearer is not None and owner == self.caller and self.bearer.is_named(reference)
