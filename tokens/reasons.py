"""Why a token is ended, stopped or let work again: a code, and words of somebody's own."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from policies.refusals import Code, refuse
from tokens.texts import clean_reason


class ReasonCode(TextChoices):
    """What reports can count by."""

    LEAKED = "leaked", _("Token leaked")
    REPLACED = "replaced", _("Replaced by another one")
    OWNER_LEFT = "owner_left", _("Owner left")
    ROLE_CHANGED = "role_changed", _("Role changed")
    MISUSE_SUSPECTED = "misuse_suspected", _("Misuse suspected")
    MISUSE_FOUND = "misuse_found", _("Misuse found")
    POLICY = "policy", _("Policy of the school")
    NOT_USED = "not_used", _("Not used")
    OWNERS_WISH = "owners_wish", _("Owner's wish")
    OTHER = "other", _("Another reason")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why; all of it may be left out. What is confidential administrators see, and the owner does not."""

    text: str = ""
    code: str = ""
    is_confidential: bool = False

    @classmethod
    def given(cls, text: str | None, code: str | None = "", *, is_confidential: bool = False) -> "Reason":
        """Check what somebody says.

        Raises Refused(reason_code_unknown, reason_missing for another reason without words, or as `clean_reason`).
        """
        code = code or ""
        if code and code not in ReasonCode.values:
            raise refuse(Code.REASON_CODE_UNKNOWN, "reason_code")
        text = clean_reason(text)
        if code == ReasonCode.OTHER and not text:
            raise refuse(Code.REASON_MISSING, "reason")
        return cls(text, code, is_confidential)

    @property
    def told(self) -> dict[str, object]:
        """What a notice tells the owner of it."""
        if self.is_confidential:
            return {"reason": "", "reason_code": "", "is_confidential": True}
        return {"reason": self.text, "reason_code": self.code, "is_confidential": False}

    @property
    def facts(self) -> dict[str, object]:
        """What a line of the trail keeps of it beside the words."""
        facts: dict[str, object] = {"reason_code": self.code} if self.code else {}
        return facts | ({"is_confidential": True} if self.is_confidential else {})


NO_REASON = Reason()
