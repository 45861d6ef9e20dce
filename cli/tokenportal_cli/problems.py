"""What can go wrong, and the exit code that a job reads it from."""

import shlex
from typing import Any

OK, FAILED, ENDS_SOON, NOT_SIGNED_IN, AWAY, LOOK_FIRST, USAGE, INTERRUPTED = 0, 1, 2, 3, 4, 5, 64, 130
MANAGE = "tokens:manage"


class Problem(Exception):
    """Something that ends the command. `code` is for programs, the message for people."""

    exit_code = FAILED
    code = "failed"

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code or self.code


class NotSignedIn(Problem):
    """Nobody is signed in here, or the token is good no more."""

    exit_code = NOT_SIGNED_IN
    code = "not_signed_in"


class Away(Problem):
    """The portal does not answer, or cannot decide at the moment."""

    exit_code = AWAY
    code = "portal_away"


class Misused(Problem):
    """The command was not given what it needs."""

    exit_code = USAGE
    code = "usage"


class Refused(Problem):
    """The portal says no; its codes are those of its API. `scope` is what the token would have to hold for it."""

    def __init__(self, status: int, body: Any, scope: str = "") -> None:
        errors = body.get("errors") if isinstance(body, dict) else None
        self.errors: list[dict[str, Any]] = errors if isinstance(errors, list) and errors else []
        self.status, self.body, self.scope = status, body, scope
        words = " ".join(str(each.get("message", "")) for each in self.errors)
        if scope:
            words = f"{words} It takes {scope}; where your roles let you, sign in with: {sign_in_for(scope)}"
        code = str(self.errors[0].get("code", "")) if self.errors else ""
        super().__init__(words or f"The portal answered {status}.", code or f"http_{status}")


def sign_in_for(scope: str) -> str:
    """The command that asks for a sign-in with a scope."""
    return f"tokenportal login {'--manage' if scope == MANAGE else f'--scope {shlex.quote(scope)}'}"
