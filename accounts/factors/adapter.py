"""What django-allauth does with second factors, our way: encrypted at rest, and named as people know the portal."""

from allauth.mfa.adapter import DefaultMFAAdapter
from django.utils.translation import gettext

from accounts.models import User
from accounts.sealing import Seal

SEAL = Seal(b"tokenportal: second factors")


class FactorsAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types of its own
    """Hooks that allauth calls."""

    def encrypt(self, text: str) -> str:
        """What to store of a secret."""
        return SEAL.lock(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret again. Raises Unreadable."""
        return SEAL.unlock(encrypted_text)

    def get_totp_label(self, user: User) -> str:
        """What an app calls the entry: the name by which somebody signs in."""
        return user.login_id

    def get_totp_issuer(self) -> str:
        """What an app files the entry under."""
        return str(gettext("Token Portal"))
