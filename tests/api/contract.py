"""The OpenAPI document as a judge: every answer that a test gets is held to it."""

import re
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator


@cache
def document() -> dict[str, Any]:
    """The document, in which no object may have a field that is not written down."""
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    for schema in found["components"]["schemas"].values():
        if schema.get("type") == "object":
            schema["additionalProperties"] = False
    return found


def find_operation(method: str, path: str) -> dict[str, Any] | None:
    """The operation of a call; None for a path or method that the document does not know."""
    path = path.partition("?")[0].removesuffix("/")
    for template, operations in document()["paths"].items():
        if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path) and method.lower() in operations:
            operation: dict[str, Any] = operations[method.lower()]
            return operation
    return None


def require_documented(method: str, path: str, response: Any) -> None:
    """Fail unless status, media type, body and headers of the test client's `response` are as the document says."""
    operation = find_operation(method, path)
    if operation is None:
        assert response.status_code in (401, 404, 405), f"{method} {path} is not in the document"
        return
    assert str(response.status_code) in operation["responses"], f"{response.status_code}: {response.content!r}"
    described = operation["responses"][str(response.status_code)]
    assert response["Content-Type"] == "application/json"
    schema = {**described["content"]["application/json"]["schema"], "components": document()["components"]}
    Draft202012Validator(schema).validate(response.json())
    known = {name.lower() for name in described["headers"]}
    ours = {"link", "retry-after", "www-authenticate", "token-expires-at", "x-request-id"}
    assert {name.lower() for name in response.headers} & ours <= known
