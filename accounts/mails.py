"""The kinds of mails that the portal sends, and which of them a person may do without."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from accounts.labels import Text


class Mail(StrEnum):
    SECURITY = "security"
    ENDING = "ending"
    USE = "use"
    POLICY = "policy"
    REQUESTS = "requests"
    REVIEWS = "reviews"
    MESSAGES = "messages"
    DIGEST = "digest"

    @property
    def label(self) -> Text:
        return _WORDS[self][0]

    @property
    def meaning(self) -> Text:
        """When such a mail comes."""
        return _WORDS[self][1]


_WORDS: dict[Mail, tuple[Text, Text]] = {
    Mail.SECURITY: (
        _("Security"),
        _(
            "Somebody else made, changed or stopped a token of yours, one is in danger, or your sign-in has changed. "
            "These always come."
        ),
    ),
    Mail.ENDING: (_("Tokens that end"), _("Before a token ends, when it has ended, and before an unused one ends.")),
    Mail.USE: (_("First uses"), _("A token is used for the first time, or from a network that is new to it.")),
    Mail.POLICY: (_("New rules"), _("A change of the rules that will touch your tokens, or an exemption that ends.")),
    Mail.REQUESTS: (_("Requests"), _("Answers to what you asked for, and what waits for your answer.")),
    Mail.REVIEWS: (_("Access reviews"), _("You are asked whether you still need your tokens.")),
    Mail.MESSAGES: (_("Messages"), _("What administrators and instructors write to you about tokens.")),
    Mail.DIGEST: (_("Overview for administrators"), _("What ends, waits, or went wrong where you administrate.")),
}
# Nobody who steals a session switches off what would tell of it; how often the overview comes is chosen by itself.
CHOICES = tuple(kind for kind in Mail if kind not in (Mail.SECURITY, Mail.DIGEST))


class Often(StrEnum):
    """How often somebody gets the overview."""

    WEEKLY = "weekly"
    DAILY = "daily"
    OFF = "off"

    @property
    def label(self) -> Text:
        return _OFTEN[self]


_OFTEN: dict[Often, Text] = {
    Often.WEEKLY: _("Every Monday"),
    Often.DAILY: _("Every day"),
    Often.OFF: _("Never"),
}
