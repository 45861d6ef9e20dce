"""Device authorization (RFC 8628): show a code, wait until somebody has answered in the browser, fetch the token."""

import platform
import sys
import time
import webbrowser
from collections.abc import Sequence
from typing import Any

import click

from tokenportal_cli.portal import Portal, body_of
from tokenportal_cli.problems import Away, Problem

CLIENT = "tokenportal-cli"
GRANT = "urn:ietf:params:oauth:grant-type:device_code"
SLOWER = 5  # seconds


def fetch_token(
    portal: Portal, *, purpose: str = "", scopes: Sequence[str] = (), days: int | None = None, opens: bool = True
) -> dict[str, Any]:
    """Let somebody allow a token in the browser; return it, as the portal describes it. Raises Problem."""
    wish = {"purpose": purpose, "scope": " ".join(scopes), "days": str(days) if days else "", "host": platform.node()}
    form = {"client_id": CLIENT, **{name: value for name, value in wish.items() if value}}
    begun = _require(portal, "/oauth2/device_authorization", form)
    click.echo("Open this page and compare the code:\n", err=True)
    click.echo(f"    {begun['verification_uri_complete']}\n    {begun['user_code']}\n", err=True)
    if opens and sys.stderr.isatty():
        webbrowser.open(begun["verification_uri_complete"])
    click.echo("Waiting for your answer there; Ctrl-C gives up.", err=True)
    return _poll(portal, begun)


def _require(portal: Portal, path: str, form: dict[str, str]) -> dict[str, Any]:
    answer = portal.ask("POST", path, data=form)
    said = body_of(answer)
    if not isinstance(said, dict):
        raise Problem(f"What answers at {portal.address} is no TokenPortal, or one that cannot sign in by a code.")
    if not answer.ok:
        raise Problem(str(said.get("error_description", "The portal says no.")), str(said.get("error", "")))
    return said


def _poll(portal: Portal, begun: dict[str, Any]) -> dict[str, Any]:
    interval, ends = float(begun.get("interval", 5)), time.monotonic() + float(begun["expires_in"])
    form = {"client_id": CLIENT, "grant_type": GRANT, "device_code": str(begun["device_code"])}
    while time.monotonic() < ends:
        time.sleep(interval)
        try:
            return _require(portal, "/oauth2/token", form)
        except Away:
            interval += SLOWER  # a network that comes and goes; the code is still good (section 3.5)
        except Problem as problem:
            interval += SLOWER if problem.code in ("slow_down", "temporarily_unavailable") else 0
            if problem.code not in ("authorization_pending", "slow_down", "temporarily_unavailable"):
                raise
    raise Problem("Nobody has answered in time. Start anew.", "expired_token")
