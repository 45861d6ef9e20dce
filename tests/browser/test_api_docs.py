"""The page to read and try the API, under the strict policy; `desk` fails on any report of the browser."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk


def open_operation(page: Page, operation_id: str) -> None:
    page.locator(f"[id$='{operation_id}'] .opblock-summary-control").click()
    page.locator(f"[id$='{operation_id}'] .try-out__btn").click()


def test_every_endpoint_can_be_read(desk: Desk) -> None:
    page = desk.open("student")
    page.goto("/api/docs/")
    expect(page.locator(".opblock").first).to_be_visible()
    assert page.locator(".opblock").count() >= 14


def test_one_tries_it_as_the_person_who_is_signed_in(desk: Desk) -> None:
    page = desk.open("student")
    page.goto("/api/docs/")
    open_operation(page, "get_user")
    block = page.locator("[id$='get_user']")
    block.locator("input[placeholder=user_id]").fill("self")
    block.locator("button.execute").click()
    expect(block.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    expect(block.locator(".live-responses-table")).to_contain_text('"login_id": "student"')


def test_what_one_tries_there_changes_things_for_real(desk: Desk) -> None:
    page = desk.open("teacher")
    page.goto("/api/docs/")
    open_operation(page, "create_token")
    block = page.locator("[id$='create_token']")
    block.locator("input[placeholder=user_id]").fill("self")
    block.locator("textarea").fill('{"token": {"purpose": "Tried in the documentation"}}')
    block.locator("button.execute").click()
    expect(block.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    expect(block.locator(".live-responses-table")).to_contain_text('"purpose": "Tried in the documentation"')
