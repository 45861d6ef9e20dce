"""The services that may ask about tokens: made, revoked and recognised. The only writer of verifiers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.audit import record
from accounts.models import User
from accounts.prepared import Row, fetch_one
from policies.refusals import Code, refuse
from tokens import journal, secrets
from tokens.matching import match
from tokens.models import Verifier
from tokens.texts import clean_name


@dataclass(frozen=True, slots=True)
class Registered:
    """A new verifier with its secret, which exists nowhere else."""

    verifier: Verifier
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class VerifierRow:
    """The columns of a verifier that a check needs."""

    id: int
    tag: bytes = field(repr=False)
    tag_key: str
    verifier: str = field(repr=False)
    allowed_scopes: list[str]


Claim = secrets.Presented  # a client's id and secret
READ = (
    "SELECT id, tag, tag_key, verifier, allowed_scopes FROM tokens_verifier WHERE lookup_id = %s AND revoked_at IS NULL"
)
COLUMNS = 5  # of READ


@transaction.atomic
def register(
    name: str, *, owner: User | None, allowed_scopes: Iterable[str] = (), actor: User | None, now: datetime
) -> Registered:
    """Make a verifier. Raises Refused(name_* or verifier_name_taken)."""
    presented = secrets.generate(settings.VERIFIER_PREFIX)
    kept = secrets.keep(presented)
    verifier = Verifier(
        name=clean_name(name),
        owner=owner,
        allowed_scopes=sorted(set(allowed_scopes)),
        created_at=now,
        lookup_id=kept.lookup_id,
        tag=kept.tag,
        tag_key=kept.tag_key,
        verifier=kept.verifier,
    )
    try:
        with transaction.atomic():
            verifier.save(force_insert=True)
    except IntegrityError as error:
        raise refuse(Code.VERIFIER_NAME_TAKEN, "name", name=verifier.name) from error
    facts = {"name": verifier.name, "client_id": verifier.lookup_id, "allowed_scopes": verifier.allowed_scopes}
    record("verifier.register", actor=actor, now=now, person=owner, subject_id=verifier.pk, after=facts)
    return Registered(verifier, presented.text)


@transaction.atomic
def revoke(verifier: Verifier, *, actor: User | None, now: datetime) -> Verifier:
    """End a verifier for good, from its next question on; a second time changes nothing."""
    verifier = Verifier.objects.select_for_update(of=("self",)).get(pk=verifier.pk)
    if verifier.revoked_at is None:
        verifier.revoked_at, verifier.revoked_by = now, actor
        verifier.save(update_fields=["revoked_at", "revoked_by"])
        record("verifier.revoke", actor=actor, now=now, person=verifier.owner_id, subject_id=verifier.pk)
        journal.owe()
    return verifier


def recognise(client_id: str, client_secret: str) -> VerifierRow | None:
    """The verifier with these credentials; None unless both are right. Raises as `verification.verify` does."""
    claim = claim_of(client_id, client_secret)
    return judge(claim, fetch_one(READ, [client_id])) if claim else None


def claim_of(client_id: str, client_secret: str) -> Claim | None:
    """These credentials, if they have the right shape and belong together."""
    presented = secrets.parse(client_secret, settings.VERIFIER_PREFIX)
    return presented if presented is not None and presented.lookup_id == client_id else None


def judge(claim: Claim, row: Row | None) -> VerifierRow | None:
    """The verifier, by the row that READ gives for the claim's lookup id; None unless the secret is right.

    Where the key of its tag is on its way out or gone, a right secret is tagged anew: or each question of a service
    would wait for Argon2id from then on. Raises journal.Quarantined while the doors are closed.
    """
    journal.require_open()
    verifier = None if row is None else VerifierRow(*row)
    matched = match(claim, verifier)
    if verifier is None or not matched.is_right:
        return None
    if matched.retagged is not None:
        tag_key, tag = matched.retagged
        Verifier.objects.filter(pk=verifier.id, tag_key=verifier.tag_key, tag=verifier.tag).update(
            tag_key=tag_key, tag=tag
        )
    return verifier
