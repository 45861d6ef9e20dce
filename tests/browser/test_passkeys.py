"""Passkeys in a browser, with Chromium's own authenticator: added, used at the door and as the second step, removed."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.acts import PASSWORD, tab_to
from tests.browser.authenticator import Authenticator
from tests.browser.conftest import PATIENCE
from tests.browser.listening import Listener
from tests.portal import Portal

Open = Callable[..., Page]
# Chromium's device takes what a page offers with the name at once; these pages are for who clicks.
OFFER_NOTHING = (
    "if (window.PublicKeyCredential) PublicKeyCredential.isConditionalMediationAvailable = async () => false"
)


@pytest.fixture
def open_page(browser: Browser, running_portal: Portal, names: dict[str, Any]) -> Iterator[Open]:
    """A new browser at the portal's public address, where passkeys are good; no page may complain."""
    listener, contexts = Listener(running_portal.named_url), []

    def open_page(*, is_offered: bool = False, **options: Any) -> Page:
        context = browser.new_context(base_url=running_portal.named_url, **options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        listener.listen_to(context)
        if not is_offered:
            context.add_init_script(OFFER_NOTHING)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert listener.complaints == []


def give_password(page: Page, login_id: str) -> None:
    page.goto("/login/")
    page.fill("[name=username]", login_id)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")


def come_in(page: Page, login_id: str) -> None:
    give_password(page, login_id)
    page.wait_for_selector(".me", state="attached")


def add(page: Page, name: str = "Laptop") -> None:
    """From the page Security, with the keyboard."""
    page.goto("/security/")
    tab_to(page, "a[href='/security/passkeys/new/']")
    page.keyboard.press("Enter")
    expect(page.locator("[name=name]")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Enter")


def sign_out(page: Page) -> None:
    page.goto("/tokens/")
    page.click("[popovertarget=me-menu]")
    page.click("form[action='/logout/'] button")
    page.wait_for_url("**/login/")  # and until its script is there


def test_from_adding_one_to_removing_it(open_page: Open) -> None:
    page = open_page()
    device = Authenticator(page)
    come_in(page, "passkey-1")
    add(page)
    page.wait_for_selector("#codes")
    [kept] = device.credentials
    assert kept["isResidentCredential"]
    assert kept["rpId"] == "localhost"
    # At the door, by itself.
    sign_out(page)
    page.click("[data-passkey-ask]")
    page.wait_for_selector(".me", state="attached")
    # As the second step.
    sign_out(page)
    give_password(page, "passkey-1")
    page.click("[data-passkey-ask]")
    page.wait_for_selector(".me", state="attached")
    assert [kept["signCount"] for kept in device.credentials] == [3]
    # Not twice on one device.
    add(page, "Again")
    expect(page.locator("[data-said-if]")).to_have_text("There is a passkey of yours on that device already.")
    page.goto("/security/")
    page.click("a[href$='/rename/']")
    page.fill("[name=name]", "Old laptop")
    page.click("main form footer button")
    expect(page.locator("main li b")).to_have_text("Old laptop")
    page.click("a[href$='/remove/']")
    page.click("main form footer button")
    expect(page.locator("main .badge")).to_have_text("No second step")
    sign_out(page)
    page.click("[data-passkey-ask]")
    expect(page.locator(".note.bad")).to_contain_text("That passkey was not accepted.")


def test_the_browser_offers_it_with_the_name(open_page: Open) -> None:
    page = open_page()
    device = Authenticator(page)
    come_in(page, "passkey-2")
    add(page)
    page.wait_for_selector("#codes")
    other = open_page(is_offered=True)
    device.put_into(other)
    other.goto("/login/?next=/preferences/")  # the authenticator picks what is offered, as its owner would
    other.wait_for_url("**/preferences/")
    other.wait_for_selector(".me", state="attached")


def test_asked_again_it_will_do_on_a_page_and_in_a_dialog(open_page: Open, running_portal: Portal) -> None:
    page = open_page()
    Authenticator(page)
    come_in(page, "passkey-3")
    add(page)
    page.wait_for_selector("#codes")
    for is_dialog in (False, True):
        running_portal.ask_module("tests.browser.yesterday")
        page.goto("/tokens/" if is_dialog else "/tokens/new/?purpose=Grades")
        if is_dialog:
            page.click("a[href='/tokens/new/'][data-modal]")
        page.click("[data-passkey-ask]")
        page.wait_for_selector("[name=purpose]")


def test_nobody_there_is_said_and_the_password_goes_on_working(open_page: Open) -> None:
    page = open_page()
    device = Authenticator(page)
    come_in(page, "passkey-4")
    add(page)
    page.wait_for_selector("#codes")
    code = page.inner_text("#codes li:first-child")
    device.leave()
    sign_out(page)
    page.click("[data-passkey-ask]")
    expect(page.locator("[data-said-if]")).to_have_text("Nothing came of it. Try again.")
    give_password(page, "passkey-4")
    page.fill("[name=code]", code)
    page.keyboard.press("Enter")
    page.wait_for_selector(".me", state="attached")


def test_without_script_a_sentence_says_what_it_takes(open_page: Open) -> None:
    page = open_page(java_script_enabled=False)
    page.goto("/login/")
    assert not page.locator("[data-passkey-ask]").is_visible()
    give_password(page, "kim")
    assert not page.locator("[data-passkey-ask]").is_visible()
    expect(page.locator(".no-js")).to_have_text("Your passkey needs JavaScript, which your browser does not run here.")
    come_in(page, "ines")
    page.goto("/security/")
    expect(page.locator("p.no-js")).to_contain_text("takes JavaScript")
    assert not page.locator("a[href='/security/passkeys/new/']").is_visible()
