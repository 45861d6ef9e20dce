"""A request whose media type cannot be read is one whose body cannot; Django would fail before anybody can answer.

Text is UTF-8 whatever the media type says of it: a `charset` need not even be one of text, such as `hex`, and Django
would read the query by it as well.
"""

from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http.multipartparser import MultiPartParserError
from django.utils.http import parse_header_parameters

UNREADABLE = "application/octet-stream"


class Request(WSGIRequest):
    """Django's, but for parameters in a charset that nobody knows, or in pieces without order (RFC 2231)."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except (ValueError, TypeError):
            self.content_type, self.content_params = UNREADABLE, {}

    def parse_file_upload(self, META: Any, post_data: Any) -> Any:  # noqa: N803  # Django's name
        """Read a form in parts. Raises MultiPartParserError also for parameters that Python's own reader fails on."""
        try:
            return super().parse_file_upload(META, post_data)
        except TypeError as error:
            raise MultiPartParserError("A header of a part cannot be read.") from error
