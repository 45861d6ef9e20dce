"""What stands in a claim (OpenID Connect Core 1.0, section 5), whichever shape a provider gave it. Pure."""

from collections.abc import Iterable, Mapping

Claims = Mapping[str, object]


def find(claims: Claims, name: str) -> object:
    """The claim of that name, or else the one at the end of a path, as `realm_access.roles`; None without one.

    The whole name goes first: some providers call claims by addresses, which hold dots.
    """
    if name in claims:
        return claims[name]
    first, dot, rest = name.partition(".")
    inner = claims.get(first)
    return find(inner, rest) if dot and isinstance(inner, Mapping) else None


def values_of(claims: Claims, name: str) -> frozenset[str]:
    """Every value of a claim, be it one or a list, as text."""
    found = find(claims, name)
    several: Iterable[object] = found if isinstance(found, list) else [found]
    return frozenset(text for each in several if (text := _text(each)))


def text_of(claims: Claims, name: str) -> str:
    """The value of a claim that has just one; else nothing: of several nobody could say which is meant."""
    values = values_of(claims, name)
    return next(iter(values)) if len(values) == 1 else ""


def is_email_verified(claims: Claims) -> bool:
    """Whether the provider vouches for the address; some write the boolean as text."""
    return _text(claims.get("email_verified")) == "true"


def is_elsewhere(claims: Claims, name: str) -> bool:
    """Whether a claim was left out because it is too large, as Microsoft does with many groups (section 5.6.2)."""
    named = claims.get("_claim_names")
    return isinstance(named, Mapping) and name.partition(".")[0] in named and find(claims, name) is None


def is_same_name(one: str, other: str) -> bool:
    """Whether two names are alike; case counts for nothing among the letters of ASCII, and for all others.

    Elsewhere different letters share a capital: with a long s for an s somebody would be somebody else.
    """
    return one == other or (one.isascii() and other.isascii() and one.lower() == other.lower())


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value).strip() if isinstance(value, str | int) else ""
    return text if text.isprintable() else ""
