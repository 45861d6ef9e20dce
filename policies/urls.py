"""The settings of accounts."""

from django.urls import path

from policies.views import settings, undoing

app_name = "policies"
urlpatterns = [
    path("settings/", settings.entry, name="entry"),
    path("accounts/<int:account_id>/settings/", settings.account_settings, name="settings"),
    path("accounts/<int:account_id>/settings/preview/", settings.preview_settings, name="preview"),
    path("accounts/<int:account_id>/settings/changes/<int:number>/undo/", undoing.undo, name="undo"),
]
