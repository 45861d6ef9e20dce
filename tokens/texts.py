"""The free texts people write about a token, its purpose and reasons, and what may stand in them (rule R1)."""

import unicodedata

from policies.refusals import Code, refuse
from tokens import secrets

MAX_LENGTH = 255
_JOINERS = "\u200c\u200d"
# Drawn as nothing although Unicode files them under letters, marks or symbols.
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0") | frozenset(
    chr(point) for start, end in ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF)) for point in range(start, end + 1)
)
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean_purpose(text: str | None) -> str:
    """Trim and check a purpose. Raises Refused(purpose_missing, _blank, _too_long, _unreadable or _has_token)."""
    if text is None:
        raise refuse(Code.PURPOSE_MISSING, "purpose")
    text = text.strip()
    _require_clean(text, "purpose", Code.PURPOSE_TOO_LONG, Code.PURPOSE_UNREADABLE, Code.PURPOSE_HAS_TOKEN)
    if not any(unicodedata.category(character)[0] in "LN" for character in text):
        raise refuse(Code.PURPOSE_BLANK, "purpose")
    return text


def clean_name(text: str | None) -> str:
    """Trim and check the name of a service. Raises Refused(name_missing, _too_long, _unreadable or _has_token)."""
    text = (text or "").strip()
    _require_clean(text, "name", Code.NAME_TOO_LONG, Code.NAME_UNREADABLE, Code.NAME_HAS_TOKEN)
    if not text:
        raise refuse(Code.NAME_MISSING, "name")
    return text


def searchable(text: str) -> str:
    """What somebody looks for, without what no text holds and without the secret of a token that they pasted."""
    return secrets.mask(text.replace("\0", "").strip())[:MAX_LENGTH]


def clean_words(text: str | None) -> str:
    """Trim and check what a scope allows, in words. Raises Refused(words_missing, or name_* as for names)."""
    text = (text or "").strip()
    _require_clean(text, "words", Code.NAME_TOO_LONG, Code.NAME_UNREADABLE, Code.NAME_HAS_TOKEN)
    if not text:
        raise refuse(Code.WORDS_MISSING, "words")
    return text


def clean_reason(text: str | None) -> str:
    """Trim and check a reason, which may be empty. Raises Refused(reason_too_long, _unreadable or _has_token)."""
    text = (text or "").strip()
    _require_clean(text, "reason", Code.REASON_TOO_LONG, Code.REASON_UNREADABLE, Code.REASON_HAS_TOKEN)
    return text


def _require_clean(text: str, field: str, too_long: Code, unreadable: Code, has_token: Code) -> None:
    hidden = first_hidden(text)
    if hidden is not None:
        raise refuse(unreadable, field, character=f"U+{ord(hidden):04X}")
    if secrets.found_in(text):
        raise refuse(has_token, field)
    if len(text) > MAX_LENGTH:
        raise refuse(too_long, field)


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
