"""`policy plan|apply FILE`: an account's settings from a file, looked at before they are made."""

import json
import sys
import tomllib
from datetime import date, time
from pathlib import Path
from typing import Any

import click

from tokenportal_cli.problems import LOOK_FIRST, Misused, Refused
from tokenportal_cli.reading import settings_in
from tokenportal_cli.signing import Told
from tokenportal_cli.telling import as_json, table
from tokenportal_cli.tokens import part_of_address, signed_in

KNOWN = {"account", "token_policy", "existing", "existing_end", "grace_days", "spread_days"}
ASK_TO_LOOK = {"preview_needed", "preview_outdated", "count_not_typed"}
_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def policy() -> None:
    """See what a file of settings would do, and make it so; needs policy.edit there, and a sign-in with --manage."""


@policy.command()
@_file
@as_json
def plan(*, file: Path) -> Told:
    """Say what the settings in FILE would do. Nothing is saved; the quote at the end is good for `apply`."""
    account, wanted = _read(file)
    _found, portal = signed_in()
    preview = portal.call("POST", f"/accounts/{account}/token_policy/preview", wanted)
    return preview, _told(preview)


@policy.command()
@_file
@click.option("--quote", help="Of the plan that you have looked at; without it, you are shown it and asked.")
@click.option("--typed", type=int, metavar="N", help="Without any grace time: how many tokens it touches.")
@as_json
def apply(*, file: Path, quote: str | None, typed: int | None) -> Told:
    """Make the settings in FILE. Exits with 5 where the plan has to be looked at first, or again."""
    account, wanted = _read(file)
    _found, portal = signed_in()
    if quote is None and sys.stdin.isatty():
        preview = portal.call("POST", f"/accounts/{account}/token_policy/preview", wanted)
        click.echo("\n".join(_told(preview)), err=True)
        click.confirm("Make it so?", abort=True, err=True)
        quote = preview["quote"]
    said = {"quote": quote, "typed": typed}
    body = {**wanted, **{name: value for name, value in said.items() if value is not None}}
    try:
        saved = portal.call("PUT", f"/accounts/{account}/token_policy", body)
    except Refused as refused:
        if refused.code in ASK_TO_LOOK:
            refused.exit_code = LOOK_FIRST
            click.echo("\n".join(_told(refused.body.get("preview") or {})), err=True)
        raise
    return saved, saved["words"] or ["Nothing differs."]


def _read(file: Path) -> tuple[str, dict[str, Any]]:
    """The account and what it shall set, in TOML or JSON. Raises Misused."""
    text = settings_in(file)
    try:
        said = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
        said = json.loads(json.dumps(said, default=_as_text, allow_nan=False))
    except (ValueError, RecursionError) as error:
        raise Misused(f"{file} cannot be read: {error}.") from error
    if not isinstance(said, dict):
        raise Misused(f"{file}: it has to be an object, with token_policy in it.")
    unknown = set(said) - KNOWN
    if unknown:
        raise Misused(f"{file}: nothing is called {', '.join(sorted(unknown))}; known: {', '.join(sorted(KNOWN))}.")
    if not isinstance(said.get("token_policy"), dict):
        raise Misused(f"{file}: there is no table [token_policy] in it.")
    account = part_of_address(str(said.pop("account", "self")))
    return account, said


def _as_text(value: date | time) -> str:
    """A date of TOML as the API takes it."""
    return value.isoformat()


def _told(preview: dict[str, Any]) -> list[str]:
    if not preview:
        return []
    if not preview["changed"]:
        return ["Nothing would differ.", f"Quote: {preview['quote']}"]
    hits = [
        (hit["owner"], hit["expires_at"] or "never", hit["new_end"] or "revoked", hit["purpose"])
        for hit in preview["tokens"]
    ]
    listed = table(("OWNER", "ENDS", "WOULD END", "PURPOSE"), hits) if hits else []
    changed = f"Would change: {', '.join(preview['changed'])}"
    return [changed, *preview["words"], *listed, f"Quote: {preview['quote']}"]
