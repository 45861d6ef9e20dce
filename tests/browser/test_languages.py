"""The language switch and the Arabic pages in a real browser: without script, on a phone, and from right to left."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import sign_in
from tests.browser.conftest import Desk

PHONE = 390
PAGES = ["/tokens/", "/tokens/new/", "/preferences/", "/help/", "/people/", "/settings/", "/audit/", "/verifiers/"]


def choose(page: Page, name: str) -> None:
    """Open the menu and choose a language by its own name."""
    page.click(".prefs button[popovertarget]")
    page.get_by_role("button", name=name, exact=True).last.click()


def direction_of(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.querySelector('main')).direction"))


def test_a_stranger_switches_language_without_script_and_finds_it_after_signing_in(desk: Desk) -> None:
    page = desk.browser.new_context(base_url=desk.portal.url, java_script_enabled=False, locale="en").new_page()
    page.goto("/login/")
    choose(page, "العربيّة")
    expect(page.get_by_role("heading", level=1)).to_have_text("تسجيل الدخول")
    assert direction_of(page) == "rtl"
    sign_in(page, "observer")
    expect(page.get_by_role("heading", level=1)).to_have_text("رموز الوصول الخاصة بي")
    choose(page, "English")
    expect(page.get_by_role("heading", level=1)).to_have_text("My access tokens")
    assert direction_of(page) == "ltr"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_in_arabic_runs_from_right_to_left_and_never_sideways(desk: Desk, path: str) -> None:
    page = desk.open("admin", locale="ar")
    page.set_viewport_size({"width": PHONE, "height": 900})
    page.goto(path)
    assert direction_of(page) == "rtl"
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE


def test_code_and_what_is_copied_run_from_left_to_right(desk: Desk) -> None:
    page = desk.open("student", locale="ar")
    page.goto("/tokens/new/?days=7")
    page.fill("[name=purpose]", "لوحة الدرجات")
    page.click("main form footer button")
    page.wait_for_selector("#secret")
    for place in ("#secret", "#c0"):
        assert page.evaluate(f"getComputedStyle(document.querySelector('{place}')).direction") == "ltr"
    box, button = page.locator("#c0").bounding_box(), page.locator(".p-curl [data-copy]").bounding_box()
    assert box
    assert button
    assert button["x"] > box["x"] + box["width"] / 2  # at the end of the lines, not on their beginning
