"""Under which system user the servers run: PostgreSQL refuses to be root."""

import os
import pwd
import stat
import sys
from pathlib import Path
from typing import TypedDict


class Identity(TypedDict, total=False):
    """What subprocess needs to start a process as somebody else; empty for "as I am"."""

    user: int
    group: int
    extra_groups: list[int]


def identity(directory: Path) -> Identity:
    """Return who runs the server of this directory: whoever we are; for root its owner, else `nobody`."""
    if os.geteuid() != 0:
        return {}
    owner = directory.stat() if directory.exists() else None
    if owner and owner.st_uid != 0:
        return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def make_private(directory: Path) -> None:
    """Make the directory of a server, open to nobody but it."""
    who = identity(directory)
    directory.mkdir(parents=True, exist_ok=True)
    if who:
        os.chown(directory, who["user"], who["group"])
    if who or directory.stat().st_uid == os.geteuid():
        directory.chmod(0o700)


def make_reachable(path: Path) -> None:
    """As root, let the servers' user pass through the directories above a path (not look into them)."""
    if os.geteuid() != 0:
        return
    for parent in path.parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)
            sys.stderr.write(f"chmod o+x {parent}: PostgreSQL refuses to run as root and has to reach its files.\n")
