"""A terminal with the client installed, and the browser beside it."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tests.portal import Portal
from tokenportal.demo import PASSWORD
from tokenportal.embedded import REPOSITORY

CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
FILLED = re.compile(r'<input[^>]*name="(purpose|key|user_code|until)"[^>]*?value="([^"]*)"')
SECRET = re.compile(r"tpat_[A-Za-z][0-9A-Za-z]{15}_[0-9A-Za-z]{49}")
CODE = re.compile(r"\b[B-Z]{4}-[B-Z]{4}$", re.MULTILINE)
SECONDS = 60


@dataclass(frozen=True)
class Done:
    """What a command left."""

    code: int
    out: str
    err: str

    def require(self, code: int) -> "Done":
        """Fail with all that was said unless it ended with this code."""
        assert self.code == code, f"{self.code}\n{self.out}\n{self.err}"
        return self


def install(place: Path) -> Path:
    """Install the client as pip does from a package index, dependencies apart; return its console script."""
    source = shutil.copytree(REPOSITORY / "cli", place / "source")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--no-warn-script-location"]
    target = place / "installed"
    subprocess.run([*pip, *offline, "--prefix", target, source], check=True)
    return target / "bin" / "tokenportal"


@dataclass
class Terminal:
    """Somebody's shell: its home, and what is set in it."""

    script: Path
    home: Path
    set: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.home / "tokenportal" / "sign-in.json"

    @property
    def environment(self) -> dict[str, str]:
        packages = next((self.script.parent.parent / "lib").glob("python*/site-packages"))
        ours = {"PYTHONPATH": str(packages), "HOME": str(self.home), "XDG_CONFIG_HOME": str(self.home)}
        return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC", **ours, **self.set}

    def run(self, *words: str, stdin: str = "") -> Done:
        """Run the command to its end."""
        done = subprocess.run(
            [self.script, *words],
            input=stdin,
            env=self.environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def answered(self, browser: "Browser", *words: str, allow: bool = True, **choices: str) -> Done:
        """Run a command that waits for its code to be answered, and answer it."""
        process = subprocess.Popen(
            [self.script, *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        said = ""
        while not (found := CODE.search(said)):
            line = process.stderr.readline()
            assert line, f"{said}\n{process.communicate(timeout=SECONDS)}"
            said += line
        browser.answer(found[0].strip(), allow=allow, **choices)
        out, err = process.communicate(timeout=SECONDS)
        return Done(process.returncode, out, said + err)

    def sign_in(self, browser: "Browser", *words: str, purpose: str = "Command line", days: str = "30") -> Done:
        login = ("login", "--portal", browser.portal.url, *words)
        return self.answered(browser, *login, purpose=purpose, days=days).require(0)


class Browser:
    """A signed-in person, without a screen."""

    def __init__(self, portal: Portal, login: str) -> None:
        self.portal, self._session = portal, requests.Session()
        self.post("/login/", {"username": login, "password": PASSWORD})

    def get(self, path: str) -> str:
        return self._session.get(f"{self.portal.url}{path}", timeout=SECONDS).text

    def post(self, path: str, form: dict[str, Any], page: str = "") -> str:
        token = CSRF.search(self.get(page or path))
        assert token
        sent = {**form, "csrfmiddlewaretoken": token[1]}
        answer = self._session.post(f"{self.portal.url}{path}", sent, timeout=SECONDS)
        assert answer.status_code == 200
        return answer.text

    def answer(self, code: str, *, allow: bool, **choices: str) -> None:
        """Compare the code, and press a button; what is not chosen stays as it is filled in."""
        page = f"/device/?user_code={code}"
        shown = self.get(page)
        assert code in shown
        if not allow:
            assert "Denied." in self.post("/device/deny/", {"user_code": code}, page)
            return
        chosen = re.search(r'name="days" value="(\w+)" checked', shown)
        assert chosen
        form = {**dict(FILLED.findall(shown)), "days": chosen[1], "scopes": ticked(shown), **choices}
        assert "Allowed." in self.post("/device/", form, page)


def ticked(page: str) -> list[str]:
    return re.findall(r'name="scopes" value="([^"]+)" checked', page)


def made_by(terminal: Terminal, purpose: str, *words: str) -> dict[str, Any]:
    made = terminal.run("create", "--purpose", purpose, "--json", *words).require(0)
    token: dict[str, Any] = json.loads(made.out)
    return token


def is_good(portal: Portal, secret: str) -> bool:
    headers = {"Authorization": f"Bearer {secret}"}
    return requests.get(f"{portal.url}/verify", headers=headers, timeout=60).status_code == 200


def kept_token(terminal: Terminal) -> str:
    return str(json.loads(terminal.config.read_text())["token"])
