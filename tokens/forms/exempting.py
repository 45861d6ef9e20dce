"""What a page asks about an exemption from the cap: whom it is for, until when, and why."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, TypeVar
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Account, Role
from policies.expiry import last_moment_of, parse_day
from policies.forms import PlainText, RefusableForm
from policies.models.exemption import LONGEST_EXEMPTION
from policies.refusals import Code, Gathered, Refused, refuse
from tokens.forms.ends import CUSTOM, Choice
from tokens.texts import MAX_LENGTH, clean_reason

DAYS = (30, 90, LONGEST_EXEMPTION.days)
USUAL = "90"
_Thing = TypeVar("_Thing", Role, Account)


class ExemptionForm(RefusableForm):
    """An exemption of a person; `ends_at` among its cleaned values is the end that was chosen."""

    drawn_as: ClassVar[dict[str, str]] = {"ends_at": "days", "expires_at": "days"}
    days = PlainText()
    until = PlainText()
    reason = PlainText(
        asked=True,
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("For the list of exemptions and the audit log."),
        widget=forms.TextInput(
            attrs={"class": "input", "maxlength": MAX_LENGTH, "autocomplete": "off", "aria-required": "true"}
        ),
    )

    def __init__(self, *args: Any, zone: ZoneInfo, now: datetime, **kwargs: Any) -> None:
        """A day ends in `zone`."""
        super().__init__(*args, **kwargs)
        self.zone, self.now = zone, now
        self.initial.setdefault("days", USUAL)

    @property
    def choices(self) -> list[Choice]:
        """Every radio button."""
        presets = [Choice(str(n), ngettext("%(n)d day", "%(n)d days", n) % {"n": n}, self._end_in(n)) for n in DAYS]
        return [*presets, Choice(CUSTOM, _("Other"), note=_("Pick a date"))]

    @property
    def first_day(self) -> date:
        """The earliest day one can pick."""
        return self.now.astimezone(self.zone).date()

    @property
    def last_day(self) -> date:
        """The latest one."""
        return self._limit.astimezone(self.zone).date()

    def clean(self) -> dict[str, Any]:
        """Read the end and the reason; what else they must be the door says."""
        values = super().clean() or self.cleaned_data
        gathered = Gathered()
        with gathered:
            values["ends_at"] = self._read(values.get("days", ""), values.get("until", "").strip())
        with gathered:
            values["reason"] = clean_reason(values.get("reason"))
        self.add_refusals(Refused(*gathered.refusals))
        return values

    @property
    def _limit(self) -> datetime:
        return self.now + LONGEST_EXEMPTION

    def _end_in(self, days: int) -> datetime:
        return last_moment_of((self.now + timedelta(days=days)).astimezone(self.zone).date(), self.zone, self._limit)

    def _read(self, days: str, until: str) -> datetime:
        if days in {str(n) for n in DAYS}:
            return self._end_in(int(days))
        if days != CUSTOM or not until:
            raise refuse(Code.EXPIRY_REQUIRED, "ends_at")
        return last_moment_of(parse_day(until), self.zone, self._limit)


class RoleExemptionForm(ExemptionForm):
    """An exemption of all who hold a role in an account or below it."""

    role = PlainText(label=gettext_lazy("Role"), asked=True)
    account = PlainText(label=gettext_lazy("Account"), asked=True)

    def __init__(self, *args: Any, roles: Sequence[Role], accounts: Sequence[Account], **kwargs: Any) -> None:
        """Offer these roles, and these accounts to hold them in."""
        super().__init__(*args, **kwargs)
        self.roles, self.accounts = roles, accounts

    def clean_role(self) -> Role:
        """One of those offered."""
        return _one_of(self.roles, self.cleaned_data["role"], _("Choose a role."))

    def clean_account(self) -> Account:
        """One of those offered."""
        return _one_of(self.accounts, self.cleaned_data["account"], _("Choose an account."))


def _one_of(things: Sequence[_Thing], number: str, otherwise: str) -> _Thing:
    found = next((thing for thing in things if str(thing.pk) == number), None)
    if found is None:
        raise forms.ValidationError(otherwise)
    return found
