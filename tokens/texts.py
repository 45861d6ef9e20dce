"""The free texts people write about a token, its purpose and reasons, and what may stand in them (rule R1)."""

import re
import unicodedata

from accounts.readable import first_hidden
from policies.refusals import Code, refuse
from tokens import secrets

MAX_LENGTH, MAX_SOURCE, MAX_VIEW_NAME = 255, 64, 60


holds_secret, without_secrets = secrets.found_in, secrets.mask


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


def clean_view_name(text: str | None) -> str:
    """Trim and check the name of a view. Raises Refused(name_missing, _too_long, _unreadable or _has_token)."""
    text = " ".join((text or "").split())
    _require_clean(text, "name", Code.VIEW_NAME_TOO_LONG, Code.NAME_UNREADABLE, Code.NAME_HAS_TOKEN, most=MAX_VIEW_NAME)
    if not text:
        raise refuse(Code.VIEW_NAME_MISSING, "name")
    return text


MAX_SUBJECT, MAX_MESSAGE = 100, 2000


def clean_subject(text: str | None) -> str:
    """Check the subject of a message, brought onto one line. Raises Refused(message_*)."""
    return _clean_of_message(" ".join((text or "").split()), "subject", MAX_SUBJECT)


def clean_message(text: str | None) -> str:
    """Check the text of a message, which may have lines. Raises Refused(message_*)."""
    return _clean_of_message((text or "").replace("\r\n", "\n").strip(), "words", MAX_MESSAGE)


def _clean_of_message(text: str, field: str, most: int) -> str:
    if not text:
        raise refuse(Code.MESSAGE_MISSING, field)
    if len(text) > most:
        raise refuse(Code.MESSAGE_TOO_LONG, field, most=most)
    shown = text.replace("\n", " ")
    _require_clean(shown, field, Code.MESSAGE_TOO_LONG, Code.MESSAGE_UNREADABLE, Code.MESSAGE_HAS_TOKEN, most=most)
    return text


def clean_source(text: str | None) -> str:
    """Trim and check the name of another system. Raises Refused(source_missing, name_too_long, _unreadable, …)."""
    text = " ".join((text or "").split())
    _require_clean(text, "source", Code.NAME_TOO_LONG, Code.NAME_UNREADABLE, Code.NAME_HAS_TOKEN, most=MAX_SOURCE)
    if not text:
        raise refuse(Code.SOURCE_MISSING, "source")
    return text


def require_clean_label(text: str) -> None:
    """Check the name of a role, which may be empty here. Raises Refused(name_too_long, _unreadable or _has_token)."""
    _require_clean(text.strip(), "label", Code.NAME_TOO_LONG, Code.NAME_UNREADABLE, Code.NAME_HAS_TOKEN)


def searchable(text: str) -> str:
    """What somebody looks for, without what no text holds and without the secret of a token that they pasted."""
    return secrets.mask(text.replace("\0", "").strip())[:MAX_LENGTH]


# A commit's name, as addresses of repositories have it: too long for our mask to let by, and no secret of ours.
_COMMIT = re.compile(r"((?<![0-9A-Za-z])[0-9a-f]{40}(?![0-9A-Za-z]))")


def quoted(text: str, *, most: int) -> str:
    """What a program or a stranger says, fit to be kept: on one line, without what hides, secrets masked, cut."""
    shown = "".join(character if character.isprintable() else " " for character in text[: 4 * most])
    parts = _COMMIT.split(" ".join(shown.split()))
    return "".join(part if place % 2 else secrets.mask(part) for place, part in enumerate(parts))[:most]


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


def clean_required_reason(text: str | None, field: str = "reason") -> str:
    """Check a reason that has to be given, brought onto one line. Raises Refused(reason_missing, or reason_*)."""
    text = " ".join((text or "").split())
    _require_clean(text, field, Code.REASON_TOO_LONG, Code.REASON_UNREADABLE, Code.REASON_HAS_TOKEN)
    if not text:
        raise refuse(Code.REASON_MISSING, field)
    return text


def clean_sentence(text: str | None, field: str) -> str:
    """Check some words to somebody, which may be empty, brought onto one line. Raises Refused(reason_*)."""
    text = " ".join((text or "").split())
    _require_clean(text, field, Code.REASON_TOO_LONG, Code.REASON_UNREADABLE, Code.REASON_HAS_TOKEN)
    return text


def _require_clean(
    text: str, field: str, too_long: Code, unreadable: Code, has_token: Code, *, most: int = MAX_LENGTH
) -> None:
    hidden = first_hidden(text)
    if hidden is not None:
        raise refuse(unreadable, field, character=f"U+{ord(hidden):04X}")
    if secrets.found_in(text):
        raise refuse(has_token, field)
    if len(text) > most:
        raise refuse(too_long, field)
