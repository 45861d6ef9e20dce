"""What is written: sentences and tables for people, JSON for programs; results to stdout, everything else to stderr."""

import functools
import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click

SOON_DAYS = 14
MOST_DAYS = 36_500  # a hundred years: more than any portal grants, and less than dates can hold
_HOUR, _DAY = 3_600, 86_400  # seconds


def as_json(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--json`; it returns its result, and how to tell it to people as a second value."""

    @click.option("--json", "in_json", is_flag=True, help="Answer in JSON.")
    @click.pass_context
    @functools.wraps(command)
    def run(context: click.Context, /, *args: Any, in_json: bool, **kwargs: Any) -> None:
        context.obj["json"] = in_json
        result, lines = command(*args, **kwargs)
        if in_json:
            click.echo(json.dumps(result, ensure_ascii=False, indent=2))
        else:
            for line in lines:
                click.echo(line)

    return run


def facts(pairs: Iterable[tuple[str, object]]) -> list[str]:
    """Names and values, one a line."""
    shown = [(name, plain(value)) for name, value in pairs if value not in (None, "")]
    width = max((len(name) for name, _value in shown), default=0)
    return [f"{name.ljust(width)}  {value}" for name, value in shown]


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Columns under their names."""
    cells = [list(head), *([plain(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def plain(value: object) -> str:
    """A text of somebody's without what would steer the terminal."""
    return "".join(c if unicodedata.category(c)[0] != "C" else " " for c in str(value))


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def ends(token: Mapping[str, Any], now: datetime | None = None) -> str:
    """When a token ends, in the reader's own zone, and how soon that is."""
    end = moment(token.get("expires_at"))
    if end is None:
        return "never"
    return f"{local(end)} ({_how_soon(end, now or datetime.now(UTC))})"


def is_ending(token: Mapping[str, Any], days: int, now: datetime) -> bool:
    """Whether a token that works ends within so many days."""
    end = moment(token.get("expires_at"))
    return token.get("state") == "active" and end is not None and (end - now).total_seconds() < days * _DAY


def local(when: datetime) -> str:
    """A moment in the reader's own zone."""
    return f"{when.astimezone():%Y-%m-%d %H:%M}"


def _how_soon(end: datetime, now: datetime) -> str:
    """As the portal's pages say it: days of the calendar, and hours in the last two."""
    seconds = (end - now).total_seconds()
    if seconds < 0:
        return "over"
    if seconds < _HOUR:
        return "in less than an hour"
    if seconds < 2 * _DAY:
        return _in(int(seconds // _HOUR), "hour")
    return _in((end.astimezone().date() - now.astimezone().date()).days, "day")


def _in(number: int, unit: str) -> str:
    return f"in {number} {unit}{'' if number == 1 else 's'}"
