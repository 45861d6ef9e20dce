"""What a page asks about an emergency stop: whose tokens, and why."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.finding import course_named
from accounts.labels import BASES
from accounts.models import Account
from accounts.parameters import number_in
from accounts.roles import Base
from policies.forms import PlainText, RefusableForm
from policies.refusals import Code, Refused, refuse
from tokens.forms.roles import as_tree
from tokens.models import WHOM
from tokens.reasons import ReasonCode
from tokens.stops import Whom
from tokens.texts import MAX_LENGTH, clean_sentence

_TEXT = {"class": "input", "maxlength": MAX_LENGTH, "autocomplete": "off"}


class StopForm(RefusableForm):
    """Whose tokens are to be stopped: `whom`, and what that is within; an address says it, too."""

    whom = PlainText(label=_("Whose tokens"), widget=forms.RadioSelect)
    account = PlainText(label=_("Account"), widget=forms.Select(attrs={"class": "select"}))
    base = PlainText(label=_("Role"), widget=forms.Select(attrs={"class": "select"}))
    course = PlainText(
        label=_("Course"),
        help_text=_("Its code or its SIS id, such as HIST 101."),
        widget=forms.TextInput(attrs=_TEXT),
    )

    def __init__(self, *args: Any, accounts: Sequence[Account], is_root: bool, **kwargs: Any) -> None:
        """Offer these accounts, and everything to who may stop all of the school."""
        super().__init__(*args, **kwargs)
        self._accounts = {account.pk: account for account in accounts}
        self.choices = [(each, label) for each, label in WHOM.items() if is_root or each != Whom.EVERYTHING]
        self.fields["account"].widget.choices = as_tree(accounts)
        self.fields["base"].widget.choices = list(BASES.items())
        self.initial.setdefault("whom", Whom.ACCOUNT)

    @property
    def asked(self) -> dict[str, Any]:
        """What was asked for, as `target_of` takes it. Raises Refused(whom_unknown or course_unknown)."""
        said = {name: str(self.data.get(name, "")).strip() for name in self.fields}
        if said["whom"] not in {each for each, _label in self.choices}:
            raise refuse(Code.WHOM_UNKNOWN, "whom")
        whom = Whom(said["whom"])
        asked: dict[str, Any] = {"whom": whom}
        if whom in (Whom.ACCOUNT, Whom.ROLE):
            asked["account"] = self._accounts.get(number_in(said["account"]) or 0)
        if whom == Whom.ROLE:
            asked["base"] = Base(said["base"]) if said["base"] in set(Base) else None
        if whom == Whom.COURSE:
            asked["course"] = course_named(self._accounts, said["course"])
            if asked["course"] is None:
                raise refuse(Code.COURSE_UNKNOWN, "course")
        return asked


class PauseForm(RefusableForm):
    """Why, and a sentence for the owners."""

    reason_code = PlainText(
        label=_("Reason"),
        widget=forms.Select(
            attrs={"class": "select", "autofocus": True},
            choices=[("", _("Choose one, or say it in your own words")), *ReasonCode.choices],
        ),
    )
    reason = PlainText(
        label=_("In your own words"),
        help_text=_("For administrators and the audit log; owners do not see it."),
        widget=forms.TextInput(attrs=_TEXT),
    )
    words = PlainText(
        label=_("A sentence to the owners"),
        help_text=_("It stands in their e-mail and on their pages, beside what is always said."),
        widget=forms.TextInput(attrs=_TEXT),
    )

    def checked_words(self) -> str:
        """The sentence as it would be sent; none where it cannot be, which is noted."""
        words = self.data.get("words", "")
        try:
            return clean_sentence(words, "words")
        except Refused as refused:
            if not self.errors.get("words"):
                self.add_refusals(refused)
            return ""
