"""Asking Canvas: canvasapi's requests and pages, with time-outs, patience, and no step off the address that was set.

What canvasapi leaves out: it waits for ever, follows redirects, keeps every page, and lets whatever Canvas says that is
not what it documents come out as any exception. Here there is one, CanvasError, whose code `words` says to people.
Sources: Canvas' pages "Pagination" and "Throttling".
"""

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import requests
from canvasapi.exceptions import (
    CanvasException,
    Forbidden,
    InvalidAccessToken,
    RateLimitExceeded,
    ResourceDoesNotExist,
    Unauthorized,
)
from canvasapi.paginated_list import PaginatedList
from canvasapi.requester import Requester
from canvasapi.util import combine_kwargs

logger = logging.getLogger(__name__)
TIMES_OUT = (10, 60)  # seconds, to connect and between two pieces of an answer
TRIES = 5  # of one request
LONGEST_WAIT = 300.0  # seconds, whatever Retry-After says
_PASSES = {429, 500, 502, 503, 504}  # answers that another try may better
Sleep = Callable[[float], None]
Thing = dict[str, Any]


class CanvasError(Exception):
    """Canvas did not tell what was asked; `code` is one of `words`, `facts` are for its sentence and hold no secret."""

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(f"{code} {facts}")
        self.code, self.facts = code, facts


class Canvas:
    """One Canvas, asked with one token."""

    def __init__(self, url: str, token: str, *, sleep: Sleep = time.sleep) -> None:
        self._host = urlsplit(url).netloc
        self._requester = _Patient(url, token, sleep)

    def one(self, path: str) -> Thing:
        """Ask for one thing. Raises CanvasError."""
        found = self._ask(path, lambda: self._requester.request("GET", path).json())
        if not isinstance(found, dict):
            raise CanvasError("nonsense", what=path)
        return found

    def each(self, path: str, **parameters: Any) -> Iterator[Thing]:
        """Ask for a list, page by page; no more than one page is held. Raises CanvasError."""
        pages = iter(_Pages(_as_it_is, self._requester, "GET", path, _kwargs=combine_kwargs(**parameters)))
        while (page := self._ask(path, lambda: next(pages, None))) is not None:
            yield from page

    def _ask(self, path: str, question: Callable[[], Any]) -> Any:
        try:
            return question()
        except (requests.RequestException, CanvasException) as error:
            logger.warning("Canvas was asked for %s: %s", path, type(error).__name__)
            raise self._meant(error, path) from error
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            # What canvasapi stumbles over where an answer is not of the documented form.
            raise CanvasError("nonsense", what=path) from error

    def _meant(self, error: Exception, path: str) -> CanvasError:
        for kind, code in _MEANINGS:
            if isinstance(error, kind):
                return CanvasError(code, host=self._host, what=path)
        return CanvasError("failed", host=self._host, what=path)


# The first that fits.
_MEANINGS: tuple[tuple[type[Exception], str], ...] = (
    (InvalidAccessToken, "token"),
    (Unauthorized, "forbidden"),
    (RateLimitExceeded, "busy"),
    (Forbidden, "forbidden"),
    (ResourceDoesNotExist, "unknown"),
    (requests.Timeout, "slow"),
    (requests.exceptions.JSONDecodeError, "nonsense"),
    (requests.exceptions.SSLError, "certificate"),
    (requests.exceptions.ChunkedEncodingError, "torn"),
    (requests.exceptions.ContentDecodingError, "torn"),
    (requests.RequestException, "away"),
)


class _Bearer(requests.auth.AuthBase):
    """The token as `requests` is told of it; without that it would put in what a .netrc says."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _Patient(Requester):
    """canvasapi's requests, which wait where Canvas asks for it, and try again what may pass."""

    def __init__(self, url: str, token: str, sleep: Sleep) -> None:
        super().__init__(url, token)
        self._session.auth = _Bearer(token)
        self._sleep = sleep

    def _get_request(self, url: str, headers: Any, params: Any = None, **_more: Any) -> requests.Response:
        for tried in range(1, TRIES + 1):
            try:
                answer = self._session.get(
                    url, headers=headers, params=params, timeout=TIMES_OUT, allow_redirects=False
                )
            except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
                if tried == TRIES:
                    raise
                self._sleep(2.0**tried)
                continue
            if not _may_pass(answer) or tried == TRIES:
                break
            self._sleep(_asked_to_wait(answer) or 2.0**tried)
        return _looked_at(answer)


def _may_pass(answer: requests.Response) -> bool:
    return answer.status_code in _PASSES or _is_throttled(answer)


def _is_throttled(answer: requests.Response) -> bool:
    """Whether Canvas says that it is asked too much; it did so with 403 for years, and does with 429 now."""
    return answer.status_code == 429 or (answer.status_code == 403 and "rate limit exceeded" in answer.text.lower())


def _asked_to_wait(answer: requests.Response) -> float:
    """Return the seconds of Retry-After; 0 where it says none."""
    try:
        return min(max(float(answer.headers.get("Retry-After", "")), 0.0), LONGEST_WAIT)
    except ValueError:
        return 0.0


def _looked_at(answer: requests.Response) -> requests.Response:
    """Let an answer through. Raises what canvasapi would not."""
    if _is_throttled(answer):
        raise RateLimitExceeded(answer.status_code)
    if 300 <= answer.status_code < 400:
        raise CanvasError("redirected", where=urlsplit(answer.headers.get("Location", "")).netloc)
    if answer.status_code == 401:  # canvasapi wants JSON then, which a proxy in front may not send
        raise InvalidAccessToken("") if "WWW-Authenticate" in answer.headers else Unauthorized("")
    return answer


class _Pages(PaginatedList[Any]):
    """canvasapi's pages, each let go before the next."""

    def __iter__(self) -> Iterator[Any]:
        seen = set()
        while self._has_next():
            if self._next_url in seen:
                raise ValueError("A page that was there already comes next.")
            seen.add(self._next_url)
            yield self._get_next_page()


def _as_it_is(_requester: Requester, thing: Thing) -> Thing:
    return thing
