"""A session that could not be saved, since the database went away behind an act that it had committed."""

from contextlib import suppress

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import OperationalError

from tokenportal.errors import problem_of


def interrupted_by(cause: Exception) -> SessionInterrupted:
    """As Django's middleware and its store of sessions raise it."""
    found = SessionInterrupted()
    with suppress(SessionInterrupted):
        try:
            try:
                raise cause
            except type(cause):
                raise UpdateError  # noqa: B904  # as Django does
        except UpdateError:
            raise found  # noqa: B904
    return found


def test_a_database_that_went_away_is_no_fault_of_the_request() -> None:
    assert problem_of(interrupted_by(OperationalError())).status == 503


def test_a_session_that_ended_meanwhile_is() -> None:
    assert problem_of(interrupted_by(KeyError())).status == 400
