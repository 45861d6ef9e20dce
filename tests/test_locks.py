"""The lock files: what is tested is what runs."""

import re

from tokenportal.embedded import REPOSITORY


def locked(name: str) -> set[str]:
    """Return the `package==version` lines of a lock file."""
    return set(re.findall(r"^([\w.-]+==\S+)", (REPOSITORY / "requirements" / f"{name}.txt").read_text(), re.MULTILINE))


def test_each_lock_file_holds_the_same_versions_as_the_next_larger_one() -> None:
    assert locked("base")
    assert locked("base") < locked("demo") < locked("dev")
    assert locked("base") < locked("bench")


def test_no_lock_file_names_an_index() -> None:
    for name in ("base", "demo", "dev", "bench"):
        assert "://" not in (REPOSITORY / "requirements" / f"{name}.txt").read_text()
