"""The one use of an approval, inside of the transaction that makes the token."""

from datetime import datetime

from accounts.models import User
from policies.refusals import Code, refuse
from tokens.events import RequestEvent
from tokens.models import AccessToken, RequestState, TokenRequest
from tokens.requests.trail import close, locked


def take(request: TokenRequest, *, owner: User, now: datetime) -> TokenRequest:
    """Keep an approval of `owner`, who is locked, still. Raises Refused(request_not_approved)."""
    request = locked(request.pk)
    if request.person_id != owner.pk or not request.is_usable(now):
        raise refuse(Code.REQUEST_NOT_APPROVED)
    return request


def spend(request: TokenRequest, made: AccessToken, *, now: datetime) -> None:
    """Note the token that was made of it."""
    request.token = made
    close(RequestEvent.USE, request, RequestState.USED, actor=request.person, now=now)
