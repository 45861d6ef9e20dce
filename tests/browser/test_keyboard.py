"""What people come for, by keyboard alone."""

from playwright.sync_api import Page, expect

from tests.browser.acts import PASSWORD, call, generate, run_curl_line, secret_on, tab_to
from tests.browser.conftest import Desk

A_KEY = 0.28  # seconds, for somebody who is no typist (Card, Moran and Newell's keystroke-level model)
AN_ANSWER = 1.0  # seconds for each page or dialog that Enter asks for, whatever this machine is busy with
MINUTE = 60


class Hands:
    """Hands on a keyboard, and nowhere else; they know how often they have pressed, and how often they had to wait."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = self.waited = 0

    @property
    def seconds(self) -> float:
        """How long a person would have taken for what they have done."""
        return self.pressed * A_KEY + self.waited * AN_ANSWER

    def to(self, selector: str) -> None:
        self.pressed += tab_to(self.page, selector)

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(key)
        self.pressed += times
        self.waited += times if key == "Enter" else 0

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.pressed += len(text)


def test_the_first_token_takes_less_than_a_minute(desk: Desk) -> None:
    page = desk.open_as_nobody(permissions=["clipboard-read", "clipboard-write"])
    hands = Hands(page)
    page.goto("/login/")
    hands.to("[name=username]")
    hands.type("newcomer")
    hands.press("Tab")
    hands.type(PASSWORD)
    hands.press("Enter")
    page.wait_for_selector(".me")
    hands.to("a[href='/tokens/new/']")
    hands.press("Enter")
    expect(page.locator("dialog [name=purpose]")).to_be_focused()
    hands.type("Calendar sync")
    hands.press("Enter")
    page.wait_for_selector("dialog #secret")
    hands.to("dialog [data-copy='#c0']")
    hands.press("Enter")
    expect(page.locator("#live")).to_have_text("Copied to the clipboard")
    answer = run_curl_line(page.evaluate("navigator.clipboard.readText()"))
    assert answer.json()["login_id"] == "newcomer"
    assert hands.seconds < MINUTE


def test_a_student_makes_a_token_and_ends_it(desk: Desk) -> None:
    page = desk.open("designer")
    hands = Hands(page)
    hands.to("a[href='/tokens/new/']")
    hands.press("Enter")
    expect(page.locator("dialog [name=purpose]")).to_be_focused()
    hands.press("Enter")
    expect(page.locator("dialog .err")).to_have_text("Purpose is required.")
    expect(page.locator("dialog [name=purpose]")).to_be_focused()
    hands.type("By keyboard")
    hands.to("[name=days]")
    hands.press("ArrowLeft")
    hands.to("dialog footer button")
    hands.press("Enter")
    page.wait_for_selector("dialog #secret")
    secret = secret_on(page)
    assert call(desk.portal, secret).status_code == 200
    hands.to("dialog footer a.primary")
    hands.press("Enter")
    page.wait_for_selector("dialog", state="hidden")
    hands.to("[aria-label='Revoke By keyboard']")
    hands.press("Enter")
    expect(page.locator("dialog [name=reason]")).to_be_focused()
    hands.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Revoked")).to_be_visible()
    assert call(desk.portal, secret).status_code == 401


def test_an_instructor_makes_one_without_an_end(desk: Desk) -> None:
    page = desk.open("teacher")
    hands = Hands(page)
    hands.to("a[href='/tokens/new/']")
    hands.press("Enter")
    expect(page.locator("dialog [name=purpose]")).to_be_focused()
    hands.type("Grades, every night")
    hands.to("[name=days]")
    for _ in range(page.locator("dialog [name=days]").count()):
        if page.evaluate("document.activeElement.value") == "never":
            break
        hands.press("ArrowRight")
    hands.press("Enter")
    page.wait_for_selector("dialog #secret")
    expect(page.locator("dialog header")).to_contain_text("does not expire")
    assert call(desk.portal, secret_on(page)).status_code == 200


def test_an_administrator_ends_all_tokens_of_somebody_with_two_activations(desk: Desk) -> None:
    secret = generate(desk.open("student-locked"), "Left on a train")
    page = desk.open("admin")
    page.goto("/people/")
    hands = Hands(page)
    expect(page.locator("#q")).to_be_focused()
    hands.type("student-locked")
    expect(page.locator("#found tbody tr")).to_have_count(1)
    page.wait_for_load_state("networkidle")  # the list is drawn anew for each pause in typing
    hands.to("#found [href$='/revoke-all/']")
    hands.press("Enter")
    expect(page.locator("dialog [name=reason]")).to_be_focused()
    hands.type("Left on a train")
    hands.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Revoked")).to_be_visible()
    assert call(desk.portal, secret).json()["errors"][0]["message"] == "Revoked access token."


def test_an_administrator_ticks_tokens_and_ends_those(desk: Desk) -> None:
    owner = desk.open("ta")
    ended, kept = generate(owner, "Ticked by keyboard"), generate(owner, "Not ticked")
    page = desk.open("admin")
    page.goto("/people/?q=Okafor")
    page.click("#found .title")
    hands = Hands(page)
    hands.to("[aria-label='Select Ticked by keyboard']")
    hands.press("Space")
    hands.to("#picked button")
    hands.press("Enter")
    expect(page.locator("dialog #sheet-title")).to_contain_text("Revoke 1 token of")
    hands.to("dialog button.danger")
    hands.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Revoked 1 token.")).to_be_visible()
    assert call(desk.portal, ended).status_code == 401
    assert call(desk.portal, kept).status_code == 200


def test_an_administrator_changes_settings(desk: Desk, names: dict[str, int]) -> None:
    page = desk.open("admin")
    page.goto(f"/accounts/{names['evening']}/settings/")
    hands = Hands(page)
    hands.to("[name=student_cap_days]")
    hands.type("60")
    page.wait_for_selector("body:not(:has(.htmx-request)) #savebar .dot.warn")
    hands.to("button.primary")
    hands.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Settings saved")).to_be_visible()
    expect(page.locator("[name=student_cap_days]")).to_have_value("60")
    hands.to("[name=student_cap_days]")
    hands.press("Backspace", times=2)
    page.wait_for_selector("body:not(:has(.htmx-request)) #savebar .dot.warn")
    hands.press("Enter")
    expect(page.locator("[name=student_cap_days]")).to_have_value("")


def test_the_first_tab_leads_past_the_navigation(desk: Desk) -> None:
    page = desk.open("student")
    hands = Hands(page)
    hands.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    hands.press("Enter")
    hands.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
