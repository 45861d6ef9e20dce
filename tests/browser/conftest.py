"""A real Chromium at a real portal. Whatever a test does, no page may log an error or ask another host."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from tests.portal import Portal

PASSWORD = "tokenportal"
# Playwright switches the back/forward cache off; a person's browser has it, and it must not bring a secret back.
WITH_CACHE = ["--disable-back-forward-cache"]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium where there is one, else Playwright's."""
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    arguments += ["--disable-component-update", "--disable-sync"]
    found = shutil.which("chromium")
    place = {"executable_path": found} if found else {}
    return {**browser_type_launch_args, **place, "args": arguments, "ignore_default_args": WITH_CACHE}


@dataclass
class Desk:
    """Opens browsers for people of the demo school, and listens to what their pages complain about."""

    browser: Browser
    portal: Portal
    sessions: dict[str, Any]
    complaints: list[str] = field(default_factory=list)

    def open(self, login_id: str, *, javascript: bool = True, width: int = 1280, **options: Any) -> Page:
        """A new browser in which `login_id` is signed in; whose session is made once, as passwords take their time."""
        context = self.browser.new_context(
            base_url=self.portal.url,
            java_script_enabled=javascript,
            viewport={"width": width, "height": 900},
            storage_state=self.sessions.get(login_id),
            **options,
        )
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._watch)
        page.goto("/tokens/")
        if login_id not in self.sessions:
            sign_in(page, login_id)
            self.sessions[login_id] = context.storage_state()
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.location.get('url')}: {message.text}")

    def _watch(self, request: Request) -> None:
        if not request.url.startswith((self.portal.url, "data:", "blob:")):
            self.complaints.append(f"asked {request.url}")


def sign_in(page: Page, login_id: str) -> None:
    """Fill in the sign-in page."""
    page.fill("[name=username]", login_id)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".me")


@pytest.fixture(scope="session")
def sessions() -> dict[str, Any]:
    """The cookies of those who have signed in."""
    return {}


@pytest.fixture
def desk(browser: Browser, running_portal: Portal, sessions: dict[str, Any]) -> Iterator[Desk]:
    """Somewhere to sit down as somebody."""
    desk = Desk(browser, running_portal, sessions)
    yield desk
    for context in browser.contexts:
        context.close()
    assert desk.complaints == []
