"""A copy of the repository in which mutmut works: it writes beside what it mutates, and we undress that first."""

import json
import os
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from typing import NamedTuple

from tests.mutants.subjects import Subject
from tests.mutants.undressing import undress
from tokenportal.embedded import REPOSITORY

PACKAGES = ("accounts", "policies", "tokens", "tokenportal")
_BESIDE = ("tests", "templates", "manage.py", "pyproject.toml", "docs")


class Mutant(NamedTuple):
    """A function, by its module and name, the lines that take the place of others in it, and what became of it."""

    where: str
    was: str
    becomes: str
    status: str


def prepare(place: Path, subject: Subject) -> None:
    """Make the copy in `place`, with the settings of mutmut for one subject."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for name in (*PACKAGES, *_BESIDE):
        copy = shutil.copytree if (REPOSITORY / name).is_dir() else shutil.copy
        copy(REPOSITORY / name, place / name)
    for path in _files(place, subject):
        path.write_text(undress(path.read_text(encoding="utf-8")), encoding="utf-8")
    settings = ConfigParser(interpolation=None)
    settings["mutmut"] = {
        "source_paths": "\n".join(PACKAGES),
        "only_mutate": "\n".join(subject.files),
        "also_copy": "\n".join(_BESIDE[1:]),
        "pytest_add_cli_args": "-p\ntests.mutants.fresh\n-p\nno:cacheprovider",
        "pytest_add_cli_args_test_selection": "\n".join(subject.tests),
        "track_dependencies": "false",
        "timeout_constant": "20",  # with the next one: a minute and more, for a machine that does other things too
        "timeout_multiplier": "3",
        "use_git_change_detection": "false",
    }
    with (place / "setup.cfg").open("w", encoding="utf-8") as written:
        settings.write(written)


def run(place: Path, subject: Subject, *, template: str, jobs: int) -> list[Mutant]:
    """Let mutmut try all mutants; return what became of each. Raises CalledProcessError where it cannot."""
    modules = [".".join(path.relative_to(place).with_suffix("").parts) for path in _files(place, subject)]
    environment = {
        **os.environ,
        "CI": "true",  # hypothesis takes the same examples each time
        "MUTANTS_TEMPLATE": template,
        "MUTANTS_MODULES": ",".join(modules),
        "MUTANTS_TESTS": ",".join(subject.tests),
    }
    mutmut = [sys.executable, "-m", "mutmut", "run", "--max-children", str(jobs)]
    with (place / "log").open("wb") as log:
        subprocess.run(mutmut, cwd=place, env=environment, stdout=log, stderr=log, check=True)
    shown = subprocess.run(
        [sys.executable, "-m", "tests.mutants.showing"], cwd=place, stdout=subprocess.PIPE, check=True
    )
    return [Mutant(*each) for each in json.loads(shown.stdout)]


def _files(place: Path, subject: Subject) -> list[Path]:
    return [path for pattern in subject.files for path in sorted(place.glob(pattern))]
