"""What somebody was shown before they save a change: quoted back, and compared with how things are by then."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core import signing

from policies.preview import Preview
from policies.refusals import Code, refuse

GOOD_FOR = timedelta(days=1)
MOST_MOVED = 0.01  # of a figure
_SALT = "policies.preview"

Figures = Mapping[str, int]


def figures_of(seen: Preview) -> dict[str, int]:
    """The figures of a preview by name; those that a change is measured by, whoever looks at them."""
    people, tokens = seen.people, seen.tokens
    return {
        "lose": people.lose,
        "gain": people.gain,
        "limit": people.limit,
        "scopes": people.scopes,
        "left": tokens.left,
        "revoked": tokens.revoked,
        "shortened": tokens.shortened,
        "in_week": tokens.in_week,
        "in_month": tokens.in_month,
        "used": tokens.used,
    }


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: it has to be the same when it is saved."""

    account_id: int
    values: Mapping[str, Any]
    terms: Mapping[str, Any]  # when, and what becomes of tokens

    def as_json(self) -> dict[str, Any]:
        """It in one form, whichever door it came through."""
        return {"account": self.account_id, "values": dict(self.values), "terms": dict(self.terms)}


def quote(asked: Asked, seen: Preview) -> str:
    """A preview as a text to be sent back; signed, so that nobody quotes what they were not shown."""
    return signing.dumps({"asked": asked.as_json(), "figures": figures_of(seen)}, salt=_SALT, compress=True)


def require_quote(quoted: str | None, asked: Asked, seen: Preview) -> None:
    """Check that a change is saved as it was shown. Raises Refused(preview_needed or preview_outdated)."""
    if not quoted:
        raise refuse(Code.PREVIEW_NEEDED)
    try:
        shown = signing.loads(quoted, salt=_SALT, max_age=GOOD_FOR)
    except signing.BadSignature as error:
        raise refuse(Code.PREVIEW_OUTDATED) from error
    if shown["asked"] != asked.as_json():
        raise refuse(Code.PREVIEW_NEEDED)
    if has_moved(shown["figures"], figures_of(seen)):
        raise refuse(Code.PREVIEW_OUTDATED)


def has_moved(shown: Figures, found: Figures) -> bool:
    """Whether a figure differs by more than one in a hundred."""
    return any(abs(found[name] - was) > MOST_MOVED * was for name, was in shown.items())
