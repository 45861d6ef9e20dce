"""`python -m tokenportal.probe`: does the web server in this container live? For an image that has no curl."""

import os
import sys
from http.client import HTTPConnection, HTTPException

SECONDS = 5


def host_to_ask_for() -> str:
    """Return a name that the portal answers to: it refuses requests for any other."""
    first = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".")
    return "localhost" if first in {"", "*"} else first


def is_alive(port: int) -> bool:
    """Ask for /healthz."""
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", "/healthz", headers={"Host": host_to_ask_for()})
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if is_alive(int(os.environ.get("PORT", "8000"))) else 1)
