"""What the lines of the trail about settings mean: each by the name of its column, its values as the pages say them."""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from accounts.labels import role_name
from accounts.models import Role
from accounts.telling import Fact, Kind, Say, as_it_is, choices, explain, moments, named, names_of
from policies.models import FIELDS, Policy
from policies.saying import EXISTING, said


def _value_of(name: str) -> Callable[[Collection[Any]], Say]:
    return lambda _values: partial(said, name)


def _roles(ids: Collection[int]) -> Mapping[int, str]:
    return {pk: role_name(label) for pk, label in names_of(Role.objects, "label")(ids).items()}


_PLANNED = {
    "takes_effect_at": Fact(gettext_lazy("Takes effect"), moments),
    "existing": Fact(gettext_lazy("Tokens of those who may not create any more"), choices(EXISTING)),
    "shortened": Fact(gettext_lazy("Tokens shortened"), as_it_is),
    "revoked": Fact(gettext_lazy("Tokens revoked"), as_it_is),
}
EXEMPTION = Kind(
    gettext_lazy("Exemptions"),
    {
        "role": Fact(gettext_lazy("Role"), named(_roles)),
        "ends_at": Fact(gettext_lazy("Ends"), moments),
    },
)


def explain_all() -> None:
    """Tell `accounts.telling` what these lines mean."""
    explain("exemption", EXEMPTION)
    explain(
        "policy",
        Kind(
            gettext_lazy("Settings"),
            {
                field.name: Fact(capfirst(field.verbose_name), _value_of(field.name), gettext_lazy("not set"))
                for field in Policy._meta.concrete_fields
                if field.name in FIELDS
            }
            | _PLANNED,
        ),
    )
