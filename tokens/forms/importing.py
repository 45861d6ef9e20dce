"""What a page asks for to bring in the tokens of another system."""

import codecs
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from policies.forms import PlainText, RefusableForm
from policies.refusals import Code, Refused, refuse
from tokens.importing import MOST_BYTES, Problem, Wanted, read
from tokens.texts import MAX_SOURCE, clean_source


class ImportForm(RefusableForm):
    """A system's name and its file; `lines` are what the file says, once the form is valid."""

    source = PlainText(
        asked=True,
        label=_("Which system made them"),
        widget=forms.TextInput(attrs={"class": "input", "maxlength": MAX_SOURCE, "autocomplete": "off"}),
        help_text=_("Such as Canvas. Owners read it beside their tokens."),
    )
    file = forms.FileField(
        required=False,
        allow_empty_file=True,
        label=_("CSV file"),
        widget=forms.FileInput(attrs={"class": "input", "accept": ".csv,text/csv", "aria-describedby": "columns"}),
    )

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        """`zone` is that in which a day ends."""
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.lines: list[Wanted | Problem] = []

    def clean(self) -> dict[str, Any]:
        """Read the file."""
        for check in (self._clean_source, self._read):
            try:
                check()
            except Refused as refused:
                self.add_refusals(refused)
        return self.cleaned_data

    def _clean_source(self) -> None:
        self.cleaned_data["source"] = clean_source(self.cleaned_data.get("source"))

    def _read(self) -> None:
        file = self.cleaned_data.get("file")
        if file is None:
            raise refuse(Code.FILE_MISSING, "file")
        if file.size > MOST_BYTES:
            raise refuse(Code.IMPORT_TOO_LARGE, "file", most=MOST_BYTES // 1024)
        self.lines = list(read(codecs.iterdecode(file, "utf-8-sig"), zone=self.zone))
