"""One directory for the workers of one web server, in which each keeps its counts for whichever of them is asked.

It is named by the server's process, so a worker that was started anew adds to what the one before it counted, and a
server that was started anew begins at nothing.
"""

import logging
import os
import shutil
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)
KINDS = ("counter", "histogram", "gauge_livesum")  # a file of prometheus_client for each, and for each worker
ROOM = 2**20  # bytes; it takes up 64 KiB at first, and a few hundred for each pair of labels
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # read by prometheus_client when it is imported


def share_counts() -> None:
    """Have this worker's counts written where its siblings find them. Call it before anything counts.

    Where there is no room for them, each worker counts for itself: figures are no reason to check no tokens.
    """
    if settings.METRICS_TOKEN and VARIABLE not in os.environ:
        place = settings.METRICS_DIR / str(os.getppid())
        try:
            forget_stopped_servers(settings.METRICS_DIR)
            place.mkdir(parents=True, exist_ok=True)
            reserve(place, os.getpid())
        except OSError as error:
            logger.warning("%s has no room for counts; each worker counts for itself (%s)", place, error)
        else:
            os.environ[VARIABLE] = str(place)


def reserve(place: Path, pid: int) -> None:
    """Write the files of a worker as prometheus_client would begin them, but without holes. Raises OSError.

    It writes to them as memory: where a full disk cannot fill a hole by then, the kernel ends the process (SIGBUS).
    """
    wanted = [place / f"{kind}_{pid}.db" for kind in KINDS]
    missing = [path for path in wanted if not path.exists()]
    try:
        for path in missing:
            path.write_bytes(bytes(ROOM))
    except OSError:
        for path in missing:
            path.unlink(missing_ok=True)
        raise


def forget_stopped_servers(directory: Path) -> None:
    """Remove the counts of servers that are gone."""
    for place in directory.glob("[0-9]*"):
        if not is_running(int(place.name)):
            shutil.rmtree(place, ignore_errors=True)


def is_running(pid: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True
