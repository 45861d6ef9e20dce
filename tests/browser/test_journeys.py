"""What a student, an instructor and an administrator come for, with script and without."""

import pytest
from playwright.sync_api import expect

from tests.browser.acts import call, generate, save_settings, secret_on
from tests.browser.conftest import Desk

BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])


@BOTH
def test_a_student_is_refused_with_the_reason_and_then_gets_a_token(desk: Desk, javascript: bool) -> None:
    page = desk.open("student", javascript=javascript)
    page.goto("/tokens/new/")
    page.click("main form footer button")
    expect(page.locator(".err")).to_have_text("Purpose is required.")
    expect(page.locator("[name=purpose]")).to_be_focused()
    expect(page.locator("[name=purpose]")).to_have_attribute("aria-invalid", "true")
    page.fill("[name=purpose]", "Coursework")
    page.check("[name=days][value=custom]", force=True)
    page.fill("[name=until]", "2999-01-01")
    page.click("main form footer button")
    expect(page.locator(".err")).to_have_text("Expiration date cannot be more than 120 days in the future")
    expect(page.locator("[name=purpose]")).to_have_value("Coursework")
    page.check("[name=days][value='120']", force=True)
    page.click("main form footer button")
    page.wait_for_selector("#secret")
    assert call(desk.portal, secret_on(page)).status_code == 200


@BOTH
def test_a_student_ends_a_token_and_the_next_call_is_refused(desk: Desk, javascript: bool) -> None:
    page = desk.open("student", javascript=javascript)
    purpose = f"To be ended {javascript}"
    secret = generate(page, purpose)
    page.goto("/tokens/")
    page.click(f"[aria-label='Revoke {purpose}']")
    page.fill("[name=reason]", "Done with the course")
    page.click("form footer button.danger")
    expect(page.get_by_role("status").filter(has_text="Revoked")).to_be_visible()
    answer = call(desk.portal, secret)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["message"] == "Revoked access token."


@BOTH
def test_an_instructor_makes_one_without_an_end(desk: Desk, javascript: bool) -> None:
    page = desk.open("teacher", javascript=javascript)
    secret = generate(page, "Autograder", days="365")
    page.goto("/tokens/new/")
    page.fill("[name=purpose]", "Grade export")
    page.check("[name=days][value=never]", force=True)
    page.click("main form footer button")
    expect(page.locator("#sheet-title + p")).to_contain_text("does not expire")
    assert call(desk.portal, secret).status_code == 200


@BOTH
def test_an_administrator_finds_a_student_and_ends_all_their_tokens(desk: Desk, javascript: bool) -> None:
    secret = generate(desk.open("student-former-ta"), "Lent to somebody")
    page = desk.open("admin", javascript=javascript)
    page.goto("/people/")
    page.fill("#q", "student-former-ta")
    page.keyboard.press("Enter")
    expect(page.locator("#found tbody tr")).to_have_count(1)
    page.click("#found .title")
    expect(page.locator("tbody")).to_contain_text("Lent to somebody")
    page.click("text=/^Revoke all/")
    page.fill("[name=reason]", "Suspected misuse")
    page.click("form footer button.danger")
    expect(page.get_by_role("status").filter(has_text="Revoked")).to_be_visible()
    assert call(desk.portal, secret).json()["errors"][0]["message"] == "Revoked access token."


@BOTH
def test_an_administrator_ends_the_tokens_that_were_ticked(desk: Desk, javascript: bool) -> None:
    owner = desk.open("student-ta")
    ended, kept = generate(owner, f"Ticked {javascript}"), generate(owner, f"Kept {javascript}")
    page = desk.open("admin", javascript=javascript)
    page.goto("/people/?q=student-ta")
    page.click("#found .title")
    page.check(f"[aria-label='Select Ticked {javascript}']")
    page.click("text=Revoke selected")
    expect(page.locator("#sheet-title")).to_contain_text("Revoke 1 token of")
    page.click("form footer button.danger")
    expect(page.get_by_role("status").filter(has_text="Revoked 1 token.")).to_be_visible()
    assert call(desk.portal, ended).status_code == 401
    assert call(desk.portal, kept).status_code == 200


def test_a_token_made_for_somebody_works_once_they_activate_it(desk: Desk) -> None:
    page = desk.open("admin")
    page.goto("/people/?q=newcomer")
    page.click("#found .title")
    page.click("text=Generate for them")
    page.fill("dialog [name=purpose]", "Attendance import")
    page.click("dialog form footer button")
    page.wait_for_selector("dialog #secret")
    secret = secret_on(page)
    assert call(desk.portal, secret).status_code == 401
    owner = desk.open("newcomer")
    expect(owner.locator(".note.act")).to_contain_text("made a token for you")
    owner.click(".note.act button")
    owner.wait_for_url("**/tokens/*/")
    assert call(desk.portal, secret).status_code == 200


@BOTH
def test_a_change_of_settings_is_seen_by_the_others_at_once(desk: Desk, javascript: bool) -> None:
    student, admin = desk.open("student", javascript=javascript), desk.open("admin", javascript=javascript)
    admin.goto("/settings/")
    try:
        admin.check("[name=audience][value=no_students]", force=True)
        save_settings(admin)
        expect(admin.get_by_role("status").filter(has_text="Settings saved")).to_be_visible()
        student.goto("/tokens/")
        expect(student.locator("#why-off")).to_contain_text("Students cannot create access tokens at this school.")
        expect(student.locator(".pagehead button")).to_have_attribute("aria-disabled", "true")
    finally:
        admin.goto("/settings/")
        admin.check("[name=audience][value=everyone]", force=True)
        save_settings(admin)
    student.goto("/tokens/")
    expect(student.locator(".pagehead [href='/tokens/new/']")).to_be_visible()


def test_closing_a_dialog_gives_the_focus_back(desk: Desk) -> None:
    page = desk.open("student")
    page.focus(".pagehead a")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("Escape")
    expect(page.locator(".pagehead a")).to_be_focused()


def test_the_navigation_opens_on_a_phone_and_the_theme_stays(desk: Desk) -> None:
    page = desk.open("student", width=390)
    page.click("[popovertarget=nav]")
    page.click("[popovertarget=me-menu]")
    page.click("button[value=dark]")
    page.wait_for_load_state()
    assert page.get_attribute("html", "data-theme") == "dark"


def test_searching_as_one_types_keeps_the_address(desk: Desk) -> None:
    page = desk.open("admin")
    page.goto("/people/")
    page.locator("#q").press_sequentially("student-form", delay=20)
    expect(page.locator("#found tbody tr")).to_have_count(1)
    assert "q=student-form" in page.url
    expect(page.locator("#live")).to_have_text("1 person found")
