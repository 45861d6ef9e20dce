"""What a person reads of a page, or has read out to them."""

from html.parser import HTMLParser

READ = ("aria-label", "alt", "data-label", "placeholder", "title", "value", "content", "label", "summary")
UNREAD = frozenset({"code", "pre", "script", "style"})


class Reader(HTMLParser):
    """Collects what a person would read of a page: its texts, and the attributes that are read out or shown."""

    def __init__(self, unread: frozenset[str]) -> None:
        super().__init__()
        self.unread = unread
        self.found: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in self.unread:
            self.inside.append(tag)
        known = dict(attributes)
        if tag != "meta" and not (tag == "input" and known.get("type") in ("hidden", "radio", "checkbox")):
            names = [name for name in READ if not (name == "value" and tag in ("option", "button"))]
            self.found += [known[name] or "" for name in names if name in known]

    def handle_endtag(self, tag: str) -> None:
        if tag in self.inside:
            self.inside.remove(tag)

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.found.append(data)


def texts_of(page: str, *, without: frozenset[str] = frozenset()) -> list[str]:
    """The texts of a page, except of code, of programs, and of elements named in `without`."""
    reader = Reader(UNREAD | without)
    reader.feed(page)
    return reader.found
