"""Standings and settings, in the API."""

from django.urls import path

from accounts.references import PERSON
from policies.api import standing, token_policy

_POLICY = "accounts/<str:account_id>/token_policy"

urlpatterns = [
    path(f"{PERSON}/standing", standing.Standing.as_view(), name="api_standing"),
    path(_POLICY, token_policy.TokenPolicy.as_view(), name="api_token_policy"),
    path(f"{_POLICY}/preview", token_policy.PolicyPreview.as_view(), name="api_token_policy_preview"),
    path(f"{_POLICY}/change", token_policy.WaitingChange.as_view(), name="api_token_policy_change"),
]
