"""The translation is whole: nothing that the pages say is missing in it, and it says it with the same parts."""

import gettext
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import translation
from django.utils.dates import MONTHS, MONTHS_3, WEEKDAYS, WEEKDAYS_ABBR

ROOT = Path(__file__).resolve().parent.parent.parent
KEPT = ROOT / "tokenportal/locale/ar/LC_MESSAGES"
PLURALS = 6  # of Arabic: none, one, two, few, many, other
COUNTED_BY_WORD = 3  # of them, which name the number themselves
PART = re.compile(r"%\(\w+\)[sd]|%[sd%]|</?\w[^>]*>")
Catalogue = dict[str | tuple[str, int], str]


@pytest.fixture(scope="module", autouse=True)
def tools() -> None:
    """Debian's gettext. Where it is missing, CI fails; elsewhere the tests are skipped and say what to install."""
    wanted = "Install gettext: apt-get install gettext"
    if not all(map(shutil.which, ("xgettext", "msgen", "msgfmt"))):
        if os.environ.get("CI") == "true":
            pytest.fail(wanted)
        pytest.skip(wanted)


def catalogue(compiled: Path) -> Catalogue:
    """What is in a compiled file: texts by what they translate, and by the number of their plural."""
    with compiled.open("rb") as file:
        found: Catalogue = vars(gettext.GNUTranslations(file))["_catalog"]
    return {key: text for key, text in found.items() if key}


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """Everything that is marked in templates and code today, as its own translation; plurals by their English two."""
    place = tmp_path_factory.mktemp("fresh")
    for name in ("accounts", "policies", "tokens", "tokenportal", "templates"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("locale", "static", "__pycache__"))
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tokenportal.settings", "DEBUG": "1"}
    command = [sys.executable, "-m", "django", "makemessages", "--locale=en"]
    subprocess.run(command, cwd=place, env=environment, check=True, capture_output=True)
    gathered, english = place / "tokenportal/locale/en/LC_MESSAGES/django.po", place / "english.po"
    subprocess.run(["msgen", gathered, "--output-file", english], check=True)
    subprocess.run(["msgfmt", english, "--output-file", place / "english.mo"], check=True, capture_output=True)
    return catalogue(place / "english.mo")


@pytest.fixture(scope="module")
def arabic(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """The translation, compiled from its source; what is empty or doubtful (fuzzy) is not in it."""
    compiled = tmp_path_factory.mktemp("arabic") / "django.mo"
    subprocess.run(["msgfmt", "--check", KEPT / "django.po", "--output-file", compiled], check=True)
    return catalogue(compiled)


def sources(found: Catalogue) -> set[str]:
    return {key if isinstance(key, str) else key[0] for key in found}


def test_every_sentence_is_translated_and_none_that_is_gone(extracted: Catalogue, arabic: Catalogue) -> None:
    assert sources(extracted) - sources(arabic) == set(), "Run make messages, and translate what it brings."
    assert sources(arabic) - sources(extracted) == set(), "Run make messages."


def test_what_is_committed_is_what_the_source_compiles_to(arabic: Catalogue) -> None:
    assert catalogue(KEPT / "django.mo") == arabic, "Run make messages."


def test_a_translation_has_the_parts_of_its_source(extracted: Catalogue, arabic: Catalogue) -> None:
    for key, text in arabic.items():
        source, number = key if isinstance(key, tuple) else (key, None)
        wanted = sorted(PART.findall(source if number is None else extracted[source, 1]))
        found = sorted(PART.findall(text))
        if number is None or number >= COUNTED_BY_WORD:
            assert found == wanted, source
        else:
            assert set(found) <= set(wanted), source


def test_a_plural_has_all_its_forms(extracted: Catalogue, arabic: Catalogue) -> None:
    plurals = {key[0] for key in extracted if isinstance(key, tuple)}
    assert plurals
    for source in plurals:
        assert all(arabic[source, number].strip() for number in range(PLURALS)), source


def test_arabic_is_written_in_arabic_letters(arabic: Catalogue) -> None:
    silent = [key for key, text in arabic.items() if not re.search(r"[\u0600-\u06ff]", text) and text != "%(a)s–%(b)s"]
    assert silent == []


def test_no_word_of_ours_is_taken_for_a_month_or_a_day(extracted: Catalogue) -> None:
    with translation.override("en"):
        of_dates = {str(name) for names in (MONTHS, MONTHS_3, WEEKDAYS, WEEKDAYS_ABBR) for name in names.values()}
    assert "May" in of_dates
    assert sources(extracted) & of_dates == set(), "Django would say it in dates."
