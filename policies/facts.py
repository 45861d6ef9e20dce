"""What the lines of the trail about settings mean: each by the name of its column, its values as the pages say them."""

from collections.abc import Collection
from typing import Any

from django.template.loader import render_to_string
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from accounts.telling import Fact, Kind, Say, explain
from policies.models import FIELDS, Policy


def _value(_values: Collection[Any]) -> Say:
    return lambda value: render_to_string("policies/_value.html", {"value": value}).strip()


def explain_all() -> None:
    """Tell `accounts.telling` what these lines mean."""
    explain(
        "policy",
        Kind(
            gettext_lazy("Settings"),
            {
                field.name: Fact(capfirst(field.verbose_name), _value, gettext_lazy("not set"))
                for field in Policy._meta.concrete_fields
                if field.name in FIELDS
            },
        ),
    )
