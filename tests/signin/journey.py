"""A provider that runs beside the tests, and somebody with a browser who goes from the portal to it and back."""

import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.http import HttpResponse
from django.test import Client

from tests.portal import free_port
from tests.signin.provider import HOST
from tokenportal.embedded import REPOSITORY

START_SECONDS = 120
BACK = "http://localhost:8000/login/school/back/"


@dataclass
class Provider:
    """A provider that can be stopped, and started again with another key, at the same address."""

    place: Path
    port: int = field(default_factory=free_port)
    back: str = BACK
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def issuer(self) -> str:
        return f"{self.url}/o"

    def know(self, **people: dict[str, Any]) -> None:
        """Say whom it knows, by name, with what it claims of them."""
        (self.place / "people.json").write_text(json.dumps(people))

    def new_key(self) -> None:
        """Make what it signs with from its next start on."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (self.place / "key.pem").write_bytes(pem)

    def start(self) -> None:
        """Run it; wait until it says what it is."""
        command = [sys.executable, "-m", "tests.signin.provider", str(self.place), str(self.port), self.back]
        with (self.place / "log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=REPOSITORY, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"The provider did not come up:\n{(self.place / 'log').read_text()}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.issuer}/.well-known/openid-configuration", timeout=60).ok
        except requests.ConnectionError:
            return False


def led_to(answer: Any) -> str:
    """Where the page leads at once that answers the button."""
    page = answer.content.decode()
    assert answer.status_code == 200, page
    refresh = re.search('<meta http-equiv="refresh" content="0; url=([^"]+)">', page)
    assert refresh, page
    address = unescape(refresh[1])
    assert f'href="{refresh[1]}"' in page  # for a browser that does not follow
    return address


@dataclass
class Visitor:
    """Somebody with one browser, who is signed in at the provider by a name."""

    provider: Provider
    name: str
    portal: Client = field(default_factory=Client)
    there: requests.Session = field(default_factory=requests.Session)

    def set_out(self, wanted: str = "") -> str:
        """Press the button; return where the portal leads."""
        return led_to(self.portal.post("/login/school/", {"next": wanted} if wanted else {}))

    def come_back(self, address: str) -> str:
        """Sign in at the provider; return where that leads, as the portal's own path."""
        self.there.get(f"{self.provider.url}/enter/{self.name}/", timeout=60).raise_for_status()
        answer = self.there.get(address, allow_redirects=False, timeout=60)
        assert answer.status_code == 302, answer.text
        assert answer.headers["Location"].startswith(self.provider.back)
        return urlsplit(answer.headers["Location"])._replace(scheme="", netloc="").geturl()

    def arrive(self, wanted: str = "") -> HttpResponse:
        """All of it; return what the portal answers in the end."""
        answer: Any = self.portal.get(self.come_back(self.set_out(wanted)))
        return answer  # type: ignore[no-any-return]

    @property
    def is_in(self) -> bool:
        """Whether the portal knows them."""
        return self.portal.get("/tokens/").status_code == 200
