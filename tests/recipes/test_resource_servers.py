"""Other services that ask the portal: a DRF client, Authlib, django-oauth-toolkit, each as its recipe says."""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.portal import free_port
from tests.recipes.proxies import RECIPES
from tests.web import Web
from tokenportal.embedded import REPOSITORY

ADDRESS = "https://tokens.school.example"
WAYS = ("client", "toolkit", "authlib")
OWN_VALIDATOR = '    "OAUTH2_VALIDATOR_CLASS": "portal_validator.PortalValidator",  # or leave it out, see below\n'


def copied_from_the_page() -> dict[str, str]:
    """The code blocks of `oauth_toolkit.md`, by the file that each names in its first line."""
    blocks = re.findall(r"```python\n# (\S+)\n(.*?)```", (RECIPES / "oauth_toolkit.md").read_text(), re.DOTALL)
    return dict(blocks)


def lay_out(place: Path, portal: str, verifier: list[str], *, leave_out: str = "") -> None:
    """Copy the recipes, with our address and verifier, less what a page says may be left out."""
    for name in ("django_client.py", "authlib_client.py"):
        shutil.copy(RECIPES / name, place)
    page = copied_from_the_page()
    (place / "portal_validator.py").write_text(page["portal_validator.py"])
    text = page["settings.py"].replace(ADDRESS, portal)
    assert leave_out in text
    text = text.replace(leave_out, "").replace('("client_id", "client_secret")', repr(tuple(verifier)))
    own = f"PORTAL = {portal!r}\nPORTAL_VERIFIER = {tuple(verifier)!r}\n"
    (place / "service_settings.py").write_text(own + text)


@contextmanager
def service(place: Path) -> Iterator[str]:
    """Run the service over a directory with recipes; gives its address."""
    command = [sys.executable, "-m", "tests.recipes.service", str(place)]
    with (place / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout
        port = process.stdout.readline().strip()
        assert port, (place / "log").read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=60)


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory, web: Web, school: dict[str, Any]) -> Iterator[str]:
    """Give a service that asks the portal each time."""
    place = tmp_path_factory.mktemp("asking")
    lay_out(place, web.url, school["verifier"])
    with service(place) as url:
        yield url


@pytest.fixture(scope="module")
def keeping(tmp_path_factory: pytest.TempPathFactory, web: Web, school: dict[str, Any]) -> Iterator[str]:
    """Give a service whose toolkit keeps what it heard for a second."""
    place = tmp_path_factory.mktemp("keeping")
    lay_out(place, web.url, school["verifier"], leave_out=OWN_VALIDATOR)
    with service(place) as url:
        yield url


def call(url: str, secret: str) -> requests.Response:
    return requests.get(url, headers={"Authorization": f"Bearer {secret}"}, timeout=60)


def revoke(web: Web, secret: str) -> None:
    assert requests.post(f"{web.url}/oauth2/revoke", data={"token": secret}, timeout=60).status_code == 200


@pytest.mark.parametrize("way", WAYS)
def test_a_good_token_is_its_owner(asking: str, school: dict[str, Any], way: str) -> None:
    answer = call(f"{asking}/{way}", school["student"]["secret"])
    assert (answer.status_code, answer.json()) == (200, {"user": "student"})


@pytest.mark.parametrize("way", WAYS)
def test_a_bad_token_is_401_with_a_challenge(asking: str, school: dict[str, Any], way: str) -> None:
    for secret in ("x", school["verifier"][1], school["teacher"][:-1] + "x", "é"):
        answer = requests.get(f"{asking}/{way}", headers={"Authorization": f"Bearer {secret}".encode()}, timeout=60)
        assert (answer.status_code, answer.headers["WWW-Authenticate"].split()[0]) == (401, "Bearer"), secret


@pytest.mark.parametrize("way", WAYS)
def test_a_revoked_token_is_refused_on_the_next_request(asking: str, web: Web, spare: Iterator[str], way: str) -> None:
    secret = next(spare)
    assert call(f"{asking}/{way}", secret).status_code == 200
    revoke(web, secret)
    assert call(f"{asking}/{way}", secret).status_code == 401


def test_a_toolkit_that_keeps_answers_refuses_a_revoked_token_a_second_later(
    keeping: str, web: Web, spare: Iterator[str]
) -> None:
    secret = next(spare)
    assert call(f"{keeping}/toolkit", secret).status_code == 200
    revoke(web, secret)
    time.sleep(1)
    assert call(f"{keeping}/toolkit", secret).status_code == 401


def test_the_toolkit_keeps_no_token(asking: str, web: Web, school: dict[str, Any], tmp_path: Path) -> None:
    lay_out(tmp_path, web.url, school["verifier"])
    with service(tmp_path) as url:
        assert call(f"{url}/toolkit", school["teacher"]).status_code == 200
    assert school["teacher"].encode() not in (tmp_path / "service.sqlite3").read_bytes()


def test_authlib_demands_scopes(asking: str, school: dict[str, Any]) -> None:
    assert call(f"{asking}/authlib/grades", school["managing"]).status_code == 403


def test_a_portal_that_is_away_opens_nothing(school: dict[str, Any], tmp_path: Path) -> None:
    lay_out(tmp_path, f"http://127.0.0.1:{free_port()}", school["verifier"])
    with service(tmp_path) as url:
        codes = {way: call(f"{url}/{way}", school["teacher"]).status_code for way in WAYS}
    assert codes == {"client": 503, "toolkit": 401, "authlib": 500}
