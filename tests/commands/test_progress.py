"""How far a long command is: a bar on a terminal, lines elsewhere."""

from io import StringIO

import pytest
from django.core.management.base import OutputWrapper

from accounts import progress


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar_and_what_is_said_stands_on_its_own_line() -> None:
    terminal = Terminal()

    with progress.shown("Counting", OutputWrapper(terminal)) as bar:
        bar.advance(3, 10)
        bar.say("a.csv:2: [b]bad[/b]")
        bar.advance(10, 10)

    assert "10/10" in terminal.getvalue()
    assert "a.csv:2: [b]bad[/b]\n" in terminal.getvalue()


def test_a_log_gets_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    log = StringIO()
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)

    with progress.shown("Counting", OutputWrapper(log)) as bar:
        bar.advance(3, 10)
        bar.say("bad")

    assert log.getvalue() == "Counting: 3 of 10\nbad\n"
