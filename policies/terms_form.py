"""The questions beside a change that touches tokens: when it takes effect, and what becomes of them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from policies.ending import Existing
from policies.expiry import last_moment_of, parse_day
from policies.forms import PlainText, RefusableForm
from policies.planning import GRACE_DAYS, SPREAD_DAYS
from policies.refusals import Code, Gathered, Refused, refuse

A_WHILE = timedelta(days=30)  # from when it takes effect, to begin with, where tokens shall end on a date


class TermsForm(RefusableForm):
    """When and how a change is carried out; `terms` are what `policies.planning.Plan` takes beside its settings.

    What is not sent is as it is to begin with: without script, a question that the preview has brought up is answered
    by who looks at it.
    """

    existing = PlainText()
    existing_end = PlainText()
    grace_days = PlainText()
    spread_days = PlainText()
    # What was seen, and the number of tokens where there is no time to prepare.
    quote = PlainText()
    typed = PlainText()

    def __init__(self, data: Mapping[str, str] | None, *, zone: ZoneInfo, now: datetime) -> None:
        """A day ends in `zone`."""
        until = (now + timedelta(days=GRACE_DAYS) + A_WHILE).astimezone(zone).date()
        usual = {
            "existing": str(Existing.KEEP),
            "existing_end": until.isoformat(),
            "grace_days": str(GRACE_DAYS),
            "spread_days": str(SPREAD_DAYS),
        }
        sent = None if data is None else {name: data.get(name, usual.get(name, "")) for name in self.base_fields}
        super().__init__(sent, initial=usual)
        self.zone = zone

    def clean(self) -> dict[str, Any]:
        """Read what was said; what else it must be `Plan` says."""
        values = super().clean() or self.cleaned_data
        gathered = Gathered()
        terms: dict[str, Any] = {name: _number(values[name]) for name in ("grace_days", "spread_days")}
        with gathered:
            terms["existing"] = _existing(values["existing"])
            terms["existing_end"] = self._end(values["existing_end"]) if terms["existing"] == Existing.END_ON else None
        self.add_refusals(Refused(*gathered.refusals))
        return {**values, "terms": terms, "typed": _number(values["typed"])}

    def _end(self, text: str) -> datetime:
        """The last moment of the day that was chosen."""
        try:
            day = parse_day(text.strip())
        except Refused as refused:
            raise refuse(Code.EXISTING_END_REQUIRED, "existing_end") from refused
        return last_moment_of(day, self.zone, None)


def _existing(text: str) -> Existing:
    if text not in set(Existing):
        raise refuse(Code.EXISTING_UNKNOWN, "existing")
    return Existing(text)


def _number(text: str) -> int | str:
    """A number, or the text itself, for the door to refuse."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text
