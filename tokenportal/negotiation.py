"""The API speaks JSON whatever a client accepts; one media type of Canvas' asks for ids as texts."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

STRING_IDS = "application/json+canvas-string-ids"
_ID = re.compile(r"(?:.*_)?ids?")


class StringIdsRenderer(JSONRenderer):
    """JSON in which every id is a text: for languages whose numbers end at 2 ** 53."""

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """Write `data` with its ids as texts."""
        return super().render(_with_text_ids(data), accepted_media_type, renderer_context)


class AlwaysJson(DefaultContentNegotiation):
    """Chooses the renderer. Never a 406: a client that cannot say what it wants still gets its answer."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return JSON, with ids as texts if any accepted type asks for that."""
        del format_suffix
        accepted = {item.partition(";")[0].strip().lower() for item in request.headers.get("Accept", "").split(",")}
        if STRING_IDS in accepted:
            return StringIdsRenderer(), JSONRenderer.media_type
        usual = next(iter(renderers))
        return usual, usual.media_type


def _with_text_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _text_id(inner) if _ID.fullmatch(name) else _with_text_ids(inner) for name, inner in value.items()
        }
    return [_with_text_ids(inner) for inner in value] if isinstance(value, list) else value


def _text_id(value: Any) -> Any:
    return str(value) if type(value) is int else _with_text_ids(value)
