"""Tokens: their shape, their keys, and what is kept of them."""

import base64
import json
import re

from django.core.exceptions import ImproperlyConfigured

from tokenportal.settings.environment import DEBUG, env, required
from tokenportal.settings.house import ALLOWED_HOSTS

TOKEN_PREFIX = env.str("TOKEN_PREFIX", "tpat")
VERIFIER_PREFIX = env.str("VERIFIER_PREFIX", "tpvs")
# Where people and services find this portal: the issuer of its answers (RFC 7662, RFC 8414). No slash at the end.
PUBLIC_URL = env.str(
    "PUBLIC_URL", f"http://localhost:{env.str('PORT', '8000')}" if DEBUG else f"https://{''.join(ALLOWED_HOSTS[:1])}"
).rstrip("/")


HOW_KEYS_ARE_WRITTEN = "TOKEN_KEYS: write id:base64key, each key of 32 bytes or more."


def key_bytes(text: str) -> bytes:
    """Read a key. A letter that is no base64 is an error: skipped, it would make another key in silence."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ImproperlyConfigured(HOW_KEYS_ARE_WRITTEN) from error


def key_ring(text: str) -> dict[str, bytes]:
    """Read `id:base64key,id:base64key`; the first key is the primary one, each holds at least 32 bytes."""
    ring = {}
    for item in text.split(","):
        key_id, _sep, key = item.strip().partition(":")
        if key_id in ring:
            raise ImproperlyConfigured(f"TOKEN_KEYS: two keys are called “{key_id}”; a new one needs a new name.")
        ring[key_id] = key_bytes(key)
        if not 0 < len(key_id) <= 64 or len(ring[key_id]) < 32:
            raise ImproperlyConfigured(HOW_KEYS_ARE_WRITTEN)
        if key_id == "sha256":
            raise ImproperlyConfigured("TOKEN_KEYS: “sha256” stands for tokens of other systems; call the key another.")
    return ring


TOKEN_KEYS = key_ring(
    required("TOKEN_KEYS", "demo:" + base64.b64encode(b"demo-only-token-key, never for real use").decode())
)


def shape_of_foreign(text: str) -> str:
    """Read the regular expression of tokens of another system, which may hold anything but what means nothing."""
    try:
        pattern = re.compile(text, re.ASCII)
    except re.error as error:
        raise ImproperlyConfigured(f"FOREIGN_TOKENS is no regular expression: {error}.") from error
    if text and pattern.fullmatch(""):
        raise ImproperlyConfigured("FOREIGN_TOKENS: write what a whole token of the other system looks like.")
    return text


# What tokens brought from another system look like (`manage.py import_tokens`): Canvas' are \d+~[0-9A-Za-z]{64}.
FOREIGN_TOKENS = shape_of_foreign(env.str("FOREIGN_TOKENS", ""))


def leak_keys(text: str) -> dict[str, str]:
    """Read the keys of secret scanners, PEM by name, from the JSON that GitHub gives out; those not current are left.

    https://api.github.com/meta/public_keys/secret_scanning
    """
    if not text.strip():
        return {}
    try:
        listed = json.loads(text)["public_keys"]
        return {each["key_identifier"]: each["key"] for each in listed if each.get("is_current", True)}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ImproperlyConfigured("LEAK_KEYS: write the JSON of GitHub's public keys for secret scanning.") from error


# Whose reports of leaked tokens are believed at /leaks. Without a key there is no such address.
LEAK_KEYS = leak_keys(env.str("LEAK_KEYS", ""))
# Hosts that webhooks may be sent to though their addresses are not of the internet.
WEBHOOK_PRIVATE_HOSTS: list[str] = env.list("WEBHOOK_PRIVATE_HOSTS", [])
# How long the days on which a token was used are kept.
USAGE_DAYS = env.int("USAGE_DAYS", 400)
# Keys that no longer decide: their tokens are checked by Argon2id once and tagged anew.
TOKEN_KEYS_RETIRED: list[str] = env.list("TOKEN_KEYS_RETIRED", [])
# Keys that still decide, but whose tags are made anew under the first one as their tokens are used.
TOKEN_KEYS_OUTGOING: list[str] = env.list("TOKEN_KEYS_OUTGOING", [])
if next(iter(TOKEN_KEYS)) in {*TOKEN_KEYS_RETIRED, *TOKEN_KEYS_OUTGOING}:
    raise ImproperlyConfigured(
        "TOKEN_KEYS: the first key makes new tags, so it can be neither retired nor outgoing; put another one in front."
    )
TOKEN_ARGON2 = {"time_cost": 2, "memory_cost": 19 * 1024, "parallelism": 1}

# A file to which the head of the chain over the trail is added daily, best where this database's owner cannot write.
AUDIT_HEADS = env.str("AUDIT_HEADS", "")
