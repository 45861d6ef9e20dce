"""A token that somebody has to approve, from asking to the one look at it, with a mouse and by keyboard."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from tests.browser.acts import call, secret_on
from tests.browser.conftest import Desk
from tests.browser.test_journeys import BOTH
from tests.browser.test_keyboard import Hands

A_WEEK_AWAY = (datetime.now(UTC) + timedelta(days=7)).date()


@BOTH
def test_a_student_asks_an_administrator_shortens_the_student_generates(
    desk: Desk, names: dict[str, int], javascript: bool
) -> None:
    assert names["asker-blank"]
    purpose = f"Journey {javascript}"
    student = desk.open("asker-blank", javascript=javascript)
    student.goto("/tokens/new/")
    student.fill("[name=purpose]", purpose)
    student.fill("[name=why]", "For the lab of next week")
    student.check("[name=days][value='60']", force=True)
    student.click("main form footer button")
    expect(student.get_by_role("status").filter(has_text="Your request is sent.")).to_be_visible()
    admin = desk.open("admin", javascript=javascript)
    admin.goto("/requests/")
    admin.click(f"[aria-label='Approve {purpose} of Olga Asker']")
    admin.fill("[name=until]", A_WEEK_AWAY.isoformat())
    admin.click("form footer button.primary")
    expect(admin.get_by_role("status").filter(has_text="Approved.")).to_be_visible()
    assert not secret_on(admin)
    student.goto("/tokens/")
    expect(student.locator("main")).to_contain_text("It ends earlier than you asked for")
    student.click(f"[aria-label='Generate it now: {purpose}']")
    student.wait_for_selector("#secret")
    assert call(desk.portal, secret_on(student)).status_code == 200
    student.goto("/tokens/")
    assert not secret_on(student)
    assert student.locator(f"[aria-label='Generate it now: {purpose}']").count() == 0


def test_all_of_it_by_keyboard(desk: Desk, names: dict[str, int]) -> None:
    assert names["asker-blank"]
    student = desk.open("asker-blank")
    hands = Hands(student)
    hands.to("a[href='/tokens/new/']")
    hands.press("Enter")
    expect(student.locator("dialog [name=purpose]")).to_be_focused()
    hands.type("By keyboard")
    hands.to("[name=why]")
    hands.type("For the lab")
    hands.press("Enter")
    expect(student.get_by_role("status").filter(has_text="Your request is sent.")).to_be_visible()
    admin = desk.open("admin")
    admin.goto("/requests/")
    fingers = Hands(admin)
    fingers.to("[aria-label='Approve By keyboard of Olga Asker']")
    fingers.press("Enter")
    admin.wait_for_selector("dialog[open] [name=until]")
    fingers.to("dialog footer button.primary")
    fingers.press("Enter")
    expect(admin.get_by_role("status").filter(has_text="Approved.")).to_be_visible()
    student.goto("/tokens/")
    hands.to("[aria-label='Generate it now: By keyboard']")
    hands.press("Enter")
    student.wait_for_selector("#secret")
    assert call(desk.portal, secret_on(student)).status_code == 200
