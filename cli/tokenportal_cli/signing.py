"""Signing in and out, and who it is."""

import sys
from typing import Any

import click

from tokenportal_cli import keeping
from tokenportal_cli.device import fetch_token
from tokenportal_cli.keeping import SignIn
from tokenportal_cli.portal import Portal, clean_address
from tokenportal_cli.problems import MANAGE, Misused, NotSignedIn, Problem, Refused
from tokenportal_cli.reading import token_in
from tokenportal_cli.shape import has_right_checksum
from tokenportal_cli.telling import MOST_DAYS, as_json, ends, facts

Told = tuple[Any, list[str]]


@click.command()
@click.option("--portal", envvar=keeping.PORTAL, help="Where it is, such as https://tokens.school.example.")
@click.option("--with-token", is_flag=True, help="Read a token from stdin instead of asking in the browser.")
@click.option("--manage", is_flag=True, help=f"Ask for the scope {MANAGE}: to make, rotate and end others by it.")
@click.option("--scope", "scopes", multiple=True, metavar="SCOPE", help="Ask for this scope; may be given often.")
@click.option("--days", type=click.IntRange(1, MOST_DAYS), help="Ask for so many days; a month, if nothing is said.")
@click.option("--no-browser", is_flag=True, help="Only show the address.")
@as_json
def login(
    *, portal: str | None, with_token: bool, manage: bool, scopes: tuple[str, ...], days: int | None, no_browser: bool
) -> Told:
    """Sign in: by a code that you allow in the browser, or with a token from stdin."""
    address = clean_address(portal or _known_portal())
    if with_token:
        token = _from_stdin()
    else:
        wanted = [*scopes, *([MANAGE] if manage else [])]
        token = fetch_token(Portal(address), scopes=wanted, days=days, opens=not no_browser)["access_token"]
    described = Portal(address, token).call("GET", "/tokens/self")
    _keep(SignIn(address, token), is_new=not with_token)
    lines = [f"Signed in at {address}.", f"The token “{described['purpose']}” ends: {ends(described)}."]
    if manage and MANAGE not in described["scopes"]:
        lines.append(f"It does not hold {MANAGE}: making and rotating will ask you in the browser.")
    return {"portal": address, "token": without_secret(described)}, lines


def _keep(sign_in: SignIn, *, is_new: bool) -> None:
    """Write it down; a token that was made for that and cannot be kept is ended, as nobody would ever have it."""
    try:
        keeping.keep(sign_in)
    except Problem:
        if is_new:
            Portal(sign_in.portal, sign_in.token).call("DELETE", "/tokens/self")
        raise


def _known_portal() -> str:
    found = keeping.find()
    if found is None:
        raise Misused("Say where the portal is: tokenportal login --portal https://…")
    return found.portal


def _from_stdin() -> str:
    asks = sys.stdin.isatty()
    token = str(click.prompt("Token", hide_input=True, err=True)).strip() if asks else token_in("-")
    if not token:
        raise Misused("There is no token on stdin. Write: tokenportal login --with-token < file")
    return token if has_right_checksum(token) else _mistyped(token)


def _mistyped(token: str) -> str:
    """Tokens of another system, brought in, have no checksum of ours; what is cut off is told by the portal too."""
    click.echo("Its checksum is wrong: it is mistyped, cut off, or of another system.", err=True)
    return token


@click.command()
@click.option("--keep-token", is_flag=True, help="Only forget the token here; it stays good elsewhere.")
@as_json
def logout(*, keep_token: bool) -> Told:
    """Sign out: end the token that you signed in with, and forget it."""
    found = keeping.get()
    if not found.is_kept:
        raise Misused(f"You are signed in by {keeping.TOKEN}; unset it.")
    if not keep_token:
        try:
            Portal(found.portal, found.token).call("DELETE", "/tokens/self")
        except NotSignedIn:
            click.echo("The token was good no more.", err=True)
    keeping.forget()
    words = "Signed out; the token stays good." if keep_token else "Signed out; the token is ended."
    return {"portal": found.portal, "revoked": not keep_token}, [words]


@click.command()
@as_json
def whoami() -> Told:
    """Say who you are here, and until when."""
    found = keeping.get()
    portal = Portal(found.portal, found.token)
    token = portal.call("GET", "/tokens/self")
    try:
        person = portal.call("GET", "/users/self")
    except Refused:  # a token with scopes that do not let it read that
        person = {"id": token["user_id"]}
    told = [
        ("Portal", found.portal),
        ("Person", person.get("name")),
        ("Login", person.get("login_id")),
        ("Token", f"{token['purpose']} ({token['hint']})"),
        ("Scopes", ", ".join(token["scopes"])),
        ("Ends", ends(token)),
    ]
    return {"portal": found.portal, "person": person, "token": without_secret(token)}, facts(told)


def without_secret(token: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in token.items() if name != "visible_token"}
