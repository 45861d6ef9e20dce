"""Making a token."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.contract import PERSON, endpoint
from accounts.models import User
from tokens import lifecycle, permissions
from tokens.api.base import KEY, TAG, TokenView
from tokens.lifecycle import Issued
from tokens.serializers import NewTokenSerializer, TokenSerializer


class NewToken(TokenView):
    asks_again = ("POST",)

    @endpoint(
        "create_token",
        TokenSerializer,
        refusals=[409, 422],
        parameters=[PERSON, KEY],
        request=NewTokenSerializer,
        tag=TAG,
    )
    def post(self, _request: Request, user_id: str) -> Response:
        """Make a token: for yourself, or with `tokens.create` for another, who then has to activate it.

        This answer is the only one that ever holds the secret, in `visible_token`.
        """
        self.require_manage()
        owner = permissions.get_owner_to_issue_for(self.caller, self.find_owner(user_id), now=self.now)
        issued = self.once(f"users/{owner.pk}/tokens", lambda: self._issue(owner))
        return self.answer(issued.token, issued.secret)

    def _issue(self, owner: User) -> Issued:
        values = self.said_of_token(NewTokenSerializer, owner)
        return lifecycle.issue(
            owner,
            purpose=values.get("purpose"),
            expires_at=values.get("expires_at"),
            scopes=values.get("scopes", ()),
            actor=self.caller,
            now=self.now,
        )
