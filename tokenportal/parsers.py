"""What the API reads: JSON and forms, in UTF-8, every name once, and nothing that cannot be written down again.

Forms say `token[purpose]` and `token[scopes][]` as Canvas' do; either way the result is plain dicts, lists and texts.
"""

import json
import re
from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import IO, Any
from urllib.parse import parse_qsl

from django.http.multipartparser import MultiPartParserError
from django.utils.http import parse_header_parameters
from rest_framework import parsers
from rest_framework.exceptions import ParseError

from policies.refusals import Code, Refused, refuse

DEEPEST = 20  # levels of nesting
MOST_FIELDS = 1000
# `name`, `name[inner]`, `name[inner][]`
_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]+\])*)(\[\])?")


def unreadable() -> Refused:
    return refuse(Code.BODY_INVALID)


class JSONParser(parsers.BaseParser):
    """JSON is UTF-8 (RFC 8259 section 8.1), whatever `charset` says."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Read the body. Raises Refused(body_invalid)."""
        del media_type, parser_context
        try:
            data = json.loads(stream.read().decode(), object_pairs_hook=_once_each, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise unreadable() from error
        _require_plain(data, DEEPEST)
        return data


class FormParser(parsers.BaseParser):
    """A URL-encoded form."""

    media_type = "application/x-www-form-urlencoded"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Read the body. Raises Refused(body_invalid)."""
        del media_type, parser_context
        try:
            text = stream.read().decode()
            pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
        except ValueError as error:
            raise unreadable() from error
        return _nested(pairs)


class MultiPartParser(parsers.MultiPartParser):
    """A form as `curl --form` sends it; files in it are ignored. Cut off on the way, or not in UTF-8, it is none."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Read the body. Raises Refused(body_invalid)."""
        body = stream.read()
        delimiter = _delimiter(media_type or "")
        if body and not (_is_whole(body, delimiter) and _are_heads_text(body, delimiter)):
            raise unreadable()
        try:
            data = super().parse(BytesIO(body), media_type, parser_context).data
        except (ParseError, MultiPartParserError, ValueError, TypeError) as error:  # the last by pieces of a parameter
            raise unreadable() from error
        pairs = [(name, value) for name, values in data.lists() for value in values]
        if any("\ufffd" in text for pair in pairs for text in pair):  # how Django's parser says: not UTF-8
            raise unreadable()
        return _nested(pairs)


def _is_whole(body: bytes, delimiter: bytes) -> bool:
    """Whether a form comes to its end, the boundary with two dashes behind it (RFC 2046, section 5.1.1)."""
    return delimiter + b"--" in body


def _are_heads_text(body: bytes, delimiter: bytes) -> bool:
    """Whether what stands above each part is UTF-8: a part whose name is none would count as not there."""
    parts = (b"\r\n" + body).split(b"\r\n" + delimiter)
    try:
        b"\n".join(part.partition(b"\r\n\r\n")[0] for part in parts[1:]).decode()
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(media_type: str) -> bytes:
    """What stands between two parts. Raises Refused(body_invalid)."""
    try:
        return f"--{parse_header_parameters(media_type)[1].get('boundary', '')}".encode()
    except (ValueError, TypeError) as error:  # the second by pieces of a parameter
        raise unreadable() from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _require_plain(value: object, depth: int) -> None:
    """Refuse what nests too deeply, and halves of surrogate pairs, which no answer and no database can hold."""
    if depth == 0:
        raise unreadable()
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise unreadable()
    elif isinstance(value, dict):
        for name, inner in value.items():
            _require_plain(name, depth)
            _require_plain(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            _require_plain(inner, depth - 1)


def _nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        match = _NAME.fullmatch(name)
        path = [match[1], *re.findall(r"\[([^\[\]]+)\]", match[2])] if match else [name]
        if len(path) > DEEPEST:
            raise unreadable()
        _put(found, path, value, is_list=bool(match and match[3]))
    return found


def _put(found: dict[str, Any], path: list[str], value: str, *, is_list: bool) -> None:
    for name in path[:-1]:
        found = found.setdefault(name, {})
        if not isinstance(found, dict):
            raise unreadable()
    if is_list:
        values = found.setdefault(path[-1], [])
        if not isinstance(values, list):
            raise unreadable()
        values += [value] if value else []  # `token[scopes][]=` is how a form says: none
    elif path[-1] in found:
        raise unreadable()
    else:
        found[path[-1]] = value
