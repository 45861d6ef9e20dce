"""Every screen, once: nothing complains, everybody can use it, and it fits. One visit serves the tests of a screen.

`make test` looks at each theme in one of the two widths and at the outermost windows; with SCREENS=all, every screen is
looked at at both widths, at the colours of both themes there, and in every window.
"""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.axe import COLOURS, violations
from tests.browser.fitting import USUAL, cut_off, set_text_size, too_wide
from tests.browser.gallery import HEIGHT, WIDE, Gallery, Screen
from tests.browser.screens import SCREENS

IS_LONG = os.environ.get("SCREENS") == "all"
WIDTHS = (320, 390, 768, 1024, 1280, 1440, 1920) if IS_LONG else (320, 768, 1024, 1920)


@pytest.fixture(scope="module", params=SCREENS, ids=lambda screen: screen.name)
def screen(request: pytest.FixtureRequest) -> Screen:
    """One screen after the other."""
    found: Screen = request.param
    return found


@pytest.fixture(scope="module")
def page(gallery: Gallery, screen: Screen) -> Iterator[Page]:
    """The screen, opened; in the end it must not have complained about anything that was done to it."""
    yield gallery.show(screen)
    assert gallery.listener.complaints == []


def test_it_opens_without_a_word_from_the_browser(page: Page, gallery: Gallery) -> None:
    page.wait_for_load_state()
    assert gallery.listener.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_use_it(page: Page, screen: Screen, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # one of those it knows
    found = []
    one, only = (screen.widths[:1], None) if theme == "light" else (screen.widths[-1:], COLOURS)
    for width in screen.widths if IS_LONG else one:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        found += [f"{width} px: {each}" for each in violations(page, only=only if IS_LONG else None)]
    assert not found, "\n".join(found)


def test_it_fits_into_every_window(page: Page, screen: Screen) -> None:
    widths = WIDTHS if len(screen.widths) > 1 else screen.widths
    found = [f"{width} px: {each}" for width in widths for each in (*too_wide(page, width), *cut_off(page))]
    assert not found, "\n".join(found)


def test_text_may_be_twice_as_large(page: Page, screen: Screen) -> None:
    """On a desk; with such text a phone would be narrower than any window has to be."""
    set_text_size(page, 2 * USUAL)
    try:
        found = [*too_wide(page, WIDE), *cut_off(page)]
        assert not found, "\n".join(found)
    finally:
        set_text_size(page, USUAL)
