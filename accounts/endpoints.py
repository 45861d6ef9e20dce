"""What is called, by its pattern: `/api/v1/users/:user_id/tokens`, the same for everybody and everything."""

import re

from django.urls import ResolverMatch

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


def route_of(match: ResolverMatch | None) -> str:
    """The pattern of an address that leads somewhere; nothing where it leads nowhere."""
    return "" if match is None else "/" + _PARAMETER.sub(r":\1", match.route)
