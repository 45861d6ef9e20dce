"""What django-allauth does with second factors, our way: encrypted at rest, and named as people know the school."""

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.utils.translation import gettext

from accounts.models import Account, User
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

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """For whom a passkey is good: this host, under the name of the school."""
        return {"id": context.request.get_host().partition(":")[0], "name": Account.objects.root().name}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, object]:
        """Whose a passkey is, as browsers list it."""
        return {"id": str(user.pk).encode(), "display_name": user.name, "name": user.login_id}
