"""The API's view of the tree of accounts: as Canvas shows it."""

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.people import UserSerializer
from accounts.api.reach import caller, get_account, held_accounts
from accounts.contract import ACCOUNT, LINK, PAGE, PER_PAGE, endpoint
from accounts.finding import search
from accounts.listing import page_of
from accounts.models import Account, OpenState
from accounts.people import homed_in
from accounts.roles import Permission

TAG = "Accounts"
_SEARCH = OpenApiParameter(
    "search_term", OpenApiTypes.STR, description="Part of a name, a sign-in name, an e-mail address or a SIS id."
)


class AccountSerializer(serializers.ModelSerializer[Account]):
    """A node of the tree."""

    parent_account_id = serializers.IntegerField(source="parent_id", allow_null=True)
    root_account_id = serializers.SerializerMethodField(help_text="Null for the root itself.")
    workflow_state = serializers.ChoiceField(source="state", choices=OpenState.choices)

    class Meta:
        model = Account
        fields = ("id", "name", "parent_account_id", "root_account_id", "sis_account_id", "workflow_state")

    def get_root_account_id(self, account: Account) -> int | None:
        return account.path[0] if account.parent_id is not None else None


def _page(rows: QuerySet[Account], request: Request) -> Response:
    """A page of accounts that are not deleted."""
    page = page_of(rows.exclude(state=OpenState.DELETED).order_by("pk"), request, by=None)
    return Response(AccountSerializer(page.rows, many=True).data, headers={"Link": page.link})


class Accounts(APIView):
    @endpoint("list_accounts", AccountSerializer(many=True), parameters=[PER_PAGE, PAGE, LINK], tag=TAG)
    def get(self, request: Request) -> Response:
        """List the accounts in which you hold a right; their sub-accounts are asked for by `sub_accounts`."""
        held = held_accounts(caller(request), now=timezone.now())
        return _page(Account.objects.filter(pk__in=held), request)


class OneAccount(APIView):
    @endpoint("get_account", AccountSerializer, refusals=[404], parameters=[ACCOUNT], tag=TAG)
    def get(self, request: Request, account_id: str) -> Response:
        """Show an account in which, or above which, you hold a right."""
        return Response(AccountSerializer(get_account(caller(request), account_id, now=timezone.now())).data)


class SubAccounts(APIView):
    @endpoint(
        "list_sub_accounts",
        AccountSerializer(many=True),
        refusals=[404],
        parameters=[ACCOUNT, PER_PAGE, PAGE, LINK],
        tag=TAG,
    )
    def get(self, request: Request, account_id: str) -> Response:
        """List the accounts right below one in which, or above which, you hold a right."""
        account = get_account(caller(request), account_id, now=timezone.now())
        return _page(Account.objects.filter(parent=account), request)


class PeopleOfAccount(APIView):
    @endpoint(
        "list_account_users",
        UserSerializer(many=True),
        refusals=[404],
        parameters=[ACCOUNT, _SEARCH, PER_PAGE, PAGE, LINK],
        tag=TAG,
    )
    def get(self, request: Request, account_id: str) -> Response:
        """List the people whose home account lies in this one, with `users.view` there."""
        now = timezone.now()
        account = get_account(caller(request), account_id, Permission.USERS_VIEW, now=now)
        term = request.query_params.get("search_term", "").strip().replace("\0", "")
        people = homed_in([account.pk], now=now)
        found = (search(people, term) if term else people).order_by("pk")
        page = page_of(found, request, by=None, kept=[("search_term", term)] if term else [])
        return Response(UserSerializer(page.rows, many=True).data, headers={"Link": page.link})
