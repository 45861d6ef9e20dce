"""Which names a view looks for in a query or a form: listened to while it is asked, so that none is written down."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.http import QueryDict
from django.utils.datastructures import MultiValueDict


@contextmanager
def listening() -> Iterator[list[str]]:
    """The names that are looked for within the block, in their order."""
    heard: list[str] = []
    base: Any = MultiValueDict

    def get_item(values: QueryDict, name: str) -> Any:
        heard.append(name)
        return base.__getitem__(values, name)

    def get_list(values: QueryDict, name: str, default: Any = None) -> Any:
        heard.append(name)
        return base.getlist(values, name, default)

    def contains(values: QueryDict, name: object) -> bool:
        heard.append(str(name))
        return dict.__contains__(values, name)

    with (
        patch.object(QueryDict, "__getitem__", get_item),
        patch.object(QueryDict, "getlist", get_list),
        patch.object(QueryDict, "__contains__", contains, create=True),
    ):
        yield heard
    heard[:] = dict.fromkeys(heard)
