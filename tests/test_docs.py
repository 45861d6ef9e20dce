"""What is written down leads somewhere: every link between documents, every command of `make` and `manage.py`."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from tokenportal.embedded import REPOSITORY

DOCUMENTS = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md"), *REPOSITORY.glob("cli/*.md")])
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def anchors(document: Path) -> set[str]:
    """The names that headings have where documents are shown."""
    headings = _HEADING.findall(_FENCED.sub("", document.read_text()))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_nowhere(document: Path, name: str, anchor: str) -> bool:
    """Whether a link of a document has no target."""
    target = (document.parent / name).resolve() if name else document
    if not target.exists():
        return True
    return bool(anchor) and target.suffix == ".md" and anchor not in anchors(target)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(REPOSITORY)))
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    links = _LINK.findall(document.read_text())
    assert not [f"{name}#{anchor}" for name, anchor in links if leads_nowhere(document, name, anchor)]


def test_every_command_that_a_document_names_exists() -> None:
    ours = (document for document in DOCUMENTS if document.parent.name != "recipes")  # those are of other systems too
    text = "\n".join(document.read_text() for document in ours)
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"manage\.py ([a-z_]+)", text)) <= set(get_commands())
    assert set(re.findall(r"`make ([a-z-]+)", text)) <= targets


def test_a_link_to_nowhere_is_found() -> None:
    document = REPOSITORY / "README.md"
    assert leads_nowhere(document, "docs/nothing.md", "")
    assert leads_nowhere(document, "docs/operations.md", "no-such-heading")
    assert not leads_nowhere(document, "docs/operations.md", "metrics")
