"""Choosing which mails one wants, in a browser."""

from playwright.sync_api import expect

from tests.browser.acts import tab_to
from tests.browser.conftest import Desk

MESSAGES = "[name=mails][value=messages]"


def test_somebody_switches_off_mails_by_keyboard(desk: Desk) -> None:
    page = desk.open("observer")
    page.goto("/preferences/")
    expect(page.get_by_role("checkbox", name="Security")).to_be_disabled()
    expect(page.get_by_role("checkbox", name="Security")).to_be_checked()
    tab_to(page, MESSAGES)
    page.keyboard.press("Space")
    tab_to(page, "#mails button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    expect(page.locator(MESSAGES)).not_to_be_checked()
    page.reload()
    expect(page.locator(MESSAGES)).not_to_be_checked()
    expect(page.locator("[name=mails]:checked")).to_have_count(page.locator("[name=mails]").count() - 1)


def test_somebody_switches_mails_off_and_on_again_without_script(desk: Desk) -> None:
    page = desk.open("newcomer", javascript=False)
    page.goto("/preferences/")
    page.locator(MESSAGES).uncheck()
    page.click("#mails button")
    expect(page.locator(MESSAGES)).not_to_be_checked()
    page.locator(MESSAGES).check()
    page.click("#mails button")
    page.reload()
    expect(page.locator(MESSAGES)).to_be_checked()
