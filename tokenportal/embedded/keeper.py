"""The process that owns one embedded server, `python -m tokenportal.embedded`.

It runs apart from everybody who uses the server: a Ctrl-C or `kill -9` that hits them does not hit the server, and when
the last of them is gone it stops. A server that dies is started again at the same address.
"""

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any, NoReturn

from tokenportal.embedded import locks
from tokenportal.embedded.programs import PROGRAMS
from tokenportal.embedded.server import Server, ServerError

READY = "ready"
DURABLE = "durable"


def leave(*_args: Any) -> NoReturn:
    """Turn a SIGTERM into an orderly end."""
    sys.exit(0)


def publish(path: Path, url: str) -> None:
    """Write the URL for the users to come: whole or not at all, and for the eyes of this user alone."""
    draft = path.with_suffix(".new")
    draft.touch(0o600)
    draft.write_text(url)
    draft.replace(path)


def answer(text: str) -> None:
    """Tell the process that started us, and end the conversation."""
    sys.stdout.write(text)
    sys.stdout.flush()
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 1)


def detach() -> None:
    """Become nobody's child, so that nobody has to wait for this process."""
    if os.fork():
        os._exit(0)


def keep(server: Server, users: Path) -> None:
    """Hold the server up until its last user is gone."""
    alone = threading.Event()

    def wait_for_last_user() -> None:
        locks.take(users)  # and never give it back: whoever comes now waits until this process is gone
        alone.set()
        server.stop()

    threading.Thread(target=wait_for_last_user, daemon=True).start()
    while not alone.is_set():
        server.wait()
        if not alone.is_set():
            server.start()


def main() -> None:
    """Start the server, say so, keep it."""
    detach()
    name, directory, durable = sys.argv[1:]
    data = Path(directory)
    server = PROGRAMS[name](data, durable=durable == DURABLE)
    url_file = data / f"{name}.url"
    signal.signal(signal.SIGTERM, leave)
    try:
        server.start()
        publish(url_file, server.url)
        answer(READY)
        keep(server, data / f"{name}.users")
    except (ServerError, OSError) as error:
        answer(str(error))
    finally:
        url_file.unlink(missing_ok=True)
        server.stop()
