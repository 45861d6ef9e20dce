"""What is asked after every trial: whether the answers, the rows and the trail say the same."""

from typing import Any

from accounts.audit import AuditEvent, moment
from accounts.models import User
from tests.torture.races.cast import now_of, works
from tests.torture.races.lane import Run
from tokens.models import AccessToken

_FACTS = ("purpose", "state", "expires_at", "scopes", "lookup_id")


def wrong(**expected: bool) -> str:
    """Name what does not hold; the names are the claims."""
    return ", ".join(f"not: {claim.replace('_', ' ')}" for claim, holds in expected.items() if not holds)


def all_of(*found: str) -> str:
    return "; ".join(filter(None, found))


def tokens_of(owner: User) -> list[AccessToken]:
    return list(AccessToken.objects.filter(user=owner).order_by("pk"))


def count_lines(action: str, subject_id: int) -> int:
    return AuditEvent.objects.filter(action=action, subject_id=subject_id).count()


def secrets_that_work(*secrets: str) -> int:
    return sum(works(secret) for secret in secrets if secret)


def secret_of(run: Run) -> str:
    """The secret that somebody was shown, if anybody was."""
    return getattr(run.value, "secret", "")


def broken_trail(*tokens: AccessToken) -> str:
    """Whether each line of a token begins where the one before it ended, and the row is what the last one says.

    An update that is lost, or one that is made of what was read too early, breaks it.
    """
    return all_of(*(_broken(now_of(token)) for token in tokens))


def _broken(token: AccessToken) -> str:
    known: dict[str, Any] = {}
    lines = AuditEvent.objects.filter(action__startswith="token.", subject_id=token.pk).order_by("pk")
    for line in lines:
        for name in _FACTS:
            if name in line.before and name in known and line.before[name] != known[name]:
                return f"{line.action} changes {name} from {line.before[name]}, which was {known[name]}"
        known |= {name: line.after[name] for name in _FACTS if name in line.after}
    stands = {**token.facts(), "expires_at": moment(token.expires_at)}
    return "".join(
        f"{name} is {stands[name]}, its trail says {said}" for name, said in known.items() if stands[name] != said
    )
