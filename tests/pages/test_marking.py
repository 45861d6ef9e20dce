"""Every word that a person may read is marked for translation."""

import re
from pathlib import Path

import pytest

from tests.pages.reading import texts_of

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = sorted(
    path
    for kind in ("html", "txt")
    for path in (ROOT / "templates").rglob(f"*.{kind}")
    if path.parent.name != "drf_spectacular"
)
STYLE = (ROOT / "tokenportal/static/css/app.css").read_text()
SCRIPT = "".join(path.read_text() for path in sorted((ROOT / "tokenportal/static/js").glob("*.js")))
# Names, which are the same in every language.
NAMES = {"curl", "Python", "JavaScript", "R", ".env", "SIS", "client_id", "client_secret"}
MARKED = re.compile(r"{%\s*blocktrans(late)?\b.*?{%\s*endblocktrans(late)?\s*%}", re.DOTALL)
COMMENT = re.compile(r"{#.*?#}|{%\s*comment.*?endcomment\s*%}", re.DOTALL)
# Blocks that stand in an attribute or among attributes.
ATTRIBUTES = re.compile(r"{% block (?:pageclass|frame|form_attrs) %}[^%]*?(?:{% endblock %}|(?={% block))")
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
# In a tag, such as `{% include … with title="No tokens" %}`: a text, unless it goes to gettext or is a format of dates.
QUOTED = re.compile(r"""(?P<before>_\(|translate |date:|block \w* )?(?P<text>"[^"]*"|'[^']*')""")
SENTENCE = re.compile(r"^[A-Z][a-z]|[A-Za-z,] [A-Za-z]")


def unmarked_in(template: str) -> list[str]:
    """The texts of a template that no translation would reach."""
    rest = ATTRIBUTES.sub("", MARKED.sub("", COMMENT.sub("", template)))
    quoted = [found for tag in TAG.findall(rest) for found in QUOTED.finditer(tag) if not found["before"]]
    inside = [found["text"] for found in quoted if SENTENCE.search(found["text"].strip("\"'"))]
    texts = [text.strip(" ·:;,()\n\t") for text in texts_of(TAG.sub("", rest))]
    return inside + [text for text in texts if re.search(r"[^\W\d_]", text) and text not in NAMES]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_every_text_of_a_template_is_marked(template: Path) -> None:
    assert unmarked_in(template.read_text()) == []


@pytest.mark.parametrize(
    "fault",
    [
        "<p>Hello</p>",
        '<a href="/x" aria-label="Open it">{% icon "x" %}</a>',
        '{% include "ui/_empty.html" with title="No tokens" only %}',
        '{{ name|default:"Nobody" }}',
        "{% translate 'Good' %} morning",
        '<input placeholder="a word">',
    ],
)
def test_a_text_that_is_not_marked_is_found(fault: str) -> None:
    assert unmarked_in(fault)


def test_our_script_says_nothing_but_what_pages_give_it() -> None:
    said = [
        found[1] for found in re.finditer(r"""(?:say\(|textContent = |innerText = |alert\()["'`]([^"'`]+)""", SCRIPT)
    ]
    assert said == []


def test_the_style_sheet_knows_no_left_and_right_but_for_what_runs_one_way() -> None:
    sides = re.findall(
        r"(?:margin|padding|border|inset|float|clear)-(?:left|right)\b|float:|text-align: (?:left|right)", STYLE
    )
    assert sides == ["text-align: left"]  # of code
    four = re.findall(r"(?:margin|padding): (\S+) (\S+) (\S+) (\S+);", STYLE)
    assert [values for values in four if values[1] != values[3]] == []
