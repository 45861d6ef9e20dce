"""The browser that tests and screenshots use: the system's Chromium where there is one, else Playwright's."""

import shutil
from typing import Any

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch_options() -> dict[str, Any]:
    """Say to Playwright which browser to start, and how."""
    found = shutil.which("chromium")
    return {"args": ARGUMENTS} | ({"executable_path": found} if found else {})
