"""A small school in Canvas, and running the sync against it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from pytest_django import Settings

from accounts.canvas import words
from accounts.canvas.asking import Canvas as Asked
from accounts.canvas.syncing import Synced, SyncFailed, sync
from tests.canvas.server import TOKEN, Canvas, served
from tests.cast import NOW


@pytest.fixture
def canvas(settings: Settings) -> Iterator[Canvas]:
    """A faculty of arts with English below it; ann teaches, bob and cat learn, dan is administrator of arts."""
    made = Canvas()
    made.account(2, "Arts")
    made.account(3, "English", 2)
    for number, login in enumerate(("ann", "bob", "cat", "dan"), start=11):
        made.user(number, login)
    made.course(21, 3)
    made.course(22, 2)
    made.enroll(11, 21, "Teacher")
    made.enroll(12, 21)
    made.enroll(13, 21)
    made.enroll(12, 22, sis_section_id="S22")
    made.admin(14, 2)
    with served(made):
        settings.CANVAS_URL, settings.CANVAS_TOKEN = made.url, TOKEN
        yield made


@dataclass
class Runner:
    """Runs the sync; keeps the seconds it would have waited."""

    canvas: Canvas
    token: str = TOKEN
    now: datetime = NOW
    waited: list[float] = field(default_factory=list)

    def __call__(self, **options: Any) -> Synced:
        """Sync. Raises SyncFailed."""
        asked = Asked(self.canvas.url, self.token, sleep=self.waited.append)
        return sync(asked, clock=lambda: self.now, **options)

    def fails(self, **options: Any) -> str:
        """Sync, and return why that did not go."""
        with pytest.raises(SyncFailed) as failed:
            self(**options)
        return words.why(failed.value.code, failed.value.facts)


@pytest.fixture
def run(canvas: Canvas, db: None) -> Runner:
    """The sync with that school."""
    return Runner(canvas)
