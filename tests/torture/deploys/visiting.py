"""Visitors in front of nginx: pages and forms of people, checks of tokens, and tokens that renew themselves."""

import base64
import json
import random
import ssl
import threading
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPSConnection
from urllib.parse import urlencode

from tests.deploys.front import HOST

SECONDS = 300
CSRF = "c" * 32
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Visitor:
    """One person at a time, over one kept connection. `failed` are answers that are none, as sentences."""

    port: int
    trust: ssl.SSLContext
    person: dict[str, str]
    verifier: tuple[str, str]
    luck: random.Random
    counts: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def visit_until(self, over: threading.Event, pause: float = 0.01) -> None:
        acts = (self.read_page, self.sign_in_page, self.save_form, self.verify, self.introspect, self.renew)
        with closing(HTTPSConnection("127.0.0.1", self.port, timeout=SECONDS, context=self.trust)) as self.line:
            while not over.wait(pause) and not self.failed:
                self.luck.choice(acts)()

    def _ask(self, what: str, expected: int, method: str, path: str, headers: dict[str, str], **form: str) -> bytes:
        """Ask once, never again: whoever asks has no second try."""
        body = urlencode(form).encode() if method == "POST" else None
        more = FORM if method == "POST" else {}
        try:
            self.line.request(method, path, body, {"Host": HOST, **more, **headers})
            answer = self.line.getresponse()
            said, code = answer.read(), answer.status
        except (OSError, HTTPException) as error:
            self.failed.append(f"{what}: {error!r}")
            self.line.close()
            return b""
        if code == expected:
            self.counts[what] += 1
            return said
        self.failed.append(f"{what}: {code} {said[:200]!r}")
        return b""

    @property
    def _cookies(self) -> str:
        return f"__Host-sessionid={self.person['session']}; __Host-csrftoken={CSRF}"

    def read_page(self) -> None:
        self._ask("page", 200, "GET", "/tokens/", {"Cookie": self._cookies})

    def sign_in_page(self) -> None:
        self._ask("sign-in page", 200, "GET", "/login/", {})

    def save_form(self) -> None:
        """A form that writes; sent twice it would do no more, but no browser sends it twice."""
        headers = {"Cookie": self._cookies, "Referer": f"https://{HOST}/preferences/"}
        self._ask(
            "form",
            302,
            "POST",
            "/preferences/",
            headers,
            csrfmiddlewaretoken=CSRF,
            locale="en",
            time_zone="Europe/Berlin",
            theme="",
        )

    def verify(self) -> None:
        self._ask("verify", 200, "GET", "/verify", {"Authorization": f"Bearer {self.person['secret']}"})

    def introspect(self) -> None:
        who = base64.b64encode(":".join(self.verifier).encode()).decode()
        headers = {"Authorization": f"Basic {who}"}
        said = self._ask("introspect", 200, "POST", "/oauth2/introspect", headers, token=self.person["secret"])
        if said and json.loads(said).get("active") is not True:
            self.failed.append("introspect: not active")

    def renew(self) -> None:
        """Exactly once, or the secret is lost: done twice, the second has a secret that is dead by then."""
        headers = {"Authorization": f"Bearer {self.person['secret']}"}
        said = self._ask("renewal", 200, "POST", "/api/v1/tokens/self/rotate", headers, **{"token[overlap_hours]": "0"})
        if said:
            self.person["secret"] = json.loads(said)["visible_token"]
