"""Where every setting comes from: the environment; with DEBUG off what matters has no default."""

from pathlib import Path

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
