"""Where every setting comes from: the environment; with DEBUG off what matters has no default."""

from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import Env

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = Env()

DEBUG = env.bool("DEBUG", False)


def required(name: str, demo: str) -> str:
    """Return a setting that production must choose itself; the demo value serves only while DEBUG is on."""
    value = env.str(name, demo if DEBUG else "")
    if not value:
        raise ImproperlyConfigured(f"Set {name}: with DEBUG off there is no default. See .env.example.")
    return value


def at_a_safe_address(name: str, address: str) -> str:
    """Read an address that everything hangs on which is said there: TLS, or this machine. No slash at its end."""
    is_here = urlsplit(address).hostname in ("localhost", "127.0.0.1", "::1")
    if address and not (address.startswith("https://") or (address.startswith("http://") and is_here)):
        raise ImproperlyConfigured(f"{name}: write an address that begins with https://.")
    return address.rstrip("/")
