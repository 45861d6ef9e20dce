"""What people come for, on a phone: 390 px wide, by touch."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.acts import call, generate, save_settings, secret_on
from tests.browser.conftest import Desk
from tests.browser.gallery import PHONE

TOUCH: dict[str, Any] = {"width": PHONE, "has_touch": True, "is_mobile": True}


def go_by_menu(page: Page, words: str) -> None:
    page.tap("[popovertarget=nav]")
    page.locator("#nav").get_by_role("link", name=words).tap()


def test_a_student_makes_a_token_copies_it_and_ends_it(desk: Desk) -> None:
    page = desk.open("student", permissions=["clipboard-read", "clipboard-write"], **TOUCH)
    page.tap(".pagehead [href='/tokens/new/']")
    page.fill("dialog [name=purpose]", "On the bus")
    page.tap("dialog .choice:has([value='30'])")
    page.tap("dialog form footer button.primary")
    page.wait_for_selector("dialog #secret")
    page.tap("dialog [data-copy='#secret']")
    expect(page.locator("#live")).to_have_text("Copied to the clipboard")
    secret = page.evaluate("navigator.clipboard.readText()")
    assert call(desk.portal, secret).status_code == 200
    page.tap("dialog footer a.primary")
    page.wait_for_selector("dialog", state="hidden")
    page.tap("[aria-label='Revoke On the bus']")
    page.tap("dialog form footer button.danger")
    expect(page.get_by_role("status").filter(has_text="Revoked")).to_be_visible()
    assert call(desk.portal, secret).status_code == 401


def test_an_instructor_makes_one_without_an_end(desk: Desk) -> None:
    page = desk.open("teacher", **TOUCH)
    page.tap(".pagehead [href='/tokens/new/']")
    page.fill("dialog [name=purpose]", "From the lectern")
    page.tap("dialog .choice:has([value=never])")
    page.tap("dialog form footer button.primary")
    page.wait_for_selector("dialog #secret")
    expect(page.locator("dialog header")).to_contain_text("does not expire")
    assert call(desk.portal, secret_on(page)).status_code == 200


def test_an_administrator_finds_a_person_and_ends_their_tokens(desk: Desk) -> None:
    secret = generate(desk.open("student-former-ta"), "Seen on a screen")
    page = desk.open("admin", **TOUCH)
    go_by_menu(page, "People")
    page.fill("#q", "student-former-ta")
    expect(page.locator("#found tbody tr")).to_have_count(1)
    page.tap("#found .title")
    page.tap("text=/^Revoke all/")
    page.fill("dialog [name=reason]", "Seen on a screen")
    page.tap("dialog form footer button.danger")
    expect(page.get_by_role("status").filter(has_text="Revoked")).to_be_visible()
    assert call(desk.portal, secret).json()["errors"][0]["message"] == "Revoked access token."


def test_an_administrator_ends_the_tokens_that_were_ticked(desk: Desk) -> None:
    ended = generate(desk.open("student-ta"), "Ticked by thumb")
    page = desk.open("admin", **TOUCH)
    page.goto("/people/?q=student-ta")
    page.tap("#found .title")
    page.tap("[aria-label='Select Ticked by thumb']")
    page.tap("#picked button")
    page.tap("dialog form footer button.danger")
    expect(page.get_by_role("status").filter(has_text="Revoked 1 token.")).to_be_visible()
    assert call(desk.portal, ended).status_code == 401


def test_an_administrator_changes_settings(desk: Desk, names: dict[str, int]) -> None:
    page = desk.open("admin", **TOUCH)
    go_by_menu(page, "Account settings")
    page.goto(f"/accounts/{names['evening']}/settings/")
    page.tap(".opt:has([value=admins_only])")
    save_settings(page)
    expect(page.get_by_role("status").filter(has_text="Settings saved")).to_be_visible()
    page.tap(".opt:has([value=no_students])")
    save_settings(page)
    expect(page.locator("[value=no_students]")).to_be_checked()


def test_the_bar_at_the_top_is_as_tall_above_a_short_page_as_above_a_long_one(desk: Desk) -> None:
    page = desk.open("student", **TOUCH)
    heights = []
    for path in ("/tokens/", "/tokens/calendar/"):
        page.goto(path)
        heights.append(page.locator(".topbar").evaluate("(bar) => bar.clientHeight"))
    assert heights[0] == heights[1]
