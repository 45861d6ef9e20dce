"""What the endpoints about tokens share: who calls, by what, about whom, and how a token is answered."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from accounts.api.reach import caller
from accounts.models import User
from accounts.people import find_person
from policies.bodies import read_body
from policies.refusals import Code, refuse
from tokens.authentication import Bearer
from tokens.idempotency import Call, check_key, once
from tokens.lifecycle import Issued
from tokens.models import AccessToken
from tokens.reasons import Reason
from tokens.scopes import MANAGE
from tokens.serializers import ReasonSerializer, TokenSerializer, viewpoint

TAG = "Tokens"
TOKEN = OpenApiParameter(
    "token_id",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    description="A token: its number, its lookup id, or the beginning of that, 5 characters or more.",
)
KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="1 to 255 printable ASCII characters; the same key within 24 hours makes nothing a second time.",
)
REASON = OpenApiParameter("reason", OpenApiTypes.STR, description="As in the body, for clients that cannot send one.")


class TokenView(APIView):
    """One call, at one moment."""

    now: datetime

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Read the clock once for the whole call."""
        self.now = timezone.now()
        super().initial(request, *args, **kwargs)

    @property
    def caller(self) -> User:
        return caller(self.request)

    @property
    def bearer(self) -> Bearer | None:
        """The token that carries the call; None in a browser session."""
        carried: Bearer | None = self.request.auth  # type: ignore[assignment]  # ours, not DRF's Token
        return carried

    def require_manage(self) -> None:
        """Tokens make no tokens (R7): raise InsufficientScope for a bearer that was not made for it."""
        if self.bearer is not None:
            self.bearer.require(MANAGE)

    def require_present_secret(self, token: AccessToken) -> None:
        """An earlier secret gives its own token no new one: raise Refused(secret_superseded)."""
        carried = self.bearer
        if carried is not None and carried.token.is_superseded and carried.token.id == token.pk:
            raise refuse(Code.SECRET_SUPERSEDED)

    def find_owner(self, reference: str) -> User | None:
        return find_person(reference, viewer=self.caller)

    def said(self, serializer: type[Serializer[Any]], **context: Any) -> dict[str, Any]:
        """The parameters of the body by name, as far as they were given. Raises Refused for a wrong type."""
        return read_body(self.request, serializer, **context)

    def said_of_token(self, serializer: type[Serializer[Any]], owner: User) -> dict[str, Any]:
        """What the call wants of a token of `owner`."""
        return self.said(serializer, zone=owner.zone).get("token") or {}

    def reason(self) -> Reason:
        """`reason`, `reason_code` and `confidential`, from the body or else from the address. Raises Refused."""
        said, address = self.said(ReasonSerializer), self.request.query_params
        return Reason.given(
            said.get("reason", address.get("reason")),
            said.get("reason_code", address.get("reason_code")),
            is_confidential=bool(said.get("confidential")),
        )

    def once(self, endpoint: str, act: Callable[[], Issued]) -> Issued:
        """Do `act`, once under the call's Idempotency-Key if it has one."""
        key = check_key(self.request.headers.get("Idempotency-Key"))
        if key is None:
            return act()
        return once(Call(self.caller, endpoint, key, self.request.data), act, now=self.now)

    def answer(self, token: AccessToken, secret: str = "") -> Response:
        return Response(self.shown(token.user, token, secret=secret))

    def shown(self, owner: User, shown: AccessToken | Sequence[AccessToken], *, secret: str = "") -> Any:
        """A token of `owner`, or several, as JSON for the caller."""
        context = {"viewpoint": viewpoint(self.caller, owner, now=self.now), "secret": secret}
        return TokenSerializer(shown, many=not isinstance(shown, AccessToken), context=context).data
