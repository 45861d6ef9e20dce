"""Tokens, in the API."""

from django.urls import path

from accounts.references import PERSON
from tokens.api import (
    asking,
    carrying,
    flag_rules,
    flags,
    importing,
    lookup,
    making,
    moves,
    of_person,
    one,
    pauses,
    reviews,
    rotating,
)

urlpatterns = [
    path("tokens/self", carrying.CarryingToken.as_view(), name="api_token_self"),
    path("tokens/self/rotate", rotating.RotateSelf.as_view(), name="api_rotate_token_self"),
    path("token_imports", importing.TokenImports.as_view(), name="api_token_imports"),
    path("tokens/lookup", lookup.Lookup.as_view(), name="api_token_lookup"),
    path("accounts/<str:account_id>/pauses", pauses.PausesOfAccount.as_view(), name="api_pauses"),
    path("accounts/<str:account_id>/pauses/<str:pause_id>", pauses.OnePause.as_view(), name="api_pause"),
    path(
        "accounts/<str:account_id>/pauses/<str:pause_id>/tokens",
        pauses.TokensOfPause.as_view(),
        name="api_paused_tokens",
    ),
    path("accounts/<str:account_id>/pauses/<str:pause_id>/lift", pauses.LiftPause.as_view(), name="api_lift_pause"),
    path(
        "accounts/<str:account_id>/pauses/<str:pause_id>/revoke",
        pauses.RevokePaused.as_view(),
        name="api_revoke_paused",
    ),
    path("accounts/<str:account_id>/flags", flags.FlagsOfAccount.as_view(), name="api_flags"),
    path("accounts/<str:account_id>/flag_rules", flag_rules.FlagRules.as_view(), name="api_flag_rules"),
    path("flags/<str:flag_id>", flags.OneFlag.as_view(), name="api_flag"),
    path("users/self/flags/<str:flag_id>", flags.OwnFlag.as_view(), name="api_own_flag"),
    path("accounts/<str:account_id>/reviews", reviews.ReviewsOfAccount.as_view(), name="api_reviews"),
    path("reviews/<str:review_id>", reviews.OneReview.as_view(), name="api_review"),
    path("reviews/<str:review_id>/items", reviews.ItemsOfReview.as_view(), name="api_review_items"),
    path("users/self/review_items", reviews.OwnItems.as_view(), name="api_own_review_items"),
    path("users/self/review_items/<str:item_id>", reviews.OwnItem.as_view(), name="api_own_review_item"),
    path("users/self/token_requests", asking.OwnRequests.as_view(), name="api_token_requests"),
    path("users/self/token_requests/<str:request_id>", asking.OwnRequest.as_view(), name="api_token_request"),
    path(
        "accounts/<str:account_id>/token_requests",
        asking.RequestsOfAccount.as_view(),
        name="api_account_token_requests",
    ),
    path("token_requests/<str:request_id>/approve", asking.Approve.as_view(), name="api_approve_token_request"),
    path("token_requests/<str:request_id>/refuse", asking.Refuse.as_view(), name="api_refuse_token_request"),
    path(f"{PERSON}/user_generated_tokens", of_person.TokensOfPerson.as_view(), name="api_tokens"),
    path(f"{PERSON}/tokens", making.NewToken.as_view(), name="api_new_token"),
    path(f"{PERSON}/tokens/<str:token_id>", one.OneToken.as_view(), name="api_token"),
    path("users/self/tokens/<str:token_id>/activate", moves.Activate.as_view(), name="api_activate_token"),
    path("users/self/tokens/<str:token_id>/rotate", rotating.RotateToken.as_view(), name="api_rotate_token"),
    path("users/self/tokens/<str:token_id>/overlap", rotating.Overlap.as_view(), name="api_token_overlap"),
    path(f"{PERSON}/tokens/<str:token_id>/suspend", moves.Suspend.as_view(), name="api_suspend_token"),
    path(f"{PERSON}/tokens/<str:token_id>/resume", moves.Resume.as_view(), name="api_resume_token"),
]
