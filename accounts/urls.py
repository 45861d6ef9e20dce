"""Signing in, what one prefers, and what was done."""

from importlib.util import find_spec

from django.urls import include, path

from accounts.views import (
    browsers,
    language,
    passkey_sign_in,
    passkeys_kept,
    password,
    preferences,
    recent,
    rosters,
    school_sign_in,
    second_step,
    security,
    sign_in,
    theme,
    trail,
)

# SAML is there with the extra of that name.
_SAML = "accounts.saml_urls" if find_spec("onelogin") else None
urlpatterns = [
    *([path("login/saml/", include(_SAML))] if _SAML else []),
    path("login/", sign_in.sign_in, name="login"),
    path("login/", sign_in.sign_in, name="account_login"),  # as django-allauth calls it
    path("login/school/", school_sign_in.there, name="oidc_login"),
    path("login/school/back/", school_sign_in.back, name="oidc_callback"),
    path("login/code/", second_step.second_step, name="mfa_authenticate"),  # as django-allauth calls it
    path("login/code/challenge/", second_step.challenge, name="second_step_challenge"),
    path("login/passkey/", passkey_sign_in.enter, name="passkey_sign_in"),
    path("login/passkey/challenge/", passkey_sign_in.challenge, name="passkey_sign_in_challenge"),
    path("login/again/", recent.sign_in_again, name="sign_in_again"),
    path("login/again/challenge/", recent.challenge, name="recent_challenge"),
    path("logout/", sign_in.sign_out, name="logout"),
    path("theme/", theme.theme, name="theme"),
    path("language/", language.language, name="language"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("preferences/browsers/", browsers.mine, name="browsers"),
    path("preferences/mails/", preferences.mails, name="mail_preferences"),
    path("security/", security.security, name="security"),
    path("security/password/", password.change, name="security_password"),
    path("security/app/", security.add_app, name="security_app"),
    path("security/codes/", security.renew_codes, name="security_codes"),
    path("security/passkeys/new/", passkeys_kept.add, name="security_passkey"),
    path("security/passkeys/challenge/", passkeys_kept.challenge, name="security_passkey_challenge"),
    path("security/<int:factor_id>/rename/", passkeys_kept.rename, name="security_rename"),
    path("security/<int:factor_id>/remove/", security.remove, name="security_remove"),
    path("rosters/", rosters.rosters, name="rosters"),
    path("audit/", trail.audit_log, name="audit_log"),
    path("audit/export/", trail.export, name="audit_export"),
]
