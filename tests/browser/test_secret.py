"""The secret is seen once: not by going back, not by reloading, not by asking again, with the browser's cache on."""

import pytest
from playwright.sync_api import Error, expect

from tests.browser.acts import generate, number_of_tokens, run_curl_line, secret_on
from tests.browser.conftest import Desk

BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])


@BOTH
def test_the_curl_line_beside_the_secret_works_as_it_is(desk: Desk, javascript: bool) -> None:
    page = desk.open("student", javascript=javascript)
    secret = generate(page, "A first call")
    answer = run_curl_line(page.locator("#c0").text_content() or "")
    assert answer.status_code == 200
    assert answer.json()["login_id"] == "student"
    assert secret in (answer.request.headers["Authorization"] or "")


@BOTH
def test_going_back_and_reloading_never_show_it_again(desk: Desk, javascript: bool) -> None:
    page = desk.open("student", javascript=javascript)
    before = number_of_tokens(page)
    secret = generate(page, "Seen once")
    page.goto("/tokens/")
    try:
        page.go_back(wait_until="load")
    except Error as refused:  # the browser asks before it sends a form again
        assert "ERR_CACHE_MISS" in str(refused)
        page.wait_for_timeout(500)  # its own page, which says so, is on the way
    expect(page.locator("body")).not_to_contain_text(secret)
    page.reload()
    assert secret not in page.content()
    page.goto("/tokens/new/")
    assert secret_on(page) == ""
    assert number_of_tokens(page) == before + 1


def test_reloading_the_answer_leads_to_the_tokens_page(desk: Desk) -> None:
    page = desk.open("student", javascript=False)
    before = number_of_tokens(page)
    secret = generate(page, "Reloaded")
    page.reload()
    assert page.url.split("/")[-3] == "tokens"
    assert "its secret was shown then" in page.inner_text("main")
    assert secret not in page.content()
    assert number_of_tokens(page) == before + 1


def test_the_cache_does_not_bring_back_a_dialog_with_a_secret(desk: Desk) -> None:
    page = desk.open("student")
    page.click(".pagehead [data-modal]")
    page.fill("dialog [name=purpose]", "In the dialog")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog #secret")
    secret = secret_on(page)
    page.keyboard.press("Escape")
    assert page.locator("dialog[open] #secret").is_visible()
    page.goto("/tokens/new/")
    page.go_back()
    page.wait_for_load_state()
    assert secret
    assert secret not in page.content()
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, history.state, document.cookie])")
    assert secret not in stored


def test_the_way_out_of_the_dialog_takes_the_secret_along_and_shows_the_token(desk: Desk) -> None:
    page = desk.open("student")
    page.click(".pagehead [data-modal]")
    page.fill("dialog [name=purpose]", "Saved somewhere")
    page.click("dialog form footer button")
    page.wait_for_selector("dialog #secret")
    page.click("text=I have saved it")
    page.wait_for_selector("dialog", state="hidden")
    assert secret_on(page) == ""
    assert page.locator(".title", has_text="Saved somewhere").first.is_visible()


@BOTH
def test_a_double_click_makes_one_token(desk: Desk, javascript: bool) -> None:
    page = desk.open("student", javascript=javascript)
    before = number_of_tokens(page)
    page.goto("/tokens/new/")
    page.fill("[name=purpose]", "Impatient")
    page.dblclick("main form footer button")
    page.wait_for_selector("#secret, .timeline")
    assert number_of_tokens(page) == before + 1


def test_the_copy_button_copies_the_token_and_says_so(desk: Desk) -> None:
    page = desk.open("student", permissions=["clipboard-read", "clipboard-write"])
    secret = generate(page, "To copy")
    page.click("[data-copy='#secret']")
    expect(page.locator("#live")).to_have_text("Copied to the clipboard")
    assert page.evaluate("navigator.clipboard.readText()") == secret
