"""Fixtures that every test may ask for."""

import pytest

from tests.cast import School


@pytest.fixture
def school(db: None) -> School:
    """The small school of `tests.cast`."""
    return School()
