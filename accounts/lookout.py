"""Secrets in texts that are to be kept. Accounts know no tokens: who knows what they look like says so here."""

from collections.abc import Callable

_looks: list[Callable[[str], bool]] = []
_masks: list[Callable[[str], str]] = []


def look_out_with(look: Callable[[str], bool], mask: Callable[[str], str]) -> None:
    """Ask `look` whether a secret stands in a text, and let `mask` take it out."""
    if look not in _looks:
        _looks.append(look)
        _masks.append(mask)


def holds_secret(text: str) -> bool:
    """Whether a secret of ours stands in what a person wrote, who is then told so."""
    return any(look(text) for look in _looks)


def without_secrets(text: str) -> str:
    """What a machine sent, fit to be kept."""
    for mask in _masks:
        text = mask(text)
    return text
