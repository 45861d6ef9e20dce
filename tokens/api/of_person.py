"""All tokens of a person: list them, end them."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.contract import LINK, PAGE, PER_PAGE, PERSON, endpoint
from accounts.listing import page_of
from tokens import lifecycle, permissions
from tokens.api.base import REASON, TAG, TokenView
from tokens.models import AccessToken, State
from tokens.serializers import ReasonSerializer, RevokedSerializer, TokenSerializer

_INCLUDE = OpenApiParameter(
    "include[]", OpenApiTypes.STR, many=True, enum=["deleted"], description="`deleted` adds the revoked ones."
)


class TokensOfPerson(TokenView):
    @endpoint(
        "list_user_generated_tokens",
        TokenSerializer(many=True),
        parameters=[PERSON, PER_PAGE, PAGE, _INCLUDE, LINK],
        tag=TAG,
    )
    def get(self, request: Request, user_id: str) -> Response:
        """List a person's tokens, the oldest first: your own, or with `tokens.view` another's."""
        owner = permissions.get_owner(self.caller, self.find_owner(user_id), now=self.now)
        tokens, with_deleted = AccessToken.objects.of(owner), "deleted" in request.query_params.getlist("include[]")
        page = page_of(
            tokens if with_deleted else tokens.exclude(state=State.REVOKED),
            request,
            kept=[("include[]", "deleted")] if with_deleted else [],
        )
        return Response(self.shown(owner, page.rows), headers={"Link": page.link})

    @endpoint(
        "revoke_all_tokens",
        RevokedSerializer,
        refusals=[404],
        parameters=[PERSON, REASON],
        request=ReasonSerializer,
        tag=TAG,
    )
    def delete(self, _request: Request, user_id: str) -> Response:
        """End every token of a person: your own, or with `tokens.delete` another's."""
        self.require_manage()
        owner = permissions.get_owner_to_revoke_all(self.caller, self.find_owner(user_id), now=self.now)
        return Response({"revoked": lifecycle.revoke_all(owner, actor=self.caller, now=self.now, reason=self.reason())})
