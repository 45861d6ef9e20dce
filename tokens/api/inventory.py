"""All tokens of the people of an account, by the filters and in the orders of the page "All tokens"."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.reach import get_account
from accounts.contract import ACCOUNT, LINK, PAGE, PER_PAGE, endpoint
from accounts.listing import no_such_page, page_by
from accounts.people import membership
from accounts.roles import Permission
from policies.expiry import parse_expiry
from policies.refusals import Code, Refused, refuse
from tokens.api.base import TAG, TokenView
from tokens.inventory.asked import Asked
from tokens.inventory.export import rows
from tokens.inventory.fields import FIELDS
from tokens.inventory.filters import FILTERS
from tokens.inventory.ordering import KEYS, Order
from tokens.inventory.reach import tokens_below
from tokens.models import AccessToken, AccessTokenQuerySet

ORDERS = [f"{minus}{name}" for name in KEYS for minus in ("", "-")]
_MOMENTS = {
    "expires_after": "Only those that end at that moment or later.",
    "expires_before": "Only those that end before that moment.",
    "unused_since": "Only those not used at that moment or later.",
}
_ZONE = ZoneInfo("UTC")
_CAPPED = {"": "", "true": "student_cap", "1": "student_cap", "false": "none", "0": "none"}
_ORDER = "The newest first, if nothing is said. What never ends comes last, what was never used first; `-` turns round."
_PARAMETERS = [
    ACCOUNT,
    OpenApiParameter("search_term", OpenApiTypes.STR, description="Purpose, person, or the beginning of a lookup id."),
    *(
        OpenApiParameter(each.name, OpenApiTypes.STR, enum=[*filter(None, each.options)], description=f"{each.label}.")
        for each in FILTERS
    ),
    OpenApiParameter("capped", OpenApiTypes.BOOL, description="By the limit for students; as `limited_by`."),
    *(
        OpenApiParameter(
            each.name, OpenApiTypes.DATE if each.is_day else OpenApiTypes.STR, description=f"{each.help or each.label}."
        )
        for each in FIELDS
    ),
    *(OpenApiParameter(name, OpenApiTypes.DATETIME, description=words) for name, words in _MOMENTS.items()),
    OpenApiParameter("order", OpenApiTypes.STR, enum=ORDERS, description=_ORDER),
    *(PER_PAGE, PAGE, LINK),
]


class ListedTokenSerializer(serializers.Serializer[AccessToken]):
    """A token as the export for programs has it: an object on each line there, one in the list here."""

    id = serializers.IntegerField()
    hint = serializers.CharField(help_text="The lookup id; not secret.")
    purpose = serializers.CharField()
    state = serializers.CharField(help_text="By the clock.")
    user_id = serializers.IntegerField()
    owner = serializers.CharField(help_text="Their name.")
    sign_in = serializers.CharField()
    email = serializers.CharField()
    sis_user_id = serializers.CharField(allow_null=True)
    roles = serializers.ListField(child=serializers.CharField(), help_text="Those that count today.")
    made_by = serializers.CharField(help_text="By their sign-in.")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)
    last_used_ip = serializers.CharField(allow_null=True)
    last_used_agent = serializers.CharField()
    use_count = serializers.IntegerField()
    scopes = serializers.ListField(child=serializers.CharField())
    revoked_at = serializers.DateTimeField(allow_null=True)
    revoked_code = serializers.CharField()
    revoked_reason = serializers.CharField()


class TokensOfAccount(TokenView):
    @endpoint(
        "list_account_tokens",
        ListedTokenSerializer(many=True),
        refusals=[404],
        parameters=_PARAMETERS,
        tag=TAG,
    )
    def get(self, request: Request, account_id: str) -> Response:
        """List the tokens of the people of an account and of those below it, in use if nothing else is said.

        Needs `tokens.view` there. The filters are those of the page "All tokens", by the same names; days are of UTC.
        """
        account = get_account(self.caller, account_id, Permission.TOKENS_VIEW, now=self.now)
        said = {name: text for name in _KNOWN if (text := request.query_params.get(name, ""))}
        order = Order.by({"sort": said.get("order", "")})
        tokens = tokens_below({account.pk}, membership(self.caller, now=self.now), now=self.now)
        found = _narrowed(tokens, said, now=self.now)

        def read(after: str, size: int) -> tuple[list[AccessToken], str]:
            if not order.knows(after):
                raise no_such_page()
            return order.page(found, after, size)

        page = page_by(read, request, kept=list(said.items()))
        return Response(rows(page.rows, self.caller, now=self.now), headers={"Link": page.link})


_KNOWN = ("search_term", "capped", "order", *_MOMENTS, *(each.name for each in (*FILTERS, *FIELDS)))


def _narrowed(tokens: AccessTokenQuerySet, said: Mapping[str, str], *, now: datetime) -> AccessTokenQuerySet:
    """The tokens that a call asks for. Raises Refused for a value that means nothing."""
    _require_offered(said)
    query = {**said, "q": said.get("search_term", "")}
    if "capped" in said:
        query["limited_by"] = _CAPPED[said["capped"]]
    asked = Asked.by(query)
    for name in asked.problems:
        raise refuse(Code.PARAMETER_INVALID, name, expected="day")
    return asked.narrow(tokens, now=now).filter(_within(said))


def _require_offered(said: Mapping[str, str]) -> None:
    offered = {each.name: each.options.keys() for each in FILTERS}
    offered |= {"capped": _CAPPED.keys(), "order": dict.fromkeys(ORDERS).keys()}
    for name, values in offered.items():
        if name in said and said[name] not in values:
            raise refuse(Code.PARAMETER_INVALID, name, expected="offered")


def _within(said: Mapping[str, str]) -> Q:
    """The moments of the contract, beside the days of the page."""
    at = {name: _moment(said[name], name) for name in _MOMENTS if name in said}
    found = Q()
    if "expires_after" in at:
        found &= Q(expires_at__gte=at["expires_after"])
    if "expires_before" in at:
        found &= Q(expires_at__lt=at["expires_before"])
    if "unused_since" in at:
        found &= Q(last_used_at=None) | Q(last_used_at__lt=at["unused_since"])
    return found


def _moment(text: str, name: str) -> datetime:
    try:
        return parse_expiry(text, _ZONE)
    except Refused as refused:
        raise refuse(refused.code, name) from refused
