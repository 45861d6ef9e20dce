"""Signing in, people, and what was done."""

from django.urls import path

from accounts.views import people, sign_in, theme, trail

urlpatterns = [
    path("login/", sign_in.sign_in, name="login"),
    path("logout/", sign_in.sign_out, name="logout"),
    path("theme/", theme.theme, name="theme"),
    path("people/", people.people, name="people"),
    path("audit/", trail.audit_log, name="audit_log"),
]
