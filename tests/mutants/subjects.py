"""What is mutated, and which tests have to notice."""

from typing import NamedTuple


class Subject(NamedTuple):
    """Some modules, by patterns of their paths, and the tests that concern them: only these are run."""

    files: tuple[str, ...]
    tests: tuple[str, ...]


SUBJECTS = {
    "roles": Subject(("accounts/roles.py",), ("tests/rules/test_roles.py",)),
    "tree": Subject(("accounts/tree.py",), ("tests/rules/test_paths.py",)),
    "decision": Subject(("policies/decision.py",), ("tests/rules/test_decision.py", "tests/rules/test_refusing.py")),
    "secrets": Subject(("tokens/secrets.py",), ("tests/rules/test_secrets.py",)),
    "verification": Subject(
        ("tokens/verification.py",),
        (
            "tests/rules/test_judging.py",
            "tests/lifecycle/test_checked.py",
            "tests/lifecycle/test_verification.py",
            "tests/lifecycle/test_overlap.py",
            "tests/emergency/test_pausing.py",
            "tests/restore/test_quarantine.py",
        ),
    ),
    "lifecycle": Subject(
        ("tokens/lifecycle/*.py",),
        (
            "tests/lifecycle/test_lines.py",
            "tests/lifecycle/test_fields.py",
            "tests/lifecycle/test_neighbours.py",
            "tests/lifecycle/test_verbs.py",
            "tests/lifecycle/test_overlap.py",
            "tests/lifecycle/test_batches.py",
            "tests/lifecycle/test_unused.py",
            "tests/lifecycle/test_leaving.py",
            "tests/lifecycle/test_requests.py",
            "tests/lifecycle/test_verification.py",
            "tests/classes",
            "tests/commands/test_import_tokens.py",
            "tests/planning/test_applying.py",
            "tests/pages/test_leaving.py",
        ),
    ),
}

# The fault that is planted: nobody looks at homes, so that a run with these tests has to fail.
TOO_FEW_TESTS = Subject(
    ("accounts/tree.py",), ("tests/rules/test_paths.py::test_an_account_lies_within_itself_and_all_above_it",)
)
