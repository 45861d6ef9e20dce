"""Running the commands of `manage.py` as their users meet them: output, errors, exit code."""

from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO

import pytest
from django.core.management import CommandError, call_command


@dataclass(frozen=True)
class Ran:
    """What a command said, and its exit code."""

    out: str
    err: str
    code: int


Run = Callable[..., Ran]


@pytest.fixture
def run(db: None) -> Run:
    """Run a command within this process."""

    def _run(*command: str) -> Ran:
        out, err, code = StringIO(), StringIO(), 0
        try:
            call_command(*command, stdout=out, stderr=err)
        except CommandError as error:
            err.write(str(error))
            code = error.returncode
        except SystemExit as end:
            code = int(str(end.code))
        return Ran(out.getvalue(), err.getvalue(), code)

    return _run
