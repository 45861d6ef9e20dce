"""What a browser complains about while it shows our pages. A page of ours gives it no reason."""

from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

# Some violations of the policy are not in the console of their own accord.
REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (e) => {
  console.error(`The policy forbids ${e.effectiveDirective} ${e.blockedURI} ${e.sample}`);
});
"""
# The browser says so of the document itself, too, where the page is about an error.
OF_A_STATUS = "Failed to load resource: the server responded with a status of"


@dataclass
class Listener:
    """Hears errors, warnings, violations of the policy, requests that fail, and requests to other hosts."""

    home: str
    complaints: list[str] = field(default_factory=list)
    errors_wanted: set[str] = field(default_factory=set)  # addresses of pages that are about an error

    def listen_to(self, context: BrowserContext) -> None:
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("console", self._hear)
        context.on("weberror", self._note_error)
        context.on("request", self._watch)
        context.on("requestfailed", self._note_failure)

    def _hear(self, message: ConsoleMessage) -> None:
        place = message.location.get("url", "")
        if message.type not in {"error", "warning"}:
            return
        if not (place in self.errors_wanted and message.text.startswith(OF_A_STATUS)):
            self.complaints.append(f"{place}: {message.text}")

    def _note_error(self, error: WebError) -> None:
        self.complaints.append(str(error.error))

    def _watch(self, request: Request) -> None:
        if not request.url.startswith((f"{self.home}/", "data:", "blob:")):
            self.complaints.append(f"asked {request.url}")

    def _note_failure(self, request: Request) -> None:
        """A navigation that fails fails the test; what is under way when one leaves a page is given up."""
        if not request.is_navigation_request() and request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.url}: {request.failure}")
