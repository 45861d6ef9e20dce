"""Which tests write for good: those in which two do something at once, and no transaction is rolled back after."""

import pytest


def commits(item: pytest.Item) -> bool:
    """Whether what this test writes stays until the next one empties the tables."""
    marker = item.get_closest_marker("django_db")
    fixtures = getattr(item, "fixturenames", ())
    return bool(marker and marker.kwargs.get("transaction")) or "transactional_db" in fixtures
