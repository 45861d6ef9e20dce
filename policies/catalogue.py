"""Which scopes an account can allow its students. Policies know no tokens: who gives scopes out says so here."""

from collections.abc import Callable

Catalogue = Callable[[], list[tuple[str, str]]]
_sources: list[Catalogue] = []


def offer_from(source: Catalogue) -> None:
    """Ask `source` for the scopes there are, each with its words."""
    if source not in _sources:
        _sources.append(source)


def known_scopes() -> list[tuple[str, str]]:
    """Every scope that there is to choose from."""
    return [scope for source in _sources for scope in source()]
