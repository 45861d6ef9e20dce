"""From "something is wrong with this key" to its end, by keyboard, in less than a minute; and a find reported."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import call, generate
from tests.browser.conftest import Desk
from tests.browser.test_keyboard import MINUTE, Hands

BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
MAIL_SECONDS = 180  # beat's next run, and the worker


def mails_about(desk: Desk, purpose: str) -> list[str]:
    """The mails that the portal has written."""
    texts = [path.read_text() for path in Path(desk.portal.data, "mail").glob("*")]
    return [text for text in texts if purpose in text]


def wait_for_mail(desk: Desk, purpose: str, words: str) -> None:
    deadline = time.monotonic() + MAIL_SECONDS
    while not any(words in text for text in mails_about(desk, purpose)):
        assert time.monotonic() < deadline, "The owner was not told"
        time.sleep(0.5)


@BOTH
def test_from_a_key_to_its_end_in_less_than_a_minute(desk: Desk, javascript: bool) -> None:
    purpose = f"Seen in a chat {javascript}"
    secret = generate(desk.open("student"), purpose)
    page = desk.open("admin", javascript=javascript)
    hands = Hands(page)
    hands.to("a[href='/lookup/']")
    hands.press("Enter")
    expect(page.locator("[name=text]")).to_be_focused()
    page.keyboard.insert_text(f"who wrote this? {secret}")  # pasted: two keys
    hands.pressed += 2
    hands.to("#lookup button")
    hands.press("Enter")
    hit = page.locator(".hit")
    expect(hit).to_contain_text(purpose)
    expect(hit).to_contain_text("is the right one")
    assert secret not in page.content()
    hands.to(".hit .btn.danger")
    hands.press("Enter")
    sheet = ".modal[open] " if javascript else "main "
    page.wait_for_selector(f"{sheet}[name=reason]")
    expect(page.locator(f"{sheet}[name=reason_code]")).to_have_value("leaked")
    hands.to("[name=reason]")
    hands.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Revoked")).to_be_visible()
    assert call(desk.portal, secret).status_code == 401
    report = report_on(page, secret)
    assert hands.seconds < MINUTE
    assert "Token leaked" in report
    wait_for_mail(desk, purpose, "revoked")


def report_on(page: Page, secret: str) -> str:
    """The token's own page, which says who ended it, when, why, and what it did."""
    page.goto("/lookup/")
    page.fill("[name=text]", secret)
    page.click("#lookup button")
    page.click(".hit h2 a")
    expect(page.locator(".pagehead")).to_contain_text("Revoked")
    return page.locator("main").inner_text()


@BOTH
def test_whoever_finds_a_token_reports_it_and_it_stops(desk: Desk, javascript: bool) -> None:
    purpose = f"Found in a repository {javascript}"
    secret = generate(desk.open("student"), purpose)
    page = desk.open_as_nobody(java_script_enabled=javascript)
    page.goto("/login/")
    page.click(".footer a[href='/leaks/report/']")
    page.fill("[name=token]", secret)
    page.fill("[name=url]", "https://example.com/a-repository")
    page.click("main form.body button")
    expect(page.get_by_role("status")).to_contain_text("Thank you")
    assert secret not in page.content()
    deadline = time.monotonic() + MAIL_SECONDS
    while call(desk.portal, secret).status_code != 401:
        assert time.monotonic() < deadline, "The token still works"
        time.sleep(0.2)
    wait_for_mail(desk, purpose, "https://example.com/a-repository")
