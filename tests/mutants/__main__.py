"""`python -m tests.mutants`: the long form, and what has to turn it red."""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.mutants import databases, judging, tree
from tests.mutants.subjects import SUBJECTS, TOO_FEW_TESTS, Subject
from tests.portal import fresh_database
from tests.servers import own_data_directory
from tests.web import Web
from tokenportal import embedded


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=list(SUBJECTS), choices=list(SUBJECTS))
    parser.add_argument("--jobs", type=int, default=2, help="mutants at once")
    given = parser.parse_args()
    os.environ.setdefault("DEBUG", "1")
    explanations = judging.EXPLANATIONS.read_text(encoding="utf-8")
    wrong = []
    with own_data_directory(), embedded.servers(durable=False), migrated() as template:
        if not judging.faults(tried("planted", TOO_FEW_TESTS, template, given.jobs), explanations):
            wrong.append("planted: too few tests notice nothing, and that was not seen")
        for name in given.only:
            mutants = tried(name, SUBJECTS[name], template, given.jobs)
            print(judging.row(name, mutants), flush=True)
            wrong += [f"{name}: {each}" for each in judging.faults(mutants, explanations)]
    print("\n".join(wrong) or "All is well.")
    sys.exit(bool(wrong))


@contextmanager
def migrated() -> Iterator[str]:
    """Name a migrated database, which nobody uses: the others are made like it."""
    with fresh_database() as url:
        Web(0, url, os.environ["REDIS_URL"], Path(os.devnull)).migrate()
        template = urlsplit(url).path.removeprefix("/")
        yield template
        databases.forget(template)


def tried(name: str, subject: Subject, template: str, jobs: int) -> list[tree.Mutant]:
    """Try all mutants of a subject, in a copy of the repository that stays for whoever wants to look."""
    place = embedded.REPOSITORY / "var" / "mutants" / name
    tree.prepare(place, subject)
    return tree.run(place, subject, template=template, jobs=jobs)


if __name__ == "__main__":
    main()
