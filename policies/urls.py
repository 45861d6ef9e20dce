"""The settings of accounts."""

from django.urls import path

from policies import views

app_name = "policies"
urlpatterns = [
    path("settings/", views.entry, name="entry"),
    path("accounts/<int:account_id>/settings/", views.account_settings, name="settings"),
    path("accounts/<int:account_id>/settings/preview/", views.preview_settings, name="preview"),
]
