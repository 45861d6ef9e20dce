"""A new secret beside the old one, from the page of the token to the last call with the old one."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import call, generate, secret_on, tab_to
from tests.browser.conftest import Desk

BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])


def to_token(page: Page, purpose: str) -> str:
    """Go to the page of a token of one's own; its address."""
    page.goto("/tokens/")
    page.get_by_role("link", name=purpose, exact=True).click()
    page.wait_for_selector(".pagehead [href$='/regenerate/']")
    return page.url


@BOTH
def test_nothing_stops_until_the_old_secret_is_ended(desk: Desk, javascript: bool) -> None:
    page = desk.open("student", javascript=javascript)
    purpose = f"Weekly export {javascript}"
    old = generate(page, purpose)
    address = to_token(page, purpose)
    page.click(".pagehead [href$='/regenerate/']")
    form = page.locator("form:has([name=overlap_hours])")
    form.locator("[name=overlap_hours][value='24']").check(force=True)
    expect(form.locator(".until > p:visible")).to_have_count(1)  # of the end, whatever was said of the overlap
    form.locator("footer button").click()
    page.wait_for_selector("#secret")
    new = secret_on(page)
    assert new != old
    answers = {secret: call(desk.portal, secret) for secret in (old, new)}
    assert {secret: answer.status_code for secret, answer in answers.items()} == {old: 200, new: 200}
    assert [answers[secret].headers.get("Token-Superseded") for secret in (old, new)] == ["true", None]
    page.goto(address)
    expect(page.locator("main")).to_contain_text("The secret before the present one still works")
    page.get_by_role("button", name="End it now").click()
    expect(page.get_by_role("status").filter(has_text="works no more")).to_be_visible()
    assert call(desk.portal, old).json()["errors"][0]["code"] == "superseded_token"
    assert call(desk.portal, new).status_code == 200


def test_a_secret_is_rotated_by_keyboard_alone(desk: Desk) -> None:
    page = desk.open("student")
    old = generate(page, "By keyboard")
    to_token(page, "By keyboard")
    tab_to(page, ".pagehead [href$='/regenerate/']")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog [name=overlap_hours]", state="attached")
    tab_to(page, "dialog [name=overlap_hours]")
    page.keyboard.press("ArrowRight")
    expect(page.locator("dialog [name=overlap_hours][value='1']")).to_be_checked()
    tab_to(page, "dialog footer button.primary")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog #secret")
    new = secret_on(page)
    assert [call(desk.portal, secret).status_code for secret in (old, new)] == [200, 200]
