"""A real Chromium at a real portal. Whatever a test does, no page may complain (see `listening`)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.acts import sign_in
from tests.browser.chromium import launch_options
from tests.browser.gallery import Gallery
from tests.browser.listening import Listener
from tests.portal import Portal

# Playwright switches the back/forward cache off; a person's browser has it, and it must not bring a secret back.
WITH_CACHE = ["--disable-back-forward-cache"]
PATIENCE = 60_000  # milliseconds until something has happened: whoever waits for what happens waits no longer for it
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start the browser as screenshots do, but for the cache."""
    return {**browser_type_launch_args, **launch_options(), "ignore_default_args": WITH_CACHE}


@dataclass
class Desk:
    """Opens browsers for people of the demo school, and listens to what their pages complain about."""

    browser: Browser
    portal: Portal
    sessions: dict[str, Any]
    listener: Listener

    def open(self, login_id: str, *, javascript: bool = True, width: int = 1280, **options: Any) -> Page:
        """A new browser in which `login_id` is signed in; whose session is made once, as passwords take their time."""
        page = self.open_as_nobody(
            java_script_enabled=javascript,
            viewport={"width": width, "height": 900},
            storage_state=self.sessions.get(login_id),
            **options,
        )
        page.goto("/tokens/")
        if login_id not in self.sessions:
            sign_in(page, login_id)
            self.sessions[login_id] = page.context.storage_state()
        return page

    def open_as_nobody(self, **options: Any) -> Page:
        """A new browser in which nobody is signed in."""
        context = self.browser.new_context(base_url=self.portal.url, **options)
        context.set_default_timeout(PATIENCE)
        self.listener.listen_to(context)
        return context.new_page()


@pytest.fixture(scope="session")
def sessions() -> dict[str, Any]:
    """The cookies of those who have signed in."""
    return {}


@pytest.fixture
def desk(browser: Browser, running_portal: Portal, sessions: dict[str, Any]) -> Iterator[Desk]:
    """Somewhere to sit down as somebody."""
    others = set(browser.contexts)
    desk = Desk(browser, running_portal, sessions, Listener(running_portal.url))
    yield desk
    for context in set(browser.contexts) - others:
        context.close()
    assert desk.listener.complaints == []


@pytest.fixture(scope="session")
def names(running_portal: Portal) -> dict[str, Any]:
    """What the scenery calls the people and tokens that it has put into the portal."""
    found: dict[str, Any] = running_portal.ask_module("tests.browser.scenery")
    return found


@pytest.fixture(scope="session")
def gallery(browser: Browser, running_portal: Portal, names: dict[str, Any]) -> Iterator[Gallery]:
    """Where every screen can be seen; each visitor keeps one browser for all of theirs."""
    gallery = Gallery(browser, running_portal, names)
    yield gallery
    gallery.close()
