"""Asked again in a browser: with the keyboard, in the dialog, and without script; what was typed is there after it."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.acts import PASSWORD, SECRET, tab_to
from tests.browser.conftest import Desk


def a_day_passes(desk: Desk) -> None:
    """Let the sessions of this person be of yesterday."""
    desk.portal.ask_module("tests.browser.yesterday")


@pytest.mark.parametrize("has_script", [True, False])
def test_what_was_typed_is_there_after_one_was_asked_again(desk: Desk, names: dict[str, Any], has_script: bool) -> None:
    page = desk.open("late", javascript=has_script)
    page.goto("/tokens/new/?days=7")
    page.fill("[name=purpose]", "Typed before I went to lunch")
    a_day_passes(desk)
    page.locator("[name=purpose]").press("Enter")
    expect(page.locator("[name=proof_password]")).to_be_focused()
    page.keyboard.type("no idea")
    page.keyboard.press("Enter")
    expect(page.locator(".err")).to_be_visible()
    page.fill("[name=proof_password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#secret")
    assert SECRET.search(page.content())
    assert "Typed before I went to lunch" in page.inner_text("main")
    desk.sessions.pop("late", None)  # the session has another name now


def test_a_dialog_asks_in_its_place_and_leads_on_to_the_form(desk: Desk, names: dict[str, Any]) -> None:
    page = desk.open("late")
    a_day_passes(desk)
    page.click("a[href='/tokens/new/'][data-modal]")
    page.wait_for_selector("dialog[open] [name=proof_password]")
    tab_to(page, "[name=proof_password]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("[name=purpose]")
    assert page.url.endswith("/tokens/new/")
    desk.sessions.pop("late", None)
