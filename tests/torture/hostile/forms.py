"""The forms of a page: where each is sent, and what stands in its fields."""

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

_DATES = frozenset({"date", "datetime-local"})


@dataclass(frozen=True)
class Form:
    """A form that is posted, with the values that it was drawn with; `dates` are the names of its days and moments."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    dates: set[str] = field(default_factory=set)

    def sent_to(self, action: str) -> "Form":
        return replace(self, action=action)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.is_open = False
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.is_open = said.get("method", "").lower() == "post"
            if self.is_open:
                self.forms.append(Form(said.get("action", "")))
        elif self.is_open:
            self._field(tag, said)

    def _field(self, tag: str, said: dict[str, str]) -> None:
        fields = self.forms[-1].fields
        if (
            tag in ("input", "textarea", "select", "button")
            and said.get("name", "csrfmiddlewaretoken") != "csrfmiddlewaretoken"
        ):
            if said.get("type") in ("checkbox", "radio") and "checked" not in said:
                fields.setdefault(said["name"], said.get("value", "on"))
            else:
                fields[said["name"]] = said.get("value", "")
            if said.get("type") in _DATES:
                self.forms[-1].dates.add(said["name"])
            self.select = said["name"] if tag == "select" else ""
        elif tag == "option" and self.select and ("selected" in said or not fields[self.select]):
            fields[self.select] = said.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_open = False
        elif tag == "select":
            self.select = ""


def forms_in(page: str) -> list[Form]:
    """All forms of a page that are posted."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms
