"""The secret is seen once: not by going back, not by reloading, not by asking again, with the browser's cache on."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Error, Page, Route, expect

from tests.browser.acts import generate, number_of_tokens, run_curl_line, secret_on
from tests.browser.conftest import Desk

# Whatever a browser keeps for a page. A page that asks for none of it has none.
KEPT = """async () => JSON.stringify({
  storages: [{ ...localStorage }, { ...sessionStorage }],
  databases: await indexedDB.databases(),
  caches: await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).length)),
  state: history.state,
  address: location.href,
  cookies: document.cookie,
})"""
ATTEMPTS = 300
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
    content_of(page)  # the browser's own page, which says so, may be on the way
    expect(page.locator("body")).not_to_contain_text(secret)
    page.reload()
    assert secret not in page.content()
    page.goto("/tokens/new/")
    assert secret_on(page) == ""
    assert number_of_tokens(page) == before + 1


def content_of(page: Page) -> str:
    """What a page holds once it is there: while it is on its way, it has none to be asked for."""
    for _attempt in range(ATTEMPTS):
        try:
            page.wait_for_load_state()
            return page.content()
        except Error as error:
            assert "navigat" in str(error)
            page.wait_for_timeout(100)
    pytest.fail("the page never came")


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


def generate_in_dialog(page: Page, purpose: str) -> str:
    """Make a token in the dialog, and return its secret."""
    page.goto("/tokens/")
    page.click(".pagehead [data-modal]")
    page.fill("dialog [name=purpose]", purpose)
    page.click("dialog form footer button")
    page.wait_for_selector("dialog #secret")
    return secret_on(page)


FORMS = pytest.mark.parametrize("make", [generate, generate_in_dialog], ids=["page", "dialog"])


@FORMS
def test_the_browser_keeps_nothing_of_it(desk: Desk, make: Callable[[Page, str], str]) -> None:
    page = desk.open("student")
    secret = make(page, "Kept nowhere")
    assert secret
    assert_kept_nowhere(page, secret)
    page.click("text=I have saved it")
    page.wait_for_selector("#secret", state="detached")
    assert_kept_nowhere(page, secret)
    assert secret not in page.content()


def assert_kept_nowhere(page: Page, secret: str) -> None:
    kept = json.loads(page.evaluate(KEPT))
    assert (kept["databases"], kept["caches"], kept["storages"][0]) == ([], [], {})
    assert secret not in json.dumps([kept, page.context.storage_state(indexed_db=True)])


@FORMS
def test_one_answer_holds_it_and_no_other(desk: Desk, make: Callable[[Page, str], str]) -> None:
    page = desk.open("student")
    answers: list[tuple[str, str, str, str]] = []

    def hand_on(route: Route) -> None:
        answer = route.fetch()
        asked = route.request
        answers.append((asked.method, asked.url.partition("?")[0], answer.headers["cache-control"], answer.text()))
        route.fulfill(response=answer)

    page.route(re.compile(r"^(?!.*/static/)"), hand_on)
    secret = make(page, "Told once")
    assert secret
    page.click("text=I have saved it")
    page.wait_for_selector("#secret", state="detached")
    page.click(".title")
    page.wait_for_selector(".timeline")
    assert secret not in page.content()
    [(method, url, caching, _text)] = [answer for answer in answers if secret in answer[-1]]
    assert (method, url) == ("POST", f"{desk.portal.url}/tokens/new/")
    assert "no-store" in caching
    assert len(answers) > 3
    page.unroute_all()


@FORMS
def test_neither_way_through_history_brings_it_back(desk: Desk, make: Callable[[Page, str], str]) -> None:
    page = desk.open("student")
    secret = make(page, "There and back")
    page.goto("/tokens/?state=all")
    for step in ("back", "forward", "back"):
        page.wait_for_load_state()
        page.evaluate(f"setTimeout(() => history.{step}())")  # once this is answered: the way leads off the page
        page.wait_for_timeout(300)
        assert secret not in content_of(page)
    page.goto("/tokens/")
    assert secret not in page.content()


def test_only_the_curl_line_and_the_file_hold_it(desk: Desk) -> None:
    page = desk.open("student")
    secret = generate(page, "Beside snippets")
    panels = page.locator("pre").all()
    holders = [panel.get_attribute("id") for panel in panels if panel.is_visible() and secret in panel.inner_text()]
    texts = {panel.get_attribute("id"): panel.text_content() or "" for panel in panels}
    assert len(texts) == 6
    assert [name for name, text in texts.items() if secret in text] == ["c0", "c5"]
    assert holders == ["c0"]  # the others are not shown
    assert all("TOKEN_PORTAL_TOKEN" in text for name, text in texts.items() if name != "c0")


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
