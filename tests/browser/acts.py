"""What people do again and again in the journeys."""

import re
import shlex

import pytest
import requests
from playwright.sync_api import Page

from tests.portal import Portal

PASSWORD = "tokenportal"  # everybody's in the demo school
SECRET = re.compile(r"tpat_[A-Za-z][0-9A-Za-z]{15}_[0-9A-Za-z]{49}")
MOST_TABS = 90


def sign_in(page: Page, login_id: str, *, code: str = "") -> None:
    """Fill in the sign-in page, and the one after it for who needs a code."""
    page.fill("[name=username]", login_id)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    if code:
        page.fill("[name=code]", code)
        page.keyboard.press("Enter")
    page.wait_for_selector(".me", state="attached")


def generate(page: Page, purpose: str, *, days: str = "7") -> str:
    """Make a token in the page form, and return its secret."""
    page.goto(f"/tokens/new/?days={days}")
    page.fill("[name=purpose]", purpose)
    page.click("main form footer button")
    page.wait_for_selector("#secret")
    return secret_on(page)


def secret_on(page: Page) -> str:
    """The secret that a page shows; empty if it shows none."""
    found = SECRET.search(page.content())
    return found[0] if found else ""


def call(portal: Portal, secret: str) -> requests.Response:
    """The first call that people make with a token."""
    headers = {"Authorization": f"Bearer {secret}"}
    return requests.get(f"{portal.url}/api/v1/users/self", headers=headers, timeout=60)


def run_curl_line(line: str) -> requests.Response:
    """Do what a pasted `curl -H … URL` does."""
    program, option, header, url = shlex.split(line)
    assert (program, option) == ("curl", "-H")
    name, _colon, value = header.partition(": ")
    return requests.get(url, headers={name: value}, timeout=60)


def save_settings(page: Page) -> None:
    """Look at what the settings as they are filled in would do, and save that."""
    if page.locator("#effect .no-js").is_visible():
        page.click("#effect .no-js button")
    page.wait_for_selector("body:not(:has(.htmx-request)) #savebar .dot.warn")
    page.click("#savebar .primary")


def number_of_tokens(page: Page) -> int:
    """How many tokens I have, by the tab that shows all."""
    page.goto("/tokens/")
    tabs = page.locator(".seg .num").all_inner_texts()
    return int(tabs[-1]) if tabs else 0


def tab_to(page: Page, selector: str) -> int:
    """Press Tab until the element has the focus; return how often."""
    for pressed in range(MOST_TABS):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return pressed
        page.keyboard.press("Tab")
    pytest.fail(f"Tab never reached {selector}")
