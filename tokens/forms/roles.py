"""What a page asks about a role of the school's own, and about giving one to a person."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.labels import BASES, RIGHTS, RIGHTS_EXPLAINED, Text, role_name
from accounts.models import Account, Enrollment, Role
from accounts.parameters import number_in
from accounts.roles import Permission
from policies.expiry import end_of_day, parse_day
from policies.forms import PlainText, RefusableForm, Texts
from policies.refusals import Code, Gathered, Refused, refuse
from tokens.texts import MAX_LENGTH, require_clean_label

_STEP = "\N{NO-BREAK SPACE}" * 3


class RoleForm(RefusableForm):
    """A role of the school's: what it is called, of what kind it is, and what its holders may do."""

    label = PlainText(
        asked=True,
        label=_("Name"),
        help_text=_("What people here call it, such as “Help desk”."),
        widget=forms.TextInput(
            attrs={"class": "input", "maxlength": MAX_LENGTH, "autocomplete": "off", "aria-required": "true"}
        ),
    )
    base = PlainText(
        asked=True,
        label=_("Kind"),
        help_text=_(
            "What the rules about tokens take its holders for: to a student role alone the limit for "
            "students applies, to any other it does not. It never changes."
        ),
        widget=forms.Select(attrs={"class": "select", "aria-required": "true"}),
    )
    permissions = Texts()

    def __init__(self, *args: Any, held: Collection[Permission], is_new: bool, **kwargs: Any) -> None:
        """Offer the rights that the visitor holds in the root account: nobody gives others."""
        super().__init__(*args, **kwargs)
        self.offered: list[tuple[str, Text, Text]] = [
            (right.value, RIGHTS[right], RIGHTS_EXPLAINED[right]) for right in Permission if right in held
        ]
        if is_new:
            self.fields["base"].widget.choices = [("", _("Choose one")), *BASES.items()]
        else:
            del self.fields["base"]

    def clean(self) -> dict[str, Any]:
        """Say at once what is wrong with name and kind; the rest the door says."""
        values = super().clean() or self.cleaned_data
        gathered = Gathered()
        with gathered:
            _require_label(values.get("label", ""))
        with gathered:
            if "base" in self.fields and values.get("base") not in BASES:
                raise refuse(Code.ROLE_BASE_UNKNOWN, "base")
        if gathered.refusals:
            self.add_refusals(Refused(*gathered.refusals))
        return values


class GiveRoleForm(RefusableForm):
    """A role for a person: which one, in which account, and until when, if not for good."""

    role = PlainText(asked=True, label=_("Role"), widget=forms.Select(attrs={"class": "select", "autofocus": True}))
    account = PlainText(
        asked=True,
        label=_("Account"),
        help_text=_("What the role allows, it allows over the people of this account and those below it."),
        widget=forms.Select(attrs={"class": "select"}),
    )
    until = PlainText(
        label=_("Until"),
        help_text=_(
            "With the end of this day, in your time zone, it ends by itself. Empty: it stays until it is ended."
        ),
        widget=forms.DateInput(attrs={"class": "input", "type": "date"}),
    )

    def __init__(
        self,
        *args: Any,
        roles: Sequence[Role],
        accounts: Sequence[Account],
        now: datetime,
        zone: ZoneInfo,
        **kwargs: Any,
    ) -> None:
        """Offer these roles and accounts; a day is one of `zone`."""
        super().__init__(*args, **kwargs)
        self._roles = {role.pk: role for role in roles}
        self._accounts = {account.pk: account for account in accounts}
        self._now, self._zone = now, zone
        named = [(role.pk, role_name(role.label)) for role in roles]
        self.fields["role"].widget.choices = [("", _("Choose one")), *named]
        self.fields["account"].widget.choices = as_tree(accounts)
        self.fields["until"].widget.attrs["min"] = now.astimezone(zone).date().isoformat()

    def clean(self) -> dict[str, Any]:
        """Read all three, and say at once what is wrong with any of them."""
        values = super().clean() or self.cleaned_data
        gathered = Gathered()
        with gathered:
            values["role"] = _one_of(self._roles, values.get("role", ""), refuse(Code.ROLE_UNKNOWN, "role"))
        with gathered:
            unknown = refuse(Code.ROLE_ACCOUNT_UNKNOWN, "account")
            values["account"] = _one_of(self._accounts, values.get("account", ""), unknown)
        with gathered:
            values["until"] = self._end(values.get("until", "").strip())
        if gathered.refusals:
            self.add_refusals(Refused(*gathered.refusals))
        return values

    def _end(self, day: str) -> datetime | None:
        if not day:
            return None
        try:
            end = end_of_day(parse_day(day), self._zone)
        except Refused as refused:
            raise refuse(Code.ROLE_END_INVALID, "until") from refused
        if end <= self._now:
            raise refuse(Code.ROLE_END_INVALID, "until")
        return end


class EndRoleForm(RefusableForm):
    """Where a person shall hold a role no longer: `places` among its cleaned values are enrollments."""

    places = Texts()

    def __init__(self, *args: Any, held: Sequence[Enrollment], **kwargs: Any) -> None:
        """Offer these; where there is one place, it is meant."""
        super().__init__(*args, **kwargs)
        self.offered = {str(each.pk): each for each in held}
        self.initial.setdefault("places", list(self.offered) if len(held) == 1 else [])

    def clean_places(self) -> list[Enrollment]:
        """Read what was ticked."""
        chosen = [self.offered[text] for text in self.cleaned_data["places"] if text in self.offered]
        if not chosen:
            raise forms.ValidationError(_("Tick at least one place."))
        return chosen


def _require_label(label: str) -> None:
    if not label.strip():
        raise refuse(Code.ROLE_LABEL_MISSING, "label")
    require_clean_label(label)


def as_tree(accounts: Sequence[Account]) -> list[tuple[int, str]]:
    """Each account set in below its parent, as far as plain options can be."""
    highest = min((len(account.path) for account in accounts), default=0)
    return [(account.pk, _STEP * (len(account.path) - highest) + account.name) for account in accounts]


def _one_of(offered: dict[int, Any], chosen: str, unknown: Refused) -> Any:
    number = number_in(chosen)
    if number not in offered:
        raise unknown
    return offered[number]
