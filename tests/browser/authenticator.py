"""A device with passkeys beside a page: Chromium's own, by the DevTools protocol (domain WebAuthn)."""

from typing import Any, Self

from playwright.sync_api import CDPSession, Page

# A phone or a laptop: knows its owner, and keeps passkeys that are found without a name.
INTERNAL = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Authenticator:
    """Answers for its owner as soon as a page asks, unless they are away."""

    def __init__(self, page: Page, **instead: Any) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable", {"enableUI": False})
        made = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": {**INTERNAL, **instead}})
        self._id: str = made["authenticatorId"]

    @property
    def credentials(self) -> list[dict[str, Any]]:
        """What it keeps, private keys and all."""
        found = self._session.send("WebAuthn.getCredentials", {"authenticatorId": self._id})
        kept: list[dict[str, Any]] = found["credentials"]
        return kept

    def put_into(self, page: Page) -> Self:
        """The same device beside another browser."""
        other = type(self)(page)
        for credential in self.credentials:
            kept = {"authenticatorId": other._id, "credential": credential}
            other._session.send("WebAuthn.addCredential", kept)
        return other

    def leave(self) -> None:
        """Let nobody be there: what is asked of it comes to nothing."""
        self._session.send("WebAuthn.setUserVerified", {"authenticatorId": self._id, "isUserVerified": False})
