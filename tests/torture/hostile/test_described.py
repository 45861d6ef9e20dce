"""The short form of schemathesis: some requests that the OpenAPI document allows, and some that it forbids."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.torture.hostile.described import FAILURES, Described
from tests.torture.hostile.people import People
from tokenportal.wsgi import application

pytestmark = pytest.mark.django_db
SHORT = settings(max_examples=80, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def _django_db_helper(people: People) -> None:
    """In place of pytest-django's, which would close the connection, and with it the school, after each test."""


def test_every_answer_is_as_the_document_says_whoever_asks(people: People) -> None:
    described = Described(application, people)
    described.run(SHORT)
    assert {"positive", "negative"} <= set(described.made)
    assert {200, 401, 404} <= set(described.statuses)


def test_a_planted_answer_of_another_shape_is_found(people: People) -> None:
    def wordy(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answers the API with a list of numbers, whatever is asked."""
        body = b"".join(application(environ, start_response))
        return [b"[1]"] if environ["PATH_INFO"].startswith("/api/v1/") else [body]

    with pytest.raises(FAILURES):
        Described(wordy, people).run(settings(SHORT, phases=[Phase.generate]))
