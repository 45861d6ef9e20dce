"""What a visitor does on the way to a screen."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.acts import PASSWORD
from tests.mfa.phone import now_shows

Step = Callable[[Page], object]

A_PURPOSE = "Looked at"


def steps(*each: Step) -> Step:
    """One step after the other."""

    def act(page: Page) -> None:
        for step in each:
            step(page)

    return act


def click(selector: str, then: str = "") -> Step:
    """Click, and wait for what comes of it."""

    def act(page: Page) -> None:
        page.locator(selector).first.click()
        if then:
            page.wait_for_selector(then)

    return act


def fill(selector: str, text: str) -> Step:
    return lambda page: page.fill(selector, text)


def tick(selector: str) -> Step:
    return lambda page: page.locator(selector).first.check(force=True)


def wait_for(selector: str) -> Step:
    return lambda page: page.wait_for_selector(selector)


def open_dialog(selector: str) -> Step:
    return click(selector, then="dialog[open] [data-sheet]")


def send(then: str) -> Step:
    """Send the form of the page."""
    return click("main form footer button:last-child, main .savebar button", then=then)


def send_dialog(then: str) -> Step:
    return click("dialog form footer button:last-child", then=f"dialog {then}")


def send_dialog_away(then: str) -> Step:
    """Send the form of the dialog, which leads to another page."""
    return click("dialog form footer button:last-child", then=then)


def pause(page: Page) -> None:
    """Pause what the page is about."""
    page.fill("[name=reason]", A_PURPOSE)
    page.fill("[name=words]", A_PURPOSE)
    send(then="#report")(page)
    page.wait_for_selector("#report tbody")


def to_revoke(page: Page) -> None:
    """From the list of what is paused to the report, and on to revoking it."""
    click("tbody a.title", then="#report")(page)
    click(".pagehead .btn.danger", then="[name=number]")(page)


def try_passwords(page: Page) -> None:
    """One name, one address, and wrong passwords until no more are taken."""
    while page.locator("[name=password]").count():
        page.fill("[name=username]", "forgetful")
        page.fill("[name=password]", "no idea")
        with page.expect_navigation():
            page.keyboard.press("Enter")


def to_second_step(page: Page) -> None:
    """Give the right password of somebody who has an app."""
    page.fill("[name=username]", "otto")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("[name=code]")


def to_passkey(page: Page) -> None:
    """Give the right password of somebody who has passkeys and no app."""
    page.fill("[name=username]", "kim")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-passkey]")


def a_day_later(login_id: str) -> Step:
    """Go on in the session that somebody began a day ago, as the scenery has it."""

    def act(page: Page) -> None:
        [cookie] = [each for each in page.context.cookies() if each["name"].endswith("sessionid")]
        name, value = cookie["name"], f"a-session-of-{login_id}-begun-a-day-ago"
        page.context.add_cookies(
            [{"name": name, "value": value, "domain": cookie["domain"], "path": "/", "httpOnly": True}]
        )
        page.reload()
        page.wait_for_selector("[name=proof_wanted]", state="attached")

    return act


def set_up_app(page: Page) -> None:
    """Set an app up, unless there is one."""
    if page.locator("a[href='/security/app/']").count():
        page.goto("/security/app/")
        page.fill("[name=code]", now_shows(page.inner_text("#secret")))
        send(then="#codes")(page)
        page.goto("/security/")


look_it_up = click("#lookup button", then="#answer")


def look_up_this(page: Page) -> None:
    """Take a lookup id on the page, and look whose it is."""
    found = page.locator("aside .hint, tbody .hint").last.inner_text()
    page.goto("/lookup/")
    page.fill("[name=text]", f"{found} tpvs_{found}_…")
    look_it_up(page)


GENERATE = ".pagehead a[href='/tokens/new/']"
