"""Whether an ID token is good: signed by the provider, for us, by now (OpenID Connect Core 1.0, section 3.1.3.7)."""

from collections.abc import Mapping
from typing import Any

import jwt
from jwt.types import Options

# Signatures that only the provider can make; a client's secret signs nothing here.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
LEEWAY = 60  # seconds that two clocks may differ


def claims_in(id_token: str, *, keys: Mapping[str, Any], issuer: str, client_id: str) -> dict[str, Any]:
    """The claims of an ID token. `keys` is the provider's JWK Set (RFC 7517). Raises jwt.PyJWTError for a bad one."""
    key = _key_of(id_token, keys)
    needed: Options = {"require": ["iss", "sub", "aud", "exp", "iat"]}
    claims: dict[str, Any] = jwt.decode(
        id_token, key, algorithms=ALGORITHMS, audience=client_id, issuer=issuer, leeway=LEEWAY, options=needed
    )
    if claims.get("azp", client_id) != client_id or (_is_for_many(claims) and "azp" not in claims):
        raise jwt.InvalidAudienceError("The token was made for another client")
    return claims


def _is_for_many(claims: Mapping[str, Any]) -> bool:
    return isinstance(claims["aud"], list) and len(claims["aud"]) > 1


def _key_of(id_token: str, keys: Mapping[str, Any]) -> jwt.PyJWK:
    """The key that the token names; a provider with one key need not name it."""
    wanted = jwt.get_unverified_header(id_token).get("kid")
    known = jwt.PyJWKSet.from_dict(dict(keys)).keys
    found = [key for key in known if wanted in (None, key.key_id)]
    if len(found) != 1:
        raise jwt.InvalidKeyError(f"The provider has {len(found)} keys of the name {wanted}")
    return found[0]
