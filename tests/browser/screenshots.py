"""`python -m tests.browser.screenshots`: a picture of each main screen, to be laid beside the target.

A demo portal of its own, in which only the dates are not the same as the last time. The numbers in the names are the
target's: 0x light, 1x dark, 2x and 3x a phone, 4x without script, 5x in Arabic, printed, and in forced colours; from
60 on there are screens that the target has no picture of.
"""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django
from playwright.sync_api import Browser, Page, sync_playwright

os.environ |= {"DEBUG": "1", "DJANGO_SETTINGS_MODULE": "tokenportal.settings"}
django.setup()

from tests.browser.acts import sign_in  # noqa: E402  # some of these import models, which takes what is above
from tests.browser.chromium import launch_options  # noqa: E402
from tests.browser.screens.steps import GENERATE, click, fill, open_dialog, send, steps, tick, wait_for  # noqa: E402
from tests.portal import Portal, demo_portal  # noqa: E402
from tokenportal import embedded  # noqa: E402

PICTURES = embedded.REPOSITORY / "var" / "screenshots"
DESKTOP = {"viewport": {"width": 1440, "height": 900}}
SMALLER = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
DARK = {"color_scheme": "dark"}
ARABIC = {"locale": "ar"}
WITHOUT_SCRIPT = {"java_script_enabled": False}
FORCED_COLORS = {"forced_colors": "active"}


@dataclass(frozen=True)
class Screen:
    """One screen of the portal, which several pictures may show."""

    visitor: str
    path: str
    act: Callable[[Page], object] = field(default=lambda _page: None)
    is_whole: bool = True  # else what the window shows, as of a dialog


SECRET = steps(fill("[name=purpose]", "CS 340 coursework: grade dashboard"), send(then="#secret"))
TO_PERSON = click("#found .title", then=".hero")
REVOKE_ALL = steps(TO_PERSON, open_dialog("[href$='/revoke-all/']"))
NAVIGATION = click("[popovertarget=nav]")

MY_TOKENS = Screen("student", "/tokens/")
DIALOG = Screen("student", "/tokens/", open_dialog(GENERATE), is_whole=False)
SHOW_ONCE = Screen("student-former-ta", "/tokens/new/", SECRET)  # whose list is in no other picture
TOKEN = Screen("student", "/tokens/?q=Calendar", click("tbody .title", then=".timeline"))
PERSON = Screen("admin", "/people/?q=Marisol+Vega", TO_PERSON)
SETTINGS = Screen("admin", "/settings/", steps(tick("[name=audience][value=no_students]"), wait_for("#savebar .dot")))
TICKED = steps(*(tick(f":nth-match([name=id], {number})") for number in (2, 3, 4)))
INVENTORY = Screen("admin", "/inventory/?sort=-used", TICKED)

PICTURES_OF: dict[str, tuple[Screen, dict[str, Any]]] = {
    "01-my-tokens-light": (MY_TOKENS, DESKTOP),
    "02-generate-dialog-light": (DIALOG, DESKTOP),
    "03-show-once-light": (SHOW_ONCE, DESKTOP),
    "04-token-detail-light": (TOKEN, DESKTOP),
    "05-user-profile-light": (PERSON, DESKTOP),
    "06-revoke-all-dialog-light": (Screen("admin", "/people/?q=Marisol+Vega", REVOKE_ALL, is_whole=False), DESKTOP),
    "07-settings-light": (SETTINGS, DESKTOP),
    "08-inventory-light": (INVENTORY, DESKTOP),
    "09-empty-light": (Screen("newcomer", "/tokens/"), DESKTOP),
    "11-my-tokens-dark": (MY_TOKENS, DESKTOP | DARK),
    "12-generate-dialog-dark": (DIALOG, DESKTOP | DARK),
    "13-show-once-dark": (SHOW_ONCE, DESKTOP | DARK),
    "14-token-detail-dark": (TOKEN, DESKTOP | DARK),
    "15-user-profile-dark": (PERSON, DESKTOP | DARK),
    "17-settings-dark": (SETTINGS, DESKTOP | DARK),
    "18-inventory-dark": (INVENTORY, DESKTOP | DARK),
    "21-my-tokens-mobile": (MY_TOKENS, PHONE),
    "22-generate-mobile": (DIALOG, PHONE),
    "23-show-once-mobile": (SHOW_ONCE, PHONE),
    "24-token-detail-mobile": (TOKEN, PHONE),
    "25-user-profile-mobile": (PERSON, PHONE),
    "27-settings-mobile": (SETTINGS, PHONE),
    "28-inventory-mobile": (replace(INVENTORY, act=lambda _page: None), PHONE),
    "28b-inventory-bulk-mobile": (replace(INVENTORY, is_whole=False), PHONE),
    "29-nav-mobile": (Screen("admin", "/tokens/", NAVIGATION, is_whole=False), PHONE),
    "31-my-tokens-mobile-dark": (MY_TOKENS, PHONE | DARK),
    "41-nojs-new": (Screen("student", "/tokens/new/"), DESKTOP | WITHOUT_SCRIPT),
    "42-nojs-inventory": (INVENTORY, DESKTOP | WITHOUT_SCRIPT),
    "51-my-tokens-rtl-arabic": (MY_TOKENS, DESKTOP | ARABIC),
    "52-print-inventory": (replace(INVENTORY, act=lambda page: page.emulate_media(media="print")), DESKTOP),
    "53-forced-colors-settings": (replace(SETTINGS, is_whole=False), SMALLER | FORCED_COLORS),
    "60-sign-in": (Screen("", "/login/"), DESKTOP),
    "61-people": (Screen("admin", "/people/"), DESKTOP),
    "62-audit-log": (Screen("admin", "/audit/"), DESKTOP),
    "63-services": (Screen("admin", "/verifiers/"), DESKTOP),
    "64-scopes": (Screen("admin", "/scopes/"), DESKTOP),
    "65-nothing-there": (Screen("student", "/nowhere/"), DESKTOP),
    "66-api-reference": (Screen("student", "/api/docs/", lambda page: page.wait_for_selector(".opblock")), DESKTOP),
    "70-sign-in-mobile": (Screen("", "/login/"), PHONE),
    "71-people-mobile": (Screen("admin", "/people/"), PHONE),
    "72-audit-log-mobile": (Screen("admin", "/audit/"), PHONE),
    "73-services-mobile": (Screen("admin", "/verifiers/"), PHONE),
    "80-sign-in-dark": (Screen("", "/login/"), DESKTOP | DARK),
    "81-people-dark": (Screen("admin", "/people/"), DESKTOP | DARK),
    "82-audit-log-dark": (Screen("admin", "/audit/"), DESKTOP | DARK),
    "83-services-dark": (Screen("admin", "/verifiers/"), DESKTOP | DARK),
}


class Camera:
    """Takes pictures in a browser; whoever signs in for one is signed in for the next."""

    def __init__(self, browser: Browser, portal: Portal, folder: Path) -> None:
        self._browser, self._portal, self._folder = browser, portal, folder
        self._sessions: dict[str, Any] = {}

    def take(self, name: str, screen: Screen, options: dict[str, Any]) -> None:
        state = self._session(screen.visitor)
        context = self._browser.new_context(
            base_url=self._portal.url, storage_state=state, reduced_motion="reduce", **options
        )
        page = context.new_page()
        page.goto(screen.path)
        screen.act(page)
        page.mouse.move(0, 0)
        if screen.is_whole:
            grow(page)
        page.screenshot(path=self._folder / f"{name}.png", caret="hide")
        context.close()

    def _session(self, visitor: str) -> Any:
        if visitor and visitor not in self._sessions:
            page = self._browser.new_page(base_url=self._portal.url)
            page.goto("/login/")
            sign_in(page, visitor)
            self._sessions[visitor] = page.context.storage_state()
            page.close()
        return self._sessions.get(visitor)


def grow(page: Page) -> None:
    """Make the window as high as the page, so that what is as high as the window reaches down to its end."""
    page.set_viewport_size(page.evaluate("() => ({ width: innerWidth, height: document.body.scrollHeight })"))


@contextmanager
def portal_of_its_own() -> Iterator[Portal]:
    """Have a demo portal on servers that nobody else uses."""
    with TemporaryDirectory(prefix="tokenportal-screens-") as place, ExitStack() as stack:
        Path(place).chmod(0o755)  # PostgreSQL, which may be somebody else, must be able to pass through
        os.environ["TOKENPORTAL_DATA"] = place
        stack.enter_context(embedded.servers(durable=False))
        yield stack.enter_context(demo_portal(Path(place)))


def main() -> None:
    parser = ArgumentParser(description="Take a picture of each main screen.")
    parser.add_argument("names", nargs="*", help="beginnings of the names of those to take; all of them otherwise")
    parser.add_argument("--folder", type=Path, default=PICTURES, help=f"where to; default: {PICTURES}")
    given = parser.parse_args()
    wanted = {name: of for name, of in PICTURES_OF.items() if name.startswith(tuple(given.names) or "")}
    given.folder.mkdir(parents=True, exist_ok=True)
    with portal_of_its_own() as portal, sync_playwright() as playwright:
        camera = Camera(playwright.chromium.launch(**launch_options()), portal, given.folder)
        for name, (screen, options) in wanted.items():
            camera.take(name, screen, options)
            print(f"{name}.png", file=sys.stderr)
    print(given.folder)


if __name__ == "__main__":
    main()
