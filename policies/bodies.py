"""What a call of the API may say in its body: types only. What stands in it the rules judge, in their own words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from policies.expiry import parse_expiry
from policies.reading import as_number
from policies.refusals import Code, Refused, refuse

_FLAGS = {"1": True, "true": True, "0": False, "false": False, "": False}


class Parameter(serializers.Field[Any, Any, Any, Any]):
    """A parameter that may be missing; what stands in it is judged elsewhere."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, allow_null=True, write_only=True, **options)


@extend_schema_field(OpenApiTypes.STR)
class TextField(Parameter):
    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str):
            raise refuse(Code.PARAMETER_INVALID, str(self.field_name), expected="text")
        return data


@extend_schema_field(OpenApiTypes.STR)
class ExpiryField(Parameter):
    """An end. Needs the owner's `zone` in the context of its serializer."""

    def to_internal_value(self, data: object) -> datetime | None:
        if not isinstance(data, str):
            raise refuse(Code.EXPIRY_INVALID, str(self.field_name))
        zone: ZoneInfo = self.context["zone"]
        try:
            return parse_expiry(data, zone) if data.strip() else None
        except Refused as refused:
            raise refuse(refused.code, str(self.field_name)) from refused


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class TextsField(Parameter):
    def validate_empty_values(self, data: object) -> tuple[bool, Any]:
        return (False, data) if data is None else super().validate_empty_values(data)

    def to_internal_value(self, data: object) -> list[str]:
        if not isinstance(data, list) or not all(isinstance(item, str) for item in data):
            raise refuse(Code.PARAMETER_INVALID, str(self.field_name), expected="texts")
        return data


@extend_schema_field(OpenApiTypes.BOOL)
class FlagField(Parameter):
    def to_internal_value(self, data: object) -> bool:
        flag = _FLAGS.get(str(data).lower()) if isinstance(data, bool | int | str) else None
        if flag is not None:
            return flag
        raise refuse(Code.PARAMETER_INVALID, str(self.field_name), expected="flag")


@extend_schema_field(OpenApiTypes.INT)
class NumberField(Parameter):
    def to_internal_value(self, data: object) -> int:
        number = as_number(data) if isinstance(data, str) else data
        if type(number) is not int:
            raise refuse(Code.PARAMETER_INVALID, str(self.field_name), expected="number")
        return number


def read_body(request: Request, serializer: type[serializers.Serializer[Any]], **context: Any) -> dict[str, Any]:
    """The parameters of a body by name, as far as they were given. Raises Refused for a wrong type."""
    said: Any = request.data
    body = serializer(data={} if said is None else said, context=context)  # `null` says nothing
    body.is_valid(raise_exception=True)
    values: dict[str, Any] = body.validated_data
    return values


class Said(serializers.Serializer[Any]):
    """An object of parameters; the unknown ones are ignored."""

    def to_internal_value(self, data: object) -> Any:
        if not isinstance(data, Mapping):
            raise refuse(Code.PARAMETER_INVALID, self.field_name or "", expected="object")
        return super().to_internal_value(data)
