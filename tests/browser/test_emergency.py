"""An incident, by keyboard: paused, looked at, revoked, with the report in hand and the owners told."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.acts import call, generate
from tests.browser.conftest import Desk
from tests.browser.test_keyboard import MINUTE, Hands
from tests.browser.test_leaks import BOTH, wait_for_mail
from tests.portal import Portal


@pytest.fixture
def lifting(running_portal: Portal) -> Iterator[list[str]]:
    """The numbers of pauses that are lifted whatever happens, since every other page would speak of them."""
    numbers = list[str]()
    yield numbers
    for number in numbers:
        running_portal.manage("emergency", "lift", number)


@BOTH
def test_from_a_suspicion_to_its_end_and_report_in_less_than_a_minute(
    desk: Desk, names: dict[str, Any], lifting: list[str], javascript: bool
) -> None:
    owner, purpose = ("diver-0", "Wrecks") if javascript else ("diver-1", "Reefs")
    secret = generate(desk.open(owner), purpose)
    page = desk.open("admin", javascript=javascript)
    page.goto("/emergency/")
    hands = Hands(page)
    hands.to("[name=whom]")
    hands.press("ArrowDown", times=2)
    hands.to("[name=course]")
    hands.type("SEA 2")
    hands.press("Enter")
    expect(page.locator("[name=reason_code]")).to_be_focused()
    hands.type("Misuse s")
    hands.to("main footer .btn.danger")
    hands.press("Enter")
    page.wait_for_selector("#report")
    lifting.append(page.url.rstrip("/").rpartition("/")[2])
    assert call(desk.portal, secret).status_code == 401
    hands.to(".pagehead .btn.danger")
    hands.press("Enter")
    number = page.locator("h1").inner_text().split()[1]
    hands.to("[name=number]")
    hands.type(number)
    hands.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Revoked")).to_contain_text(number)
    assert hands.seconds < MINUTE
    page.goto(f"/emergency/{lifting[0]}/")
    line = page.locator("#report tbody tr").filter(has_text=purpose)
    expect(line).to_contain_text("Revoked")
    with page.expect_download() as download:
        page.click(".pagehead a[download]")
    assert purpose in download.value.path().read_text()
    wait_for_mail(desk, purpose, "in an emergency stop")
    wait_for_mail(desk, purpose, "revoked")
