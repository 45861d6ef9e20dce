"""Run in the copy: prints what became of each mutant, as JSON."""

import json
from pathlib import Path

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files

from tests.mutants.undressing import BARE

# A mutant that never ends is noticed as well as one that a test refuses.
_NOTICED = {"killed", "timeout"}


def all_mutants() -> list[tuple[str, str, str, str]]:
    """Return where each mutant is, what was there, what is there instead, and what became of it."""
    found = []
    for path in sorted(walk_mutatable_files()):
        data = SourceFileMutationData(path=path)
        data.load()
        for name, code in data.exit_code_by_key.items():
            status = status_by_exit_code[code]
            was, becomes = ("", "") if status in _NOTICED else _lines(name, path)
            found.append((_where(name), was, becomes, status))
    return found


def _lines(name: str, path: Path) -> tuple[str, str]:
    lines = get_diff_for_mutant(name, path=path).splitlines()[2:]
    return _said(lines, "-"), _said(lines, "+") or "(nothing)"


def _said(lines: list[str], sign: str) -> str:
    return " ".join(line[1:].strip() for line in lines if line.startswith(sign) and line[1:].strip())


def _where(name: str) -> str:
    """`accounts.roles.Standing.chief`, of mutmut's `accounts.roles.xǁStandingǁbare_chief__mutmut_3`."""
    module, _dot, mangled = name.rpartition(".")
    function = mangled.rpartition("__mutmut_")[0].removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")
    return f"{module}.{function.replace(BARE, '')}"


if __name__ == "__main__":
    print(json.dumps(all_mutants()))
