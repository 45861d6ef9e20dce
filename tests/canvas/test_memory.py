"""Reading Canvas holds a page, not a school."""

import gc
import tracemalloc
from pathlib import Path

from accounts.canvas.asking import Canvas as Asked
from accounts.canvas.pulling import Pull
from tests.bench.canvas import canvas as served_large
from tests.canvas.server import TOKEN

SMALL, LARGE = 300, 2_400  # people, with as many roles


def peak_of_reading(people: int, place: Path) -> int:
    """The most bytes of Python's that reading a school held."""
    place.mkdir()
    with served_large(people, people) as url:
        Asked(url, TOKEN).one("accounts/self")  # what is loaded with the first question is not of the school
        gc.collect()
        tracemalloc.start()
        try:
            Pull(Asked(url, TOKEN), "self", place, lambda _read: None).write()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


def check_that_it_is_flat(place: Path) -> None:
    """Eight times as many people may take half as much again."""
    small, large = peak_of_reading(SMALL, place / "small"), peak_of_reading(LARGE, place / "large")
    assert large < small * 1.5, (small, large)
    for kind in ("users", "enrollments"):
        assert (place / "large" / f"{kind}.csv").read_text().count("\n") == LARGE + 1


def test_memory_does_not_grow_with_the_school(tmp_path: Path) -> None:
    check_that_it_is_flat(tmp_path)
