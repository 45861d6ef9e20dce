"""`manage.py sign_in check` and `forget LOGIN`: whether the school's sign-in is set up, and who may come anew."""

from argparse import ArgumentParser
from importlib import import_module
from typing import Any

from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from requests import RequestException

from accounts.claims.arriving import forget
from accounts.claims.holding import places_in
from accounts.claims.rules import Arrivals
from accounts.claims.unusable import Unusable
from accounts.models import User
from accounts.oidc import SchoolAdapter


class Command(BaseCommand):
    """Both are for who can write the database as well."""

    help = "Ask the school's sign-in what it is and look up the roles that claims give; or let a person come anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do."""
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("check", help="exit code 1 where something would not work")
        forgetting = acts.add_parser("forget", help="forget as whom a person has come: they may come as somebody else")
        forgetting.add_argument("login", help="the person's sign-in name")

    def handle(self, *, act: str, login: str = "", **_options: Any) -> None:
        """Do it and say so, or say why not: exit code 1, or 2 for a name that nobody has."""
        if act == "check":
            self._check()
        else:
            self._forget(login)

    def _check(self) -> None:
        if not settings.OIDC_ISSUER and not settings.SAML_METADATA:
            raise CommandError("Neither OIDC_ISSUER nor SAML_METADATA is set: people sign in with a password.")
        try:
            if settings.OIDC_ISSUER:
                self._check_oidc()
            if settings.SAML_METADATA:
                self._check_saml()
        except (OAuth2Error, RequestException, OSError, Unusable) as error:
            raise CommandError(str(error)) from error

    def _check_oidc(self) -> None:
        adapter = SchoolAdapter(HttpRequest(), settings.OIDC_ISSUER)
        adapter.keys()
        self.stdout.write(f"{adapter.openid_config['issuer']} answers, and its keys are there.")
        self.stdout.write(f"Its redirect URI for this portal: {adapter.get_callback_url(HttpRequest(), None)}")
        self._check_roles(settings.OIDC_ARRIVALS)

    def _check_saml(self) -> None:
        import_module("accounts.saml.toolkit").asking()  # where the extra is installed
        self.stdout.write(f"The metadata of {settings.SAML_ENTITY_ID} can be read.")
        self.stdout.write(f"Those of this portal: {settings.PUBLIC_URL}{reverse('saml_metadata')}")
        self._check_roles(settings.SAML_ARRIVALS)

    def _check_roles(self, arrivals: Arrivals) -> None:
        self.stdout.write(f"Roles in accounts that claims give: {len(places_in(arrivals.rules))}, all known.")

    def _forget(self, login: str) -> None:
        person = User.objects.filter(login_id__iexact=login).first()
        if person is None:
            raise CommandError(f"Nobody signs in as {login}.", returncode=2)
        if not forget(person, now=timezone.now()):
            raise CommandError(f"{person.login_id} has not come by the school's sign-in.")
        self.stdout.write(f"{person.login_id} may come anew, also as somebody else.")
