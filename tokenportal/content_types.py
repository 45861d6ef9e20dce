"""A request whose media type cannot be read is one whose body cannot; Django would fail before anybody can answer."""

from typing import Any

from django.core.handlers.wsgi import WSGIRequest


class Request(WSGIRequest):
    """Django's, but for parameters of `Content-Type` in a charset that nobody knows (RFC 2231)."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]  # Django has it, its types do not
        except ValueError:
            super()._set_content_type_params({**meta, "CONTENT_TYPE": "application/octet-stream"})  # type: ignore[misc]
