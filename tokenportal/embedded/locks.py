"""File locks (flock): the kernel drops them with their holder, so that nothing goes stale after a `kill -9`."""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

PAUSE = 0.02  # seconds between two looks at a lock


class Lock:
    """A held lock; it ends with `release`, or when the last process that has its file open is gone."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def hand_over(self) -> None:
        """Forget the lock without ending it: a child that inherited the file holds it from now on."""
        os.close(self.fd)

    def release(self) -> None:
        """End the lock, also for forked children that share the file."""
        fcntl.flock(self.fd, fcntl.LOCK_UN)
        os.close(self.fd)


def take(path: Path, *, shared: bool = False) -> Lock:
    """Take the lock, waiting for it as long as it needs."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(fd, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
    return Lock(fd)


def find_free(path: Path, *, shared: bool = False) -> Lock | None:
    """Take the lock if nobody stands against it, else return None at once."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    return Lock(fd)


def is_free(path: Path, *, shared: bool = False) -> bool:
    """Tell whether the lock could be had now. Asking shared disturbs nobody else who asks shared."""
    lock = find_free(path, shared=shared)
    if lock:
        lock.release()
    return lock is not None


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Wait for a condition, return whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE)
    return True
