"""What is read from files and from stdin: text, and no more of it than there can be."""

import sys
from pathlib import Path

from tokenportal_cli.problems import Misused

MOST_OF_TOKEN, MOST_OF_SETTINGS = 4_096, 1_000_000  # bytes


def token_in(file: str) -> str:
    """What stands in a file, or on stdin (“-”), where a token ought to. Bytes that are no text come as U+FFFD."""
    try:
        if file == "-":
            read = sys.stdin.buffer.read(MOST_OF_TOKEN)
        else:
            with Path(file).open("rb") as source:
                read = source.read(MOST_OF_TOKEN)
    except OSError as error:
        raise Misused(f"{file} cannot be read: {error.strerror}.") from error
    return read.decode("utf-8-sig", "replace").strip()


def settings_in(file: Path) -> str:
    """The text of a file of settings. Raises Misused for what is no text, and for what is too long for any."""
    try:
        with file.open("rb") as source:
            read = source.read(MOST_OF_SETTINGS + 1)
        if len(read) > MOST_OF_SETTINGS:
            raise Misused(f"{file} is too large for a file of settings.")
        return read.decode("utf-8-sig")
    except OSError as error:
        raise Misused(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Misused(f"{file} is not in UTF-8.") from error
