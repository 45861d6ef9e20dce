"""Whatever bytes come: what reads them reads or refuses, and never fails. The same bytes each time where CI is set."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.torture.hostile.seeds import SEEDS
from tests.torture.hostile.targets import TARGETS


@some.composite
def bent(draw: some.DrawFn) -> bytes:
    """A seed with some bytes in the place of others."""
    seed, put_in = draw(some.sampled_from(SEEDS)), draw(some.binary(max_size=6))
    start = draw(some.integers(0, len(seed)))
    return seed[:start] + put_in + seed[start + draw(some.integers(0, 6)) :]


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=150, deadline=None, database=None)
@given(data=some.binary(max_size=200) | bent() | some.sampled_from(SEEDS))
def test_what_reads_bytes_of_strangers_never_fails(name: str, data: bytes) -> None:
    TARGETS[name](data)


def test_a_planted_reader_that_fails_on_a_byte_is_found() -> None:
    def fragile(data: bytes) -> None:
        assert b"\xff" not in data

    with pytest.raises(AssertionError):
        settings(max_examples=500, database=None)(given(data=some.binary(max_size=50))(fragile))()
