"""What the lines of the trail about settings mean: each by the name of its column, its values as the pages say them."""

from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from accounts.telling import Fact, Kind, Say, explain
from policies.models import FIELDS, Policy
from policies.saying import said


def _value_of(name: str) -> Callable[[Collection[Any]], Say]:
    return lambda _values: partial(said, name)


def explain_all() -> None:
    """Tell `accounts.telling` what these lines mean."""
    explain(
        "policy",
        Kind(
            gettext_lazy("Settings"),
            {
                field.name: Fact(capfirst(field.verbose_name), _value_of(field.name), gettext_lazy("not set"))
                for field in Policy._meta.concrete_fields
                if field.name in FIELDS
            },
        ),
    )
