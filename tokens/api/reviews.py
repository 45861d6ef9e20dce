"""Access reviews: opened, watched and closed by administrators, answered by owners."""

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.reach import get_account, held_accounts
from accounts.contract import ACCOUNT, LINK, PAGE, PER_PAGE, endpoint
from accounts.listing import page_of
from accounts.moments import MomentField
from accounts.parameters import number_in
from accounts.roles import Permission
from policies.bodies import FlagField, NumberField, Said, TextField
from policies.refusals import Code, refuse
from tokens import reviews, tasks
from tokens.api.base import TokenView
from tokens.models import Review, ReviewItem

TAG = "Access reviews"
_REVIEW = OpenApiParameter("review_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="A review: its number.")
_ITEM = OpenApiParameter("item_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="A line of it: its number.")
_UNANSWERED = OpenApiParameter("unanswered", OpenApiTypes.BOOL, description="Only what waits for its owner's answer.")


class ReviewSerializer(serializers.ModelSerializer[Review]):
    """Owners of all tokens of an account are asked whether each is still needed, and its purpose still true."""

    opened_by = serializers.IntegerField(source="opened_by_id")
    opened_at = MomentField()
    due_at = MomentField(help_text="What nobody has answered by then is suspended.")
    finished_at = MomentField(allow_null=True)
    tokens = serializers.IntegerField(source="size")
    answered = serializers.SerializerMethodField(help_text="Of how many tokens something is said.")

    class Meta:
        model = Review
        fields = (
            "id",
            "account_id",
            "name",
            "stage",
            "opened_by",
            "opened_at",
            "due_at",
            "finished_at",
            "tokens",
            "people",
            "answered",
        )

    def get_answered(self, review: Review) -> int:
        return reviews.answered_of(review)


class ItemSerializer(serializers.ModelSerializer[ReviewItem]):
    """One token in a review."""

    user_id = serializers.IntegerField(source="owner_id")
    purpose = serializers.CharField(help_text="As it was at the opening.")
    new_purpose = serializers.CharField(help_text="As its owner corrected it; else empty.")
    answered_at = MomentField(allow_null=True)
    settled_at = MomentField(allow_null=True)

    class Meta:
        model = ReviewItem
        fields = (
            "id",
            "review_id",
            "token_id",
            "user_id",
            "purpose",
            "answer",
            "new_purpose",
            "answered_at",
            "outcome",
            "settled_at",
        )


class OpeningSerializer(Said):
    name = TextField(help_text="Owners read it; at most 100 characters.")
    days = NumberField(help_text="For how many days owners may answer, from 7 to 90; 21 unless you say so.")


class ActSerializer(Said):
    act = TextField(help_text="`remind`, at most once a day; `close`, before it is due; or `cancel`.")


class AnswerSerializer(Said):
    needed = FlagField(help_text="Whether it is still needed; what is not is revoked.")
    purpose = TextField(help_text="What it is for, if that has changed.")


class ReviewsOfAccount(TokenView):
    @endpoint(
        "list_reviews",
        ReviewSerializer(many=True),
        refusals=[404],
        parameters=[ACCOUNT, PER_PAGE, PAGE, LINK],
        tag=TAG,
    )
    def get(self, request: Request, account_id: str) -> Response:
        """List the reviews of an account and those below it, the oldest first. Needs `policy.edit` there."""
        account = get_account(self.caller, account_id, Permission.POLICY_EDIT, now=self.now)
        found = Review.objects.filter(account__path__contains=[account.pk]).order_by("pk")
        page = page_of(found, request, by=None)
        return Response(ReviewSerializer(page.rows, many=True).data, headers={"Link": page.link})

    @endpoint(
        "open_review", ReviewSerializer, refusals=[404, 409], parameters=[ACCOUNT], request=OpeningSerializer, tag=TAG
    )
    def post(self, _request: Request, account_id: str) -> Response:
        """Ask the owners of all tokens in use below an account. Needs `policy.edit` there, and `tokens:manage`."""
        self.require_manage()
        account = get_account(self.caller, account_id, Permission.POLICY_EDIT, now=self.now)
        said = self.said(OpeningSerializer)
        days = said.get("days")
        review = reviews.open_review(
            account,
            name=said.get("name"),
            days=reviews.DEFAULT_DAYS if days is None else days,
            actor=self.caller,
            now=self.now,
        )
        tasks.start_reviews()
        return Response(ReviewSerializer(review).data)


class OneReview(TokenView):
    @endpoint("get_review", ReviewSerializer, refusals=[404], parameters=[_REVIEW], tag=TAG)
    def get(self, _request: Request, review_id: str) -> Response:
        """Say how far a review is. Needs `policy.edit` in its account."""
        return Response(ReviewSerializer(_found(self, review_id)).data)

    @endpoint(
        "change_review", ReviewSerializer, refusals=[404, 409], parameters=[_REVIEW], request=ActSerializer, tag=TAG
    )
    def put(self, _request: Request, review_id: str) -> Response:
        """Remind those who have not answered, close the review before it is due, or cancel it."""
        self.require_manage()
        review, act = _found(self, review_id), self.said(ActSerializer).get("act")
        acts = {"remind": reviews.remind, "close": reviews.close_early, "cancel": reviews.cancel}
        if act not in acts:
            raise refuse(Code.REVIEW_ACT_UNKNOWN, "act")
        acts[act](review, actor=self.caller, now=self.now)
        tasks.start_reviews()
        return Response(ReviewSerializer(_found(self, review_id)).data)


class ItemsOfReview(TokenView):
    @endpoint(
        "list_review_items",
        ItemSerializer(many=True),
        refusals=[404],
        parameters=[_REVIEW, _UNANSWERED, PER_PAGE, PAGE, LINK],
        tag=TAG,
    )
    def get(self, request: Request, review_id: str) -> Response:
        """Give the report of a review, token by token: what their owners said, and what came of them."""
        is_asked = request.query_params.get("unanswered") in {"true", "1"}
        found = _found(self, review_id).items.order_by("pk")
        shown = found.filter(answer="", outcome="") if is_asked else found
        page = page_of(shown, request, by=None, kept=[("unanswered", "true")] if is_asked else [])
        return Response(ItemSerializer(page.rows, many=True).data, headers={"Link": page.link})


def _found(call: TokenView, review_id: str) -> Review:
    """A review of an account whose policy the caller edits. Raises Http404."""
    held = held_accounts(call.caller, Permission.POLICY_EDIT, now=call.now)
    asked: QuerySet[Review] = Review.objects.filter(account__path__overlap=list(held))
    review = asked.filter(pk=number_in(review_id) or 0).first()
    if review is None:
        raise Http404
    return review


class OwnItems(TokenView):
    @endpoint("list_own_review_items", ItemSerializer(many=True), tag=TAG)
    def get(self, _request: Request) -> Response:
        """List what you are asked of your own tokens, also what may be answered late."""
        return Response(ItemSerializer(reviews.asked_now(self.caller), many=True).data)


class OwnItem(TokenView):
    @endpoint(
        "answer_review", ItemSerializer, refusals=[404, 409], parameters=[_ITEM], request=AnswerSerializer, tag=TAG
    )
    def put(self, _request: Request, item_id: str) -> Response:
        """Answer of one of your tokens. The last word counts, until one is that it is not needed: that revokes it."""
        self.require_manage()
        found = ReviewItem.objects.filter(owner=self.caller, pk=number_in(item_id) or 0)
        if not found.exists():
            raise Http404
        said = self.said(AnswerSerializer)
        if "needed" not in said:
            raise refuse(Code.PARAMETER_INVALID, "needed", expected="flag")
        answers = {found.get().pk: reviews.Said(bool(said["needed"]), said.get("purpose"))}
        reviews.answer(self.caller, answers, now=self.now)
        return Response(ItemSerializer(found.get()).data)
