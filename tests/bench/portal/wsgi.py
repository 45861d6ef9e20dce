"""The portal's entrance, with a wire at the door of Argon2: each call leaves a byte in the file BENCH_ARGON2."""

import os
from pathlib import Path

from tokenportal.wsgi import application
from tokens import secrets

__all__ = ["application"]
_verifier_matches = secrets.verifier_matches


def _noted(presented: secrets.Presented, verifier: str) -> bool:
    with Path(os.environ["BENCH_ARGON2"]).open("ab") as file:
        file.write(b".")
    return _verifier_matches(presented, verifier)


secrets.verifier_matches = _noted
