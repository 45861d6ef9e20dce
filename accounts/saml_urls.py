"""Signing in by SAML, where python3-saml is installed."""

from django.urls import path

from accounts.views import saml

urlpatterns = [
    path("", saml.there, name="saml_login"),
    path("acs/", saml.acs, name="saml_acs"),
    path("finish/", saml.finish, name="saml_finish"),
    path("metadata/", saml.metadata, name="saml_metadata"),
]
