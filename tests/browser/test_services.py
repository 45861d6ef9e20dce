"""A service, from its registration to its end; and what a new secret's page does by itself."""

import re
import shlex

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.acts import call, generate
from tests.browser.conftest import Desk

BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])


def register(page: Page, name: str) -> str:
    """Register a service in the page, and return the line to ask with."""
    page.goto("/verifiers/")
    page.click(".pagehead [href='/verifiers/new/']")
    page.fill("[name=name]", name)
    page.click(".sheet footer button")
    page.wait_for_selector("#secret")
    return page.locator("#c0").text_content() or ""


def ask(line: str, token: str) -> requests.Response:
    """Do what the pasted `curl -u … -d … URL` does, about this token."""
    program, user, credentials, data, body, url = shlex.split(line)
    assert (program, user, data) == ("curl", "-u", "-d")
    client_id, _colon, secret = credentials.partition(":")
    form = {body.partition("=")[0]: token}
    return requests.post(url, data=form, auth=(client_id, secret), timeout=60)


@BOTH
def test_a_service_asks_with_the_line_it_was_given_until_it_is_revoked(desk: Desk, javascript: bool) -> None:
    token = generate(desk.open("student"), f"For a service {javascript}")
    page = desk.open("admin", javascript=javascript)
    name = f"Timetable {javascript}"
    line = register(page, name)
    assert ask(line, token).json()["username"] == "student"
    page.click("text=I have saved it")
    row = page.locator("tbody tr", has_text=name)
    expect(row).to_contain_text("Active")
    assert "tpvs_" not in page.content()
    row.get_by_role("link", name="Revoke").click()
    page.click(".sheet footer button.danger")
    expect(page.get_by_role("status").filter(has_text="Revoked")).to_be_visible()
    assert ask(line, token).status_code == 401


def test_a_name_that_is_taken_is_told_in_the_dialog(desk: Desk) -> None:
    page = desk.open("admin")
    register(page, "Taken")
    page.goto("/verifiers/")
    page.click(".pagehead [href='/verifiers/new/']")
    page.fill("dialog [name=name]", "Taken")
    page.keyboard.press("Enter")
    expect(page.locator("dialog .err")).to_contain_text("There is a service called “Taken” already.")
    expect(page.locator("dialog [name=name]")).to_be_focused()


@BOTH
def test_a_scope_of_the_school_is_defined_and_taken(desk: Desk, javascript: bool) -> None:
    name = f"grades:{javascript}".lower()
    page = desk.open("admin", javascript=javascript)
    page.goto("/scopes/new/")
    page.fill("[name=name]", name)
    page.fill("[name=words]", f"Read grades {javascript}")
    page.click("main form footer button")
    expect(page.get_by_role("status").filter(has_text="People can now choose")).to_be_visible()
    owner = desk.open("student", javascript=javascript)
    owner.goto("/tokens/new/")
    expect(owner.locator(f"[value='{name}']")).not_to_be_visible()
    owner.focus(".fold summary")
    owner.keyboard.press("Enter")
    owner.fill("[name=purpose]", f"Grades {javascript}")
    owner.check(f"[value='{name}']")
    owner.click("main form footer button")
    owner.click("text=Token details")
    expect(owner.locator(".facts").first).to_contain_text(f"Read grades {javascript}")


def test_the_page_of_a_new_secret_tells_of_the_first_call_by_itself(desk: Desk) -> None:
    page = desk.open("student")
    page.click(".pagehead [data-modal]")
    page.fill("dialog [name=purpose]", "Waited for")
    page.click("dialog form footer button")
    expect(page.locator("dialog #first-call")).to_contain_text("Waiting for your first call…")
    secret = re.sub(r"\s", "", page.locator("dialog #secret").inner_text())
    page.focus("dialog [data-save]")
    call(desk.portal, secret)
    expect(page.locator("dialog #first-call")).to_contain_text("Your first call has arrived", timeout=180_000)
    expect(page.locator("dialog [data-save]")).to_be_focused()
    expect(page.locator("#live")).to_have_text("Your first call has arrived")


def test_the_secret_is_saved_as_a_file_without_asking_the_server(desk: Desk) -> None:
    page = desk.open("student", accept_downloads=True)
    secret = generate(page, "To a file")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    own = ("blob:", f"{desk.portal.url}/static/favicon")  # which the browser gets when it likes
    with page.expect_download() as saved:
        page.click("[data-save]")
    assert saved.value.path().read_text() == f"TOKEN_PORTAL_TOKEN={secret}\n"
    assert saved.value.suggested_filename == "token-portal.env"
    assert [url for url in asked if not url.startswith(own) and "/tokens/" not in url] == []
