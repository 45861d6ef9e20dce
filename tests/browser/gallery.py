"""Where every screen can be looked at: one browser for each visitor, which stays open from screen to screen."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page, Route

from tests.browser.acts import sign_in
from tests.browser.listening import Listener
from tests.portal import Portal

HEIGHT = 900
WIDE, PHONE = 1280, 390


@dataclass(frozen=True)
class Screen:
    """One page in one state. `path` may hold names of the scenery in braces; `act` brings the page into its state."""

    name: str
    visitor: str  # a sign-in name; nobody where it is empty
    path: str
    act: Callable[[Page], Any] = field(default=lambda _page: None)
    status: int = 200
    widths: tuple[int, ...] = (WIDE, PHONE)


class Gallery:
    """Shows screens, and hears what they complain about."""

    def __init__(self, browser: Browser, portal: Portal, names: dict[str, Any]) -> None:
        self._browser, self._portal, self.names = browser, portal, names
        self._pages: dict[str, Page] = {}
        self.listener = Listener(portal.url)

    def show(self, screen: Screen) -> Page:
        """Open the screen at the first of its widths."""
        page = self._page_of(screen.visitor)
        self.listener.complaints.clear()
        page.set_viewport_size({"width": screen.widths[0], "height": HEIGHT})
        path = screen.path.format_map(self.names)
        self.listener.errors_wanted = {f"{self._portal.url}{path}"} if screen.status >= 400 else set()
        page.goto(path)
        screen.act(page)
        return page

    def close(self) -> None:
        for page in self._pages.values():
            page.context.close()

    def _page_of(self, visitor: str) -> Page:
        if visitor not in self._pages:
            context = self._browser.new_context(base_url=self._portal.url, reduced_motion="reduce")
            self.listener.listen_to(context)
            context.route("**/failing/*/", self._fail)
            self._pages[visitor] = page = context.new_page()
            if visitor:
                page.goto("/login/")
                sign_in(page, visitor, code=self.names.get(f"code-of-{visitor}", ""))
        return self._pages[visitor]

    def _fail(self, route: Route) -> None:
        """Answer `/failing/503/` with the page for it: a demo portal shows Django's own, or does not fail that way."""
        status = route.request.url.rstrip("/").rpartition("/")[2]
        route.fulfill(status=int(status), content_type="text/html", body=self.names[f"page-{status}"])
