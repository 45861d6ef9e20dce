"""The short form of the state machine: the same steps each time."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from pytest_django import Settings

from tests.torture.hostile.life import Life
from tokens import secrets

SHORT = settings(
    max_examples=25,
    stateful_step_count=25,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def cheap_secrets(settings: Settings) -> Iterator[None]:
    """Argon2id is never asked here, and made thousandfold."""
    settings.TOKEN_ARGON2 = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}
    secrets._hasher.cache_clear()
    yield
    secrets._hasher.cache_clear()


def test_whatever_happens_to_tokens_each_secret_is_answered_as_it_must_be(db: None, cheap_secrets: None) -> None:
    run_state_machine_as_test(Life, settings=SHORT)
