"""Forms whose errors are refusals: nothing is checked twice, and every door says the same sentence."""

from typing import Any, ClassVar

from django import forms
from django.forms.utils import ErrorDict

from policies.refusals import Refused
from policies.shown import show
from policies.wording import sentence


class PlainText(forms.CharField):
    """A text as it came: what may stand in it the door says, in its own words, Django's opinion about NUL left out."""

    def __init__(self, *, asked: bool = False, **kwargs: Any) -> None:
        """`asked` draws the field as required; that it is filled in the door checks."""
        super().__init__(required=False, strip=False, **kwargs)
        self.validators = []
        self.asked = asked


class Texts(forms.Field):
    """Any number of texts, drawn as boxes to tick; which of them there are the door says."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        """Take none as well."""
        super().__init__(required=False, **kwargs)

    def clean(self, value: list[str] | None) -> list[str]:
        """Take them as they came."""
        return list(value or [])


class RefusableForm(forms.Form):
    """A form that shows refusals beside their fields and puts the cursor into the first wrong one."""

    # Where a refusal's field is drawn by another name.
    drawn_as: ClassVar[dict[str, str]] = {}

    def add_refusals(self, refused: Refused) -> None:
        """Show every reason."""
        show(refusal.code.value for refusal in refused.refusals)
        for refusal in refused.refusals:
            name = self.drawn_as.get(refusal.field, refusal.field)
            self.add_error(name if name in self.fields else None, sentence(refusal))

    def add_error(self, field: Any, error: Any) -> None:
        """Add the error, and let the first wrong field have the cursor when the page opens."""
        super().add_error(field, error)
        errors: ErrorDict | dict[str, Any] = self.errors
        wrong = [name for name in self.fields if name in errors]
        for name, drawn in self.fields.items():
            if wrong and name == wrong[0]:
                drawn.widget.attrs["autofocus"] = True
            else:
                drawn.widget.attrs.pop("autofocus", None)
