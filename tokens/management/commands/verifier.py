"""`manage.py verifier create|list|revoke`: the services that may ask about tokens."""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from policies.refusals import Refused
from policies.wording import sentence
from tokens import verifiers
from tokens.models import Verifier


class Command(BaseCommand):
    """Register. The secret goes to standard output once and is kept nowhere."""

    help = "Register the services that may ask whether a token is good, list them, or revoke one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do, and with which service."""
        acts = parser.add_subparsers(dest="act", required=True)
        create = acts.add_parser("create", help="register a service and print its credentials, once")
        create.add_argument("name", help="what people call the service")
        create.add_argument("--owner", help="the sign-in name of the person responsible for it")
        create.add_argument("--scope", action="append", default=[], help="a scope it is told of; without any, all")
        create.add_argument("--json", action="store_true", help="print client_id and client_secret as JSON")
        listing = acts.add_parser("list", help="show every service")
        listing.add_argument("--json", action="store_true", help="print them as JSON")
        revoke = acts.add_parser("revoke", help="end a service's credentials for good")
        revoke.add_argument("service", help="its name or its client_id")

    def handle(self, *, act: str, **options: Any) -> None:
        """Do it."""
        acts: dict[str, Callable[..., None]] = {"create": self._create, "list": self._list, "revoke": self._revoke}
        try:
            acts[act](**options)
        except Refused as refused:
            raise CommandError(" ".join(map(sentence, refused.refusals))) from refused

    def _create(self, *, name: str, owner: str | None, scope: list[str], **options: Any) -> None:
        person = None if owner is None else User.objects.filter(login_id__iexact=owner).first()
        if owner is not None and person is None:
            raise CommandError(f"Nobody signs in as {owner}.")
        made = verifiers.register(name, owner=person, allowed_scopes=scope, actor=None, now=timezone.now())
        credentials = {"client_id": made.verifier.lookup_id, "client_secret": made.secret}
        if options["json"]:
            self.stdout.write(json.dumps(credentials))
            return
        for key, value in credentials.items():
            self.stdout.write(f"{key}={value}")
        self.stderr.write("Keep the secret now; it is not shown again.")

    def _list(self, **options: Any) -> None:
        services = [_facts(each) for each in Verifier.objects.select_related("owner").order_by("name", "id")]
        if options["json"]:
            self.stdout.write(json.dumps(services))
            return
        for each in services:
            used = f"used {each['last_used_at']}" if each["last_used_at"] else "never used"
            state = f"revoked {each['revoked_at']}" if each["revoked_at"] else used
            self.stdout.write(
                f"{each['client_id']}  {each['name']}  ({each['owner'] or 'nobody responsible'}; {state})"
            )
        if not services:
            self.stderr.write("No service is registered yet: manage.py verifier create NAME")

    def _revoke(self, *, service: str, **_options: Any) -> None:
        found = Verifier.objects.filter(Q(name=service) | Q(lookup_id=service), revoked_at=None).first()
        if found is None:
            raise CommandError(f"No service called {service} is registered.")
        verifiers.revoke(found, actor=None, now=timezone.now())
        self.stdout.write(f"Revoked {found.name}; it hears nothing more from its next question on.")


def _facts(verifier: Verifier) -> dict[str, Any]:
    return {
        "client_id": verifier.lookup_id,
        "name": verifier.name,
        "owner": verifier.owner.login_id if verifier.owner else None,
        "allowed_scopes": verifier.allowed_scopes,
        "last_used_at": verifier.last_used_at.isoformat() if verifier.last_used_at else None,
        "revoked_at": verifier.revoked_at.isoformat() if verifier.revoked_at else None,
    }
