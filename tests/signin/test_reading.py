"""What stands in claims, in whichever shape, and what a school has written down about them."""

import base64
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from accounts.claims.reading import find, is_elsewhere, is_email_verified, is_same_name, text_of, values_of
from accounts.claims.rules import Arrivals, Rule, required_in, roles_by, rules_in
from accounts.id_tokens import claims_in
from tokenportal.settings.environment import at_a_safe_address
from tokenportal.settings.sign_in import read


@pytest.mark.parametrize(
    ("claim", "values"),
    [
        ("staff", {"staff"}),
        (["staff", "it"], {"staff", "it"}),
        (7, {"7"}),
        (True, {"true"}),
        ([], set()),
        (None, set()),
        (1.5, set()),
        ({"value": "staff"}, set()),
        (["staff", {"value": "it"}, None, ""], {"staff"}),
        ("a\0b", set()),
        ("a\u202eb", set()),
    ],
)
def test_a_claim_is_read_in_every_shape(claim: object, values: set[str]) -> None:
    assert values_of({"groups": claim}, "groups") == values


def test_a_claim_may_lie_inside_another_or_have_dots_in_its_name() -> None:
    claims = {"realm_access": {"roles": ["a"]}, "https://x.example/roles": ["b"], "realm_access.roles": ["c"]}
    assert values_of(claims, "https://x.example/roles") == {"b"}
    assert values_of(claims, "realm_access.roles") == {"c"}
    assert find({"realm_access": {"roles": ["a"]}}, "realm_access.roles") == ["a"]
    assert find({"realm_access": "text"}, "realm_access.roles") is None


def test_of_several_values_none_says_who_somebody_is() -> None:
    assert text_of({"sub": ["a", "b"]}, "sub") == ""
    assert text_of({"sub": ["a"]}, "sub") == "a"


@pytest.mark.parametrize(
    ("said", "verified"), [(True, True), ("true", True), (False, False), ("false", False), (1, False), (None, False)]
)
def test_an_address_is_verified_where_the_provider_says_so(said: object, verified: bool) -> None:
    assert is_email_verified({"email_verified": said}) is verified


def test_a_claim_that_was_left_out_for_its_size_is_not_an_empty_one() -> None:
    assert is_elsewhere({"_claim_names": {"groups": "src1"}}, "groups")
    assert not is_elsewhere({"_claim_names": {"groups": "src1"}, "groups": []}, "groups")
    assert not is_elsewhere({}, "groups")


def test_letters_that_share_a_capital_are_not_the_same() -> None:
    assert is_same_name("Student", "sTUDENT")
    assert not is_same_name("student", "\u017ftudent")
    assert not is_same_name("kim", "\u212aim")
    assert is_same_name("müller", "müller")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists))
def test_whatever_a_provider_sends_is_read_without_an_error(claim: object) -> None:
    claims = {"groups": claim, "_claim_names": claim, "email_verified": claim}
    assert roles_by(claims, (Rule("groups", "staff", "Teacher"),)) in (frozenset(), frozenset({("Teacher", "")}))
    is_elsewhere(claims, "groups.inner")
    is_email_verified(claims)


def test_rules_are_read_from_json() -> None:
    assert rules_in('[{"claim": "groups", "value": "it", "role": "Teacher", "account": "ARTS"}]') == (
        Rule("groups", "it", "Teacher", "ARTS"),
    )
    assert rules_in("") == ()
    assert required_in('{"hd": "x.example"}') == (("hd", "x.example"),)
    assert Arrivals(required=(("hd", "x.example"),)).lets({"hd": "x.example"})
    assert not Arrivals(required=(("hd", "x.example"),)).lets({})


@pytest.mark.parametrize("text", ["{", "[]", '"hd"', '{"hd": 1}', '{"hd": ["school.example"]}'])
def test_claims_that_are_needed_and_are_no_texts_stop_the_start(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="OIDC_REQUIRE:"):
        read("OIDC_REQUIRE", text, required_in)


@pytest.mark.parametrize("text", ["{", "{}", "[1]", '[{"claim": "x"}]', '[{"claim": "x", "value": 1, "role": "y"}]'])
def test_rules_that_are_none_stop_the_start(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="OIDC_ROLES"):
        read("OIDC_ROLES", text, rules_in)


def test_the_provider_is_asked_over_tls_only_unless_it_is_on_this_machine() -> None:
    assert at_a_safe_address("OIDC_ISSUER", "https://idp.example/realm/") == "https://idp.example/realm"
    assert at_a_safe_address("OIDC_ISSUER", "http://localhost:8080") == "http://localhost:8080"
    assert at_a_safe_address("OIDC_ISSUER", "") == ""
    for unsafe in ("http://idp.example", "http://localhost.evil.example", "ftp://localhost", "idp.example"):
        with pytest.raises(ImproperlyConfigured):
            at_a_safe_address("OIDC_ISSUER", unsafe)


# --- the ID token itself; its journeys are in test_attacks -----------------------------------------------------

ISSUER, CLIENT = "https://idp.example", "portal"
KEYS = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2)]
GOOD = {"iss": ISSUER, "sub": "s", "aud": CLIENT, "iat": 1, "exp": 2**40}


def key_set(*numbers: int) -> dict[str, Any]:
    """The keys that the provider publishes."""
    written = [json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEYS[number].public_key())) for number in numbers]
    return {"keys": [{**key, "kid": str(number)} for number, key in zip(numbers, written, strict=True)]}


def signed(claims: dict[str, Any], key: int = 0, *, kid: str | None = None) -> str:
    return jwt.encode(claims, KEYS[key], "RS256", headers={"kid": kid} if kid else {})


def test_a_good_token_is_taken_with_the_key_that_it_names_and_with_the_only_one() -> None:
    assert claims_in(signed(GOOD, 1, kid="1"), keys=key_set(0, 1), issuer=ISSUER, client_id=CLIENT)["sub"] == "s"
    assert claims_in(signed(GOOD), keys=key_set(0), issuer=ISSUER, client_id=CLIENT)["sub"] == "s"


def unsigned(claims: dict[str, Any]) -> str:
    """A token by the algorithm “none”."""
    parts = [base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=") for each in ({"alg": "none"}, claims)]
    return b".".join([*parts, b""]).decode()


@pytest.mark.parametrize(
    "token",
    [
        signed(GOOD, 1, kid="0"),
        signed(GOOD, 0, kid="7"),
        signed(GOOD),  # which of two keys is not said
        unsigned(GOOD),
        jwt.encode(GOOD, "the client's secret, which is 32 bytes", "HS256", headers={"kid": "0"}),
        signed({**GOOD, "azp": "another"}, kid="0"),
        signed({**GOOD, "aud": [CLIENT, "another"]}, kid="0"),
        signed({name: value for name, value in GOOD.items() if name != "exp"}, kid="0"),
        signed({name: value for name, value in GOOD.items() if name != "sub"}, kid="0"),
        "no.token",
        "",
    ],
)
def test_a_token_that_the_provider_has_not_signed_for_us_is_refused(token: str) -> None:
    with pytest.raises(jwt.PyJWTError):
        claims_in(token, keys=key_set(0, 1), issuer=ISSUER, client_id=CLIENT)


def test_a_provider_without_keys_is_refused() -> None:
    without: list[dict[str, Any]] = [{}, {"keys": []}, {"keys": [{"kty": "oct", "k": "AAAA"}]}]
    for keys in without:
        with pytest.raises(jwt.PyJWTError):
            claims_in(signed(GOOD), keys=keys, issuer=ISSUER, client_id=CLIENT)
