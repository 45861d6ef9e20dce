"""What the scopes on a token mean."""

from collections.abc import Collection, Iterable

from accounts.roles import Permission, Standing
from policies.refusals import Code, refuse

# Lets a bearer create, regenerate and end tokens, as far as its owner may (rule R7).
MANAGE = "tokens:manage"
KNOWN = (MANAGE,)


def clean_scopes(scopes: Iterable[str], actor: Standing) -> list[str]:
    """Check the scopes that `actor` puts on a token. Raises Refused(scope_unknown or scope_not_allowed)."""
    wanted = sorted(set(scopes))
    for scope in wanted:
        if scope not in KNOWN:
            raise refuse(Code.SCOPE_UNKNOWN, "scopes", scope=scope)
    if MANAGE in wanted and Permission.TOKENS_CREATE not in actor.permissions:
        raise refuse(Code.SCOPE_NOT_ALLOWED, "scopes", scope=MANAGE)
    return wanted


def allows(held: Collection[str], wanted: Iterable[str]) -> bool:
    """Whether a token may do all that is `wanted`; one without scopes may do what its owner may."""
    return not held or set(wanted) <= set(held)
