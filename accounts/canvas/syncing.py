"""One run of the sync: read Canvas into files, load them as any roster is loaded, and keep how it went."""

import logging
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.alone import alone
from accounts.canvas.asking import Canvas, CanvasError
from accounts.canvas.pulling import Pull
from accounts.rosters import Outcome, RosterRun, Source, begin, end
from accounts.sis.briefly import Problems, kept_of
from accounts.sis.complete import Complete
from accounts.sis.importing import import_roster
from accounts.sis.report import MOST_SHORTENED, NotAgreed, Report, SisError, TooManyGone

logger = logging.getLogger(__name__)
_LOCK = 7_221_040


class SyncFailed(Exception):
    """The run changed nothing; `code` and `facts` are one of `words`."""

    def __init__(self, code: str, facts: Mapping[str, Any]) -> None:
        super().__init__(f"{code} {dict(facts)}")
        self.code, self.facts = code, dict(facts)


@dataclass(frozen=True, slots=True)
class Told:
    """Who hears how far it is: how many things are read, then rows loaded and rows in all."""

    reading: Callable[[int], None] = lambda _read: None
    loading: Callable[[int, int], None] = lambda _done, _total: None


@dataclass(frozen=True, slots=True)
class Synced:
    """What a run has read and done."""

    report: Report
    left_out: Counter[str]
    problems: Problems


def sync(
    canvas: Canvas,
    *,
    dry_run: bool = False,
    agreed: bool = False,
    told: Told | None = None,
    clock: Callable[[], datetime],
) -> Synced:
    """Bring people and roles to where Canvas has them. Raises SyncFailed; then nothing was changed.

    A run is noted but for a dry one, which changes nothing at all. `clock` says what time it is, at the begin and at
    the end. Whatever else goes wrong is noted too, and raised.
    """
    with alone(_LOCK) as is_ours:
        if not is_ours:
            raise SyncFailed("running", {})
        run = None if dry_run else begin(Source.CANVAS, now=clock())
        try:
            done = _sync(canvas, dry_run, agreed, told or Told(), clock)
        except SyncFailed as failed:
            _note(run, Outcome.FAILED, clock, code=failed.code, facts=failed.facts)
            raise
        except BaseException as error:
            _note(run, Outcome.FAILED, clock, code="broken" if isinstance(error, Exception) else "cut_off")
            raise
        _note(run, Outcome.DONE, clock, left_out=dict(done.left_out), **kept_of(done.report, done.problems))
        return done


def _note(run: RosterRun | None, outcome: Outcome, clock: Callable[[], datetime], **values: Any) -> None:
    if run is not None:
        end(run, outcome, now=clock(), **values)


def _sync(canvas: Canvas, dry_run: bool, agreed: bool, told: Told, clock: Callable[[], datetime]) -> Synced:
    problems = Problems()
    try:
        with tempfile.TemporaryDirectory(prefix="canvas-") as place:
            pull = Pull(canvas, settings.CANVAS_ACCOUNT, Path(place), told.reading)
            pull.write()
            report = import_roster(
                Path(place),
                dry_run=dry_run,
                agreed=agreed,
                complete=Complete(settings.CANVAS_MOST_GONE, agreed),
                actor=None,
                now=clock(),
                on_problem=problems.note,
                advance=told.loading,
            )
    except (CanvasError, SisError, NotAgreed, TooManyGone) as error:
        raise _failed(error) from error
    return Synced(report, pull.left_out, problems)


def _failed(error: Exception) -> SyncFailed:
    match error:
        case CanvasError():
            return SyncFailed(error.code, error.facts)
        case TooManyGone():
            code = "people_gone" if error.is_people else "roles_gone"
            return SyncFailed(
                code, {"gone": error.gone, "known": error.known, "percent": f"{settings.CANVAS_MOST_GONE:g}"}
            )
        case NotAgreed():
            shortened, tokens = error.report.shortened, error.report.tokens
            return SyncFailed("shortens", {"shortened": shortened, "tokens": tokens, "percent": MOST_SHORTENED})
        case _:
            return SyncFailed("refused", {"why": str(error)})
