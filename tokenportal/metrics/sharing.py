"""One directory for the workers of one web server, in which each keeps its counts for whichever of them is asked.

It is named by the server's process, so a worker that was started anew adds to what the one before it counted, and a
server that was started anew begins at nothing.
"""

import os
import shutil
from pathlib import Path

from django.conf import settings

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # read by prometheus_client when it is imported


def share_counts() -> None:
    """Have this worker's counts written where its siblings find them. Call it before anything counts."""
    if settings.METRICS_TOKEN and VARIABLE not in os.environ:
        forget_stopped_servers(settings.METRICS_DIR)
        place = settings.METRICS_DIR / str(os.getppid())
        place.mkdir(parents=True, exist_ok=True)
        os.environ[VARIABLE] = str(place)


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
