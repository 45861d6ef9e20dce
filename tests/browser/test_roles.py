"""A role of the school's own, made, given, ended and retired, with a mouse or without script, and by keyboard."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.test_journeys import BOTH
from tests.browser.test_keyboard import Hands


def said(page: Page, words: str) -> None:
    expect(page.get_by_role("status").filter(has_text=words)).to_be_visible()


@BOTH
def test_a_role_is_made_given_ended_and_retired(desk: Desk, names: dict[str, int], javascript: bool) -> None:
    label, person = f"Lab guide {javascript}", f"/people/{names['thesis']}/"
    page = desk.open("admin", javascript=javascript)
    page.goto("/roles/")
    page.click("a[href='/roles/new/']")
    page.fill("[name=label]", label)
    page.select_option("[name=base]", "ta")
    page.check("[name=permissions][value='users.view']")
    page.click("form footer button.primary")
    said(page, f"“{label}” can now be given to people")
    page.goto(person)
    page.click(f"a[href='{person}roles/new/']")
    page.select_option("[name=role]", label=label)
    page.click("form footer button.primary")
    said(page, f"Mara Thesis now holds the role {label}")
    expect(page.locator("main")).to_contain_text(f"because of the role {label}")
    page.click(f"[aria-label='End role {label}']")
    page.click("form footer button.danger")
    said(page, f"Mara Thesis no longer holds the role {label}")
    page.goto("/roles/")
    page.click(f"[aria-label='Retire {label}']")
    page.click("form footer button.danger")
    said(page, f"“{label}” is retired")


def test_all_of_it_by_keyboard(desk: Desk, names: dict[str, int]) -> None:
    page = desk.open("admin")
    hands, person = Hands(page), f"/people/{names['thesis']}/"
    page.goto("/roles/")
    hands.to("a[href='/roles/new/']")
    hands.press("Enter")
    expect(page.locator("dialog [name=label]")).to_be_focused()
    hands.press("Enter")
    expect(page.locator("dialog .err")).to_have_count(2)
    expect(page.locator("dialog [name=label]")).to_be_focused()
    hands.type("Night watch")
    hands.press("Tab")
    hands.type("Obs")
    hands.to("[name=permissions][value='tokens.view']")
    hands.press("Space")
    hands.press("Enter")
    said(page, "“Night watch” can now be given to people")
    page.goto(person)
    hands.to(f"a[href='{person}roles/new/']")
    hands.press("Enter")
    expect(page.locator("dialog [name=role]")).to_be_focused()
    hands.type("Night")
    hands.to("dialog footer button.primary")
    hands.press("Enter")
    said(page, "Mara Thesis now holds the role Night watch")
    end = "[aria-label='End role Night watch']"
    hands.to(end)
    hands.press("Enter")
    page.wait_for_selector("dialog[open] [name=places]")
    hands.press("Escape")
    expect(page.locator(end)).to_be_focused()
    hands.press("Enter")
    hands.to("dialog footer button.danger")
    hands.press("Enter")
    said(page, "Mara Thesis no longer holds the role Night watch")
