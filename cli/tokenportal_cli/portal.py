"""Calls to the portal's API. A token goes to the portal that it belongs to, and nowhere else."""

import email.utils
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

import requests

from tokenportal_cli import VERSION
from tokenportal_cli.problems import Away, Misused, NotSignedIn, Problem, Refused
from tokenportal_cli.telling import ends

WAIT = (5, 30)  # seconds: to be connected, and to be answered
_SCOPE = re.compile(r'error="insufficient_scope", scope="([^"]+)"')  # RFC 6750, section 3
_OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


class _Bearer(requests.auth.AuthBase):
    """Without an `auth` of our own requests would take what ~/.netrc says of the host."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header, if there is a token. Raises NotSignedIn for what no header can carry."""
        if not (self._token.isascii() and self._token.isprintable()):
            raise NotSignedIn("There are characters in this token that no token has. Ask: tokenportal doctor")
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def clean_address(text: str) -> str:
    """The address of a portal. Raises Misused for plain HTTP, which shows the token to everybody on the way."""
    text = text.strip().rstrip("/")
    address = _parts(text if "//" in text else f"https://{text}")
    if address is None or address.scheme not in ("https", "http") or not address.hostname or address.username:
        raise Misused(f"{text} is no address of a portal. Write it as https://tokens.school.example.")
    if address.scheme == "http" and address.hostname not in _OWN_MACHINE:
        raise Misused("Over plain http everybody on the way could read your token. Use https.")
    return f"{address.scheme}://{address.netloc}{address.path}".rstrip("/")


def _parts(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        is_good = parts.port != 0
    except ValueError:  # half of an IPv6 address, or a port that is no number
        return None
    return parts if is_good else None


class Portal:
    """One portal, as one token sees it; without a token, as everybody does."""

    def __init__(self, address: str, token: str = "") -> None:
        self.address = clean_address(address)
        self._session = requests.Session()
        self._session.auth = _Bearer(token)
        self._session.headers["User-Agent"] = f"tokenportal-cli/{VERSION}"
        self.said_at: datetime | None = None  # the portal's clock, when it answered last
        self.is_superseded = False  # whether it said that our token has a newer secret
        self._stops_at = ""  # when it said that what we presented ends

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        """One call, whatever its answer. Redirects are not followed. Raises Away."""
        url = path if path.startswith(f"{self.address}/") else f"{self.address}{path}"
        try:
            answer = self._session.request(method, url, timeout=WAIT, allow_redirects=False, **options)
        except requests.exceptions.SSLError as error:
            raise Away(f"The certificate of {self.address} is not good; nothing was sent.") from error
        except requests.RequestException as error:
            raise Away(f"{self.address} does not answer. Is the address right, and are you online?") from error
        self.said_at = _moment(answer.headers.get("Date", ""))
        self.is_superseded = answer.headers.get("Token-Superseded") == "true"
        self._stops_at = answer.headers.get("Token-Expires-At", "")
        if answer.status_code in (502, 503, 504):
            raise Away(f"{self.address} cannot answer at the moment. Try again in a minute.")
        return answer

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None, **options: Any) -> Any:
        """One call of the API; what it answers. Raises Refused, NotSignedIn or Away."""
        said = self._said(self.ask(method, f"/api/v1{path}", **({"json": body} if body is not None else {}), **options))
        return self._require(isinstance(said, dict), said)

    def pages(self, path: str) -> Iterator[Any]:
        """Every row of a list, page by page."""
        url: str | None = f"/api/v1{path}"
        while url:
            answer = self.ask("GET", url)
            rows = self._said(answer)
            yield from self._require(isinstance(rows, list) and all(isinstance(row, dict) for row in rows), rows)
            url = self._here(answer.links.get("next", {}).get("url"))

    def now(self) -> datetime:
        """The portal's clock, which decides; a sign-in that is good no more shows at once."""
        self.call("GET", "/tokens/self")
        return self.said_at or datetime.now(UTC)

    def stops(self) -> str:
        """When what we presented ends, as the portal said last."""
        return ends({"expires_at": self._stops_at}, self.said_at)

    def _here(self, url: str | None) -> str | None:
        """The portal's own link, at the address by which we know it."""
        if url is None:
            return None
        parts = urlsplit(url)
        return f"{parts.path}?{parts.query}"

    def _said(self, answer: requests.Response) -> Any:
        body = body_of(answer)
        if answer.ok and not answer.is_redirect and body is not None:
            return body
        if answer.status_code == 401:
            raise NotSignedIn(f"{Refused(401, body)} Sign in anew: tokenportal login")
        if answer.status_code == 429:
            wait = answer.headers.get("Retry-After", "a few")
            raise Away(f"Too many calls. Try again in {wait} seconds.", "rate_limited")
        self._require(body is not None, body)
        scope = _SCOPE.search(answer.headers.get("WWW-Authenticate", ""))
        raise Refused(answer.status_code, body, scope[1] if scope else "")

    def _require(self, is_ours: bool, said: Any) -> Any:
        if not is_ours:
            raise Problem(f"What answers at {self.address} is no TokenPortal.")
        return said


def body_of(answer: requests.Response) -> Any:
    """What an answer says in JSON; None where it says nothing in JSON."""
    try:
        return answer.json()
    except (ValueError, RecursionError):
        return None


def _moment(text: str) -> datetime | None:
    try:
        return email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
