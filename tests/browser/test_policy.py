"""A change of settings that touches tokens: seen, given time, saved and undone, with script, without, by keyboard."""

import csv
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.test_journeys import BOTH
from tests.browser.test_keyboard import Hands

CAP = "[name=student_cap_days]"
SETTLED = "body:not(:has(.htmx-request)) #savebar .dot.warn"


def settings_of(page: Page, names: dict[str, int]) -> None:
    page.goto(f"/accounts/{names['winter']}/settings/")


def fill_in(page: Page, selector: str, text: str) -> None:
    """Fill in a field, and look at what the change does then."""
    if page.locator("#effect .no-js").is_visible():
        page.fill(selector, text)
        with page.expect_navigation():
            page.click("#effect .no-js button")
    else:
        with page.expect_response("**/settings/preview/"):
            page.fill(selector, text)
        page.wait_for_selector(SETTLED)


def undo(page: Page) -> None:
    page.click("#underway a")
    expect(page.locator("#sheet-title")).to_have_text("Undo this change?")
    page.click("form footer button.primary")
    expect(page.get_by_role("status").filter(has_text="Undone.")).to_be_visible()
    expect(page.locator("#underway")).to_have_count(0)


@BOTH
def test_a_shorter_limit_is_seen_saved_and_undone(desk: Desk, names: dict[str, int], javascript: bool) -> None:
    admin = desk.open("admin", javascript=javascript)
    settings_of(admin, names)
    fill_in(admin, CAP, "30")
    expect(admin.locator("#effect")).to_contain_text("3 tokens get an earlier end")
    expect(admin.locator("#effect")).to_contain_text("until then it can be undone")
    admin.click("#effect summary")
    expect(admin.locator("#effect .hits")).to_contain_text("Ice thickness, lake 0")
    fill_in(admin, "[name=grace_days]", "21")
    admin.click("#savebar .primary")
    expect(admin.get_by_role("status").filter(has_text="touches 3 tokens")).to_be_visible()
    expect(admin.locator("#underway")).to_contain_text("Student limit: not set → 30 days")
    expect(admin.locator(CAP)).to_have_value("")
    undo(admin)


@BOTH
def test_what_was_not_looked_at_is_shown_before_it_is_saved(
    desk: Desk, names: dict[str, int], javascript: bool
) -> None:
    admin = desk.open("admin", javascript=javascript)
    settings_of(admin, names)
    admin.fill(CAP, "30")
    admin.click("#savebar .primary")  # before the preview has come
    expect(admin.get_by_role("alert")).to_contain_text("Look at what this change does")
    expect(admin.locator("#effect")).to_contain_text("3 tokens get an earlier end")
    admin.click("#savebar .primary")
    undo(admin)


@BOTH
def test_without_time_to_prepare_the_number_has_to_be_typed(
    desk: Desk, names: dict[str, int], javascript: bool
) -> None:
    admin = desk.open("admin", javascript=javascript)
    settings_of(admin, names)
    fill_in(admin, CAP, "90" if javascript else "60")
    fill_in(admin, "[name=grace_days]", "0")
    expect(admin.locator("#effect")).to_contain_text("It takes effect at once, and cannot be undone")
    admin.click("#savebar .primary")
    expect(admin.locator("#typed_error")).to_have_text(
        "Without time to prepare, 3 tokens are touched at once. To go on, type that number."
    )
    expect(admin.locator("[name=typed]")).to_be_focused()
    admin.fill("[name=typed]", "3")
    admin.click("#savebar .primary")
    expect(admin.get_by_role("status").filter(has_text="3 tokens have an earlier end.")).to_be_visible()


def test_what_becomes_of_tokens_is_asked_where_somebody_loses_the_right(desk: Desk, names: dict[str, int]) -> None:
    admin = desk.open("admin")
    settings_of(admin, names)
    admin.check("[name=audience][value=no_students]", force=True)
    admin.wait_for_selector(SETTLED)
    expect(admin.locator("#effect")).to_contain_text("3 of their tokens stay valid")
    expect(admin.locator("[name=existing_end]")).to_be_hidden()
    admin.check("#id_existing_end_on")
    expect(admin.locator("[name=existing_end]")).to_be_visible()
    expect(admin.locator("#effect")).to_contain_text("3 of their tokens run out")
    admin.check("#id_existing_revoke")
    expect(admin.locator("#effect")).to_contain_text("3 of their tokens are revoked")
    admin.check("#id_existing_keep")
    expect(admin.locator("#effect")).to_contain_text("It holds as soon as it is saved")
    expect(admin.locator("[name=grace_days]")).to_be_hidden()


def test_a_preview_that_comes_while_somebody_types_takes_nothing_away(desk: Desk, names: dict[str, int]) -> None:
    admin = desk.open("admin")
    settings_of(admin, names)
    fill_in(admin, CAP, "30")
    admin.click("#effect summary")
    admin.focus("[name=grace_days]")
    admin.keyboard.press("Control+A")
    with admin.expect_response("**/settings/preview/"):
        admin.keyboard.type("2")
    admin.keyboard.type("8")
    with admin.expect_response("**/settings/preview/"):
        pass
    expect(admin.locator("[name=grace_days]")).to_be_focused()
    expect(admin.locator("[name=grace_days]")).to_have_value("28")
    expect(admin.locator("#effect .hits")).to_have_attribute("open", "")


@BOTH
def test_the_tokens_that_it_touches_come_as_a_file_and_it_can_still_be_saved(
    desk: Desk, names: dict[str, int], javascript: bool
) -> None:
    admin = desk.open("admin", javascript=javascript)
    settings_of(admin, names)
    fill_in(admin, CAP, "30")
    admin.click("#effect summary")
    with admin.expect_download() as download:
        admin.click("#effect [data-download]")
    with Path(download.value.path()).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["purpose"] for row in rows) == [f"Ice thickness, lake {number}" for number in range(3)]
    admin.click("#savebar .primary")
    undo(admin)


def test_all_of_it_by_keyboard(desk: Desk, names: dict[str, int]) -> None:
    admin = desk.open("admin")
    settings_of(admin, names)
    hands = Hands(admin)
    hands.to(CAP)
    hands.type("30")
    admin.wait_for_selector(SETTLED)
    hands.to("[name=grace_days]")
    hands.press("Control+A")
    with admin.expect_response("**/settings/preview/"):
        hands.type("7")
    admin.wait_for_selector(SETTLED)
    hands.press("Enter")  # sends the form, as everywhere
    expect(admin.get_by_role("status").filter(has_text="touches 3 tokens")).to_be_visible()
    hands.to("#underway a")
    hands.press("Enter")
    expect(admin.locator("dialog #sheet-title")).to_have_text("Undo this change?")
    hands.to("dialog footer button.primary")
    hands.press("Enter")
    expect(admin.get_by_role("status").filter(has_text="Undone.")).to_be_visible()
