"""Which characters of a text a reader would not see."""

import unicodedata

_JOINERS = "\u200c\u200d"
# Drawn as nothing although Unicode files them under letters, marks or symbols.
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0") | frozenset(
    chr(point) for start, end in ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF)) for point in range(start, end + 1)
)
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def first_hidden(text: str) -> str | None:
    """The first character that a reader would not see: a control, a bidi override, a filler; None if all show.

    Joiners between letters stay: Persian and the scripts of India are written with them.
    """
    for position, character in enumerate(text):
        if character in _JOINERS and _is_between_letters(text, position):
            continue
        if character in _BLANKS or unicodedata.category(character) in _HIDDEN_CATEGORIES:
            return character
    return None


def _is_between_letters(text: str, position: int) -> bool:
    if not 0 < position < len(text) - 1:
        return False
    return all(
        unicodedata.category(text[at])[0] in "LM" and text[at] not in _BLANKS for at in (position - 1, position + 1)
    )
