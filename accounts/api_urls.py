"""People and accounts, in the API.

Last among the paths under `users/`: a SIS id with slashes in it looks like any of them.
"""

from django.urls import path

from accounts.api import accounts, people, trail
from accounts.references import PERSON

urlpatterns = [
    path("accounts", accounts.Accounts.as_view(), name="api_accounts"),
    path("accounts/<str:account_id>", accounts.OneAccount.as_view(), name="api_account"),
    path("accounts/<str:account_id>/sub_accounts", accounts.SubAccounts.as_view(), name="api_sub_accounts"),
    path("accounts/<str:account_id>/users", accounts.PeopleOfAccount.as_view(), name="api_account_users"),
    path("accounts/<str:account_id>/audit_events", trail.AuditEvents.as_view(), name="api_account_audit_events"),
    path(f"{PERSON}/profile", people.Profile.as_view(), name="api_profile"),
    path(PERSON, people.Person.as_view(), name="api_user"),
]
