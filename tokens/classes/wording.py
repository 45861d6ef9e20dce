"""Why a student has no token of the class, as it is told to who teaches it: nothing of what else they hold."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from policies.refusals import Code, Refusal
from policies.wording import sentence
from tokens.models import ClassItem

_WORDS = {
    Code.CREATION_NOT_ALLOWED: _("Students get no token here unless an administrator makes one for them."),
    Code.APPROVAL_NEEDED: _("Here an administrator has to approve each token of a student first."),
    Code.TOO_MANY_TOKENS: _("They hold as many tokens as the school allows."),
    Code.SCOPES_REQUIRED: _("Where they study, a token has to name what it is good for."),
    Code.INACTIVE_OWNER: _("Their sign-in is switched off."),
}
_LIMIT = ngettext_lazy(
    "Their tokens can last %(days)d day at most.", "Their tokens can last %(days)d days at most.", "days"
)


def why_none(refusal: Refusal) -> str:
    """One sentence."""
    if refusal.code == Code.EXPIRY_BEYOND_CAP:
        return str(_LIMIT % refusal.params)
    return str(_WORDS.get(refusal.code) or sentence(refusal))


def why_not(item: ClassItem) -> str:
    """The same of what was noted; empty where nothing was."""
    return why_none(Refusal(Code(item.refused), params=item.refused_with)) if item.refused else ""
