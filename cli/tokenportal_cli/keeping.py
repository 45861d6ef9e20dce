"""The sign-in that is kept on this machine: one portal and one token, in a file that only its owner reads."""

import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import click

from tokenportal_cli.problems import NotSignedIn, Problem

TOKEN, PORTAL, PLACE = "TOKENPORTAL_TOKEN", "TOKENPORTAL_URL", "TOKENPORTAL_CONFIG"


@dataclass(frozen=True, slots=True)
class SignIn:
    """Where somebody is signed in, and by which token. `is_kept` says that it stands in the file."""

    portal: str
    token: str = field(repr=False)
    is_kept: bool = True


def place() -> Path:
    """The file, at the usual place of this system."""
    return Path(os.environ.get(PLACE) or Path(click.get_app_dir("tokenportal")) / "sign-in.json")


def find() -> SignIn | None:
    """Whoever is signed in: by the environment, as jobs are, else by the file."""
    kept = _read()
    token, portal = os.environ.get(TOKEN, "").strip(), os.environ.get(PORTAL, "").strip()
    if not token:
        return kept
    portal = portal or (kept.portal if kept else "")
    if not portal:
        raise NotSignedIn(f"{TOKEN} is set, but not {PORTAL}: say which portal it belongs to.")
    return SignIn(portal.rstrip("/"), token, is_kept=False)


def get() -> SignIn:
    """Whoever is signed in. Raises NotSignedIn."""
    found = find()
    if found is None:
        raise NotSignedIn("You are not signed in. Run: tokenportal login --portal https://…")
    return found


def keep(sign_in: SignIn) -> None:
    """Write it, readable for nobody else at any moment."""
    written_privately(place(), json.dumps({"portal": sign_in.portal, "token": sign_in.token}) + "\n")


def forget() -> None:
    place().unlink(missing_ok=True)


def written_privately(target: Path, text: str) -> None:
    """Write a file with mode 0600, all of it or nothing."""
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=target.parent, delete=False) as file:  # made with mode 0600
            _put(text, file, target)
    except OSError as error:
        raise Problem(f"{target} cannot be written: {error.strerror}.") from error


def _put(text: str, file: IO[str], target: Path) -> None:
    """Fill a file, and put it where another one may stand. If that fails, no secret is left lying about."""
    try:
        file.write(text)
        file.close()
        Path(file.name).replace(target)
    except OSError:
        Path(file.name).unlink()
        raise


def _read() -> SignIn | None:
    try:
        known = json.loads(place().read_text())
        return SignIn(str(known["portal"]), str(known["token"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problem(f"{place()} cannot be read. Sign in anew: tokenportal login --portal https://…") from error
