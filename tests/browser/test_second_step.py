"""The second step in a browser: set up and used with the keyboard, and all of it without script."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import PASSWORD, tab_to
from tests.browser.conftest import Desk
from tests.mfa.phone import now_shows


def enter(page: Page, login_id: str) -> None:
    """Give a name and its password."""
    page.goto("/login/")
    page.fill("[name=username]", login_id)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")


@pytest.mark.parametrize(("login_id", "has_script"), [("step-by-script", True), ("step-without", False)])
def test_setting_up_and_signing_in_needs_no_mouse(
    desk: Desk, names: dict[str, Any], login_id: str, has_script: bool
) -> None:
    page = desk.open_as_nobody(java_script_enabled=has_script)
    enter(page, login_id)
    page.wait_for_selector(".me", state="attached")
    page.goto("/security/")
    for link in ("a[href='/security/app/']", "[name=code]"):
        if has_script:
            tab_to(page, link)
        else:
            page.locator(link).focus()
        if link.startswith("a"):
            page.keyboard.press("Enter")
            page.wait_for_selector("#secret")
    secret = page.inner_text("#secret")
    page.keyboard.type(now_shows(secret))
    page.keyboard.press("Enter")
    page.wait_for_selector("#codes")
    assert len(re.findall(r"\d{4} \d{4}", page.inner_text("#codes"))) == 10
    assert page.locator("[data-copy]").is_visible() is has_script
    other = desk.open_as_nobody(java_script_enabled=has_script)
    enter(other, login_id)
    expect(other.locator("[name=code]")).to_be_focused()
    other.keyboard.type(now_shows(secret, 1))
    other.keyboard.press("Enter")
    other.wait_for_selector(".me", state="attached")


def test_codes_can_be_kept_as_a_file_and_are_gone_with_the_page(desk: Desk, names: dict[str, Any]) -> None:
    page = desk.open("step-codes")
    page.goto("/security/app/")
    page.fill("[name=code]", now_shows(page.inner_text("#secret")))
    page.click("main form footer button")
    page.wait_for_selector("#codes")
    with page.expect_download() as kept:
        page.click("[data-save]")
    lines = kept.value.path().read_text().split("\n")
    assert len([line for line in lines if re.fullmatch(r"\d{4} \d{4}", line)]) == 10
    page.click("main footer .btn.primary")
    page.wait_for_url("**/security/")
    assert not re.search(r"\d{4} \d{4}", page.inner_text("body"))
