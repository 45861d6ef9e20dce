"""Standings, in the API."""

from django.urls import path

from accounts.references import PERSON
from policies import api

urlpatterns = [path(f"{PERSON}/standing", api.Standing.as_view(), name="api_standing")]
