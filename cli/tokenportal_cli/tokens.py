"""Tokens: list, show, create, revoke. By default one's own."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from tokenportal_cli import keeping
from tokenportal_cli.device import fetch_token
from tokenportal_cli.keeping import SignIn
from tokenportal_cli.portal import Portal
from tokenportal_cli.problems import ENDS_SOON, FAILED, MANAGE, Misused, Problem, Refused, sign_in_for
from tokenportal_cli.shape import require_no_secret
from tokenportal_cli.signing import Told, without_secret
from tokenportal_cli.telling import MOST_DAYS, as_json, ends, facts, is_ending, local, moment, table

LACKS_SCOPE = "insufficient_scope"
NAMES_NOTHING = "“{}” names nothing. Give a number, or the beginning of a hint."
whose = click.option("--user", default="self", help="Whose: a number or sis_user_id:X, if you may; yours by default.")
days_option = click.option("--days", type=click.IntRange(1, MOST_DAYS), help="End it in so many days.")
until_option = click.option("--until", metavar="DATE", help="End it on that day, at its end, or at that moment.")
into = click.option("--save", type=click.Path(path_type=Path), help="Write the secret into this file, for you alone.")


def signed_in() -> tuple[SignIn, Portal]:
    found = keeping.get()
    return found, Portal(found.portal, found.token)


@click.command(name="list")
@whose
@click.option("--all", "with_ended", is_flag=True, help="Revoked ones too.")
@click.option("--soon", type=click.IntRange(1), metavar="DAYS", help="Only those that end so soon; exit 2 if any do.")
@as_json
def listing(*, user: str, with_ended: bool, soon: int | None) -> Told:
    """List tokens, the oldest first."""
    _found, portal = signed_in()
    extra = "&include[]=deleted" if with_ended else ""
    rows = list(portal.pages(f"/users/{part_of_address(user)}/user_generated_tokens?per_page=100{extra}"))
    now = portal.said_at or datetime.now(UTC)
    if soon is not None:
        rows = [row for row in rows if is_ending(row, soon, now)]
        click.get_current_context().obj["code"] = ENDS_SOON if rows else 0
    cells = [(row["id"], row["hint"][:8], row["state"], ends(row, now), row["purpose"]) for row in rows]
    lines = table(("ID", "HINT", "STATE", "ENDS", "PURPOSE"), cells) if rows else ["No tokens."]
    return [without_secret(row) for row in rows], lines


@click.command()
@click.argument("token")
@whose
@as_json
def show(*, token: str, user: str) -> Told:
    """Show one token: by its number, its hint, or the first letters of that."""
    _found, portal = signed_in()
    known = portal.call("GET", address_of(token, user))
    return without_secret(known), facts(_told(known))


@click.command()
@click.option("--purpose", required=True, help="What will use it.")
@days_option
@until_option
@click.option("--scope", "scopes", multiple=True, metavar="SCOPE", help="Let it do only this; may be given often.")
@whose
@into
@click.option("--browser", is_flag=True, help="Allow it in the browser, whatever your sign-in may.")
@as_json
def create(
    *,
    purpose: str,
    days: int | None,
    until: str | None,
    scopes: tuple[str, ...],
    user: str,
    save: Path | None,
    browser: bool,
) -> Told:
    """Make a token. Where your sign-in may make none, you are asked in the browser.

    The secret is shown this once, alone on stdout, so that it can go into a file or a password manager.
    """
    require_no_secret(purpose)
    found, portal = signed_in()
    if browser:
        if user != "self" or until:
            raise Misused("In the browser you make your own tokens, and choose the day there.")
        return _by_browser(found, purpose, days, scopes, save)
    wanted = {"purpose": purpose, "scopes": list(scopes), **end_of(portal, days, until)}
    try:
        made = portal.call("POST", f"/users/{part_of_address(user)}/tokens", {"token": wanted})
    except Refused as refused:
        if refused.code != LACKS_SCOPE:
            raise
        if user != "self" or until or not sys.stderr.isatty():
            raise Refused(refused.status, lacking(refused, "--browser")) from refused
        click.echo("Your sign-in makes no tokens by itself: allow this one in the browser.", err=True)
        return _by_browser(found, purpose, days, scopes, save)
    return handed_over(made, made["visible_token"], save)


def _by_browser(found: SignIn, purpose: str, days: int | None, scopes: tuple[str, ...], save: Path | None) -> Told:
    made = fetch_token(Portal(found.portal), purpose=purpose, days=days, scopes=scopes)
    secret = str(made.pop("access_token"))
    return handed_over({**made, "visible_token": secret}, secret, save)


@click.command()
@click.argument("token")
@click.option("--reason", default="", help="Why; for the audit log.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@whose
@as_json
def revoke(*, token: str, reason: str, yes: bool, user: str) -> Told:
    """End a token for good, from the next call on."""
    require_no_secret(reason)
    found, portal = signed_in()
    known = portal.call("GET", address_of(token, user))
    if not yes:
        if not sys.stdin.isatty():
            raise Misused("Nobody is here to be asked: say --yes.")
        click.confirm(f"End “{known['purpose']}” for good?", abort=True, err=True)
    try:
        ended = portal.call("DELETE", f"/users/{part_of_address(user)}/tokens/{known['id']}", {"reason": reason})
    except Refused as refused:
        if refused.code != LACKS_SCOPE:
            raise
        where = f"{found.portal}/tokens/{known['id']}/revoke/"
        raise Refused(refused.status, lacking(refused, f"the page {where}")) from refused
    return without_secret(ended), [f"“{ended['purpose']}” is revoked."]


def end_of(portal: Portal, days: int | None, until: str | None) -> dict[str, str]:
    """The end that was named, by the portal's clock."""
    if days and until:
        raise Misused("Say --days or --until, not both.")
    if days:
        return {"expires_at": (portal.now() + timedelta(days=days)).astimezone(UTC).isoformat()}
    return {"expires_at": until} if until else {}


def lacking(refused: Refused, instead: str) -> dict[str, Any]:
    words = (
        f"Your sign-in may not do that by itself. Use {instead}, or where your roles let you, sign in with: "
        f"{sign_in_for(refused.scope or MANAGE)}"
    )
    return {"errors": [{"code": refused.code, "message": words}]}


def part_of_address(reference: str) -> str:
    """A reference as a part of an address. Raises Misused for a whole token, and for what is none."""
    if not require_no_secret(reference).replace(":", "").replace("_", "").replace("-", "").replace(".", "").isalnum():
        raise Misused(NAMES_NOTHING.format(reference))
    return reference


def address_of(token: str, user: str) -> str:
    """Where a token is: by its number, or by a hint, also as the portal's pages write it (tpat_AbCdE…)."""
    shown = require_no_secret(token).rstrip("….")
    hint = shown.partition("_")[2] or shown
    if not hint.isalnum():
        raise Misused(NAMES_NOTHING.format(token))
    return f"/users/{part_of_address(user)}/tokens/{hint}"


def handed_over(made: dict[str, Any], secret: str, save: Path | None) -> Told:
    """The token and its secret: into a file, or once to stdout."""
    said = [f"“{made['purpose']}” ends: {ends(made)}."]
    if save is not None:
        try:
            keeping.written_privately(save, f"{secret}\n")
        except Problem as problem:
            click.get_current_context().obj["code"] = FAILED
            click.echo(f"{problem} Here is the secret, this once.", err=True)
        else:
            return {**without_secret(made), "saved_to": str(save)}, [*said, f"The secret is in {save}."]
    click.echo("\n".join([*said, "Keep this secret now: it is shown this once."]), err=True)
    return made, [secret]


def _told(token: dict[str, Any]) -> list[tuple[str, object]]:
    return [
        ("ID", token["id"]),
        ("Hint", token["hint"]),
        ("Purpose", token["purpose"]),
        ("State", token["state"]),
        ("Ends", ends(token)),
        ("Made", _when(token["created_at"])),
        ("Last used", _when(token["last_used_at"]) or "never"),
        ("Uses", token.get("use_count")),
        ("May do", ", ".join(token["scopes"]) or "whatever its owner may, reading"),
        ("Revoked", _when(token["revoked_at"])),
        ("Reason", token["revoked_reason"]),
    ]


def _when(text: str | None) -> str:
    when = moment(text)
    return local(when) if when else ""
