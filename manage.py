#!/usr/bin/env python
"""Django's command line for the portal, with an embedded PostgreSQL and Redis where none are named."""

import os
import sys

from django.core.management import execute_from_command_line

from tokenportal import embedded

# These ask no server anything, or work where there is none, as in the build of an image.
SERVERLESS = {
    "-h",
    "--help",
    "help",
    "--version",
    "version",
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "makemessages",
    "spectacular",
}
# Whoever sets one of these knows what they want. A bare `manage.py` is somebody who tries the portal.
CHOICES = ("DATABASE_URL", "DEBUG", "SECRET_KEY", "TOKEN_KEYS")


def main() -> None:
    """Run one command, with the servers that it needs."""
    if not any(name in os.environ for name in CHOICES):
        os.environ["DEBUG"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenportal.settings")
    if not sys.argv[1:] or sys.argv[1] in SERVERLESS or "--help" in sys.argv:
        execute_from_command_line(sys.argv)
        return
    try:
        with embedded.servers():
            execute_from_command_line(sys.argv)
    except embedded.ServerError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
