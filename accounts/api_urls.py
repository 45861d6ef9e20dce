"""People, in the API. Last among the paths under `users/`: a SIS id with slashes in it looks like any of them."""

from django.urls import path

from accounts import api
from accounts.references import PERSON

urlpatterns = [
    path(f"{PERSON}/profile", api.Profile.as_view(), name="api_profile"),
    path(PERSON, api.Person.as_view(), name="api_user"),
]
