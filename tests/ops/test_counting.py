"""What web processes count for Prometheus is no reason to end: neither a full disk nor one that cannot be written."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tokenportal.embedded import REPOSITORY
from tokenportal.metrics.sharing import KINDS, ROOM, reserve

COUNT = """
import os
from tokenportal.metrics.sharing import VARIABLE, share_counts
share_counts()
from tokens import metering
for status in range(20):
    metering.count_check("verify", "live")
    metering.time_answer("verify", status, 0.001)
metering.measure_buffer(3)
print(VARIABLE in os.environ)
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with next to no room; mounting one takes root."""
    if os.geteuid() != 0 and "CI" not in os.environ:
        pytest.skip("only root mounts a small file system")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)], check=True)
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def count(place: Path) -> tuple[int, str]:
    """Count in a process of its own, as a worker does; its end, and whether its siblings see it."""
    given = {"METRICS_TOKEN": "m", "TOKENPORTAL_DATA": str(place), "DJANGO_SETTINGS_MODULE": "tokenportal.settings"}
    done = subprocess.run(
        [sys.executable, "-c", COUNT],
        cwd=REPOSITORY,
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.strip()


def test_with_room_workers_count_together(tmp_path: Path) -> None:
    assert count(tmp_path) == (0, "True")
    assert len(list(tmp_path.glob("metrics/*/*.db"))) == len(KINDS)  # and no other: each of them has its room


def test_on_a_full_disk_each_worker_counts_for_itself(small_disk: Path) -> None:
    assert count(small_disk) == (0, "False")
    assert not list(small_disk.glob("metrics/*/*.db"))


def test_where_nothing_can_be_written_too(tmp_path: Path) -> None:
    (tmp_path / "metrics").write_text("in the way")
    assert count(tmp_path) == (0, "False")


def test_what_was_counted_before_is_not_written_over(tmp_path: Path) -> None:
    kept = tmp_path / f"{KINDS[0]}_7.db"
    kept.write_bytes(b"counted")
    reserve(tmp_path, 7)
    assert kept.read_bytes() == b"counted"
    assert (tmp_path / f"{KINDS[1]}_7.db").stat().st_size == ROOM
