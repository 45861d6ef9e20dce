"""The Canvas from which people and roles come: docs/roster.md. Without an address there is none."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import validate

from tokenportal.settings.environment import at_a_safe_address, env


def canvas_url(address: str) -> str:
    """Read the address of a Canvas: nothing but where it is."""
    safe = at_a_safe_address("CANVAS_URL", address.strip())
    parts = urlsplit(safe)
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise ImproperlyConfigured("CANVAS_URL: write https:// and the name of your Canvas, and nothing after it.")
    return safe


def canvas_token(token: str, url: str) -> str:
    """Read the token. What would not fit into a header is refused here, where no message can hold it."""
    token = token.strip()
    if url and not token:
        raise ImproperlyConfigured("CANVAS_TOKEN: CANVAS_URL is set, so write an access token of that Canvas.")
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise ImproperlyConfigured("CANVAS_TOKEN: write the access token and nothing else.")
    return token


CANVAS_URL = canvas_url(env.str("CANVAS_URL", ""))
CANVAS_TOKEN = canvas_token(env.str("CANVAS_TOKEN", ""), CANVAS_URL)
# Which account of Canvas is the school: Canvas' number of it, sis_account_id:…, or self, the root account.
CANVAS_ACCOUNT = env.str("CANVAS_ACCOUNT", "self", validate=validate.Regexp(r"^(self|\d+|sis_account_id:[^\s/?#%]+)$"))
# Seconds between two runs.
CANVAS_SYNC_EVERY = env.float("CANVAS_SYNC_EVERY", 14400, validate=validate.Range(min=60))
# Where more than so many percent of the people, or of the roles, are missing, nothing is loaded.
CANVAS_MOST_GONE = env.float("CANVAS_MOST_GONE", 10, validate=validate.Range(min=0, max=100))
