"""`rotate`: a new secret for a token, by default beside the old one until everything has been given the new one."""

from pathlib import Path
from typing import Any

import click

from tokenportal_cli import keeping
from tokenportal_cli.keeping import SignIn
from tokenportal_cli.portal import Portal
from tokenportal_cli.problems import FAILED, Misused, Problem, Refused
from tokenportal_cli.signing import Told, without_secret
from tokenportal_cli.telling import as_json, local, moment
from tokenportal_cli.tokens import (
    LACKS_SCOPE,
    address_of,
    days_option,
    end_of,
    handed_over,
    into,
    lacking,
    part_of_address,
    signed_in,
    until_option,
    whose,
)

LONGEST_HOURS = 72


@click.command()
@click.argument("token", required=False)
@click.option(
    "--overlap",
    type=click.IntRange(0, LONGEST_HOURS),
    metavar="HOURS",
    help="How long the old secret works on, 0 to 72; 24 if you say nothing, 1 for students.",
)
@days_option
@until_option
@whose
@into
@as_json
def rotate(
    *, token: str | None, overlap: int | None, days: int | None, until: str | None, user: str, save: Path | None
) -> Told:
    """Give a token a new secret; without TOKEN, the one that you are signed in with.

    The old secret works on for a while, and the new end is as far away as it was the last time. A token of somebody
    else gets none that works beside its old one: that is dead at once, and the owner activates the new one.
    """
    found, portal = signed_in()
    if user != "self" and (overlap or token is None):
        raise Misused("Only the owner of a token lets its old secret work on, or is signed in with it.")
    wanted: dict[str, Any] = end_of(portal, days, until)
    if overlap is not None and user == "self":
        wanted["overlap_hours"] = overlap
    own = portal.call("GET", "/tokens/self")
    known = own if token is None else portal.call("GET", address_of(token, user))
    made = _rotated(found, portal, known, wanted, user=user, is_own=known["id"] == own["id"])
    said = _overlap_of(made)
    if made["id"] == own["id"] and found.is_kept and save is None:
        try:
            keeping.keep(SignIn(found.portal, made["visible_token"]))
        except Problem as problem:  # the portal has given this secret, and gives it to nobody again
            click.get_current_context().obj["code"] = FAILED
            click.echo(f"{problem} Sign in with the secret below: tokenportal login --with-token", err=True)
        else:
            return without_secret(made), ["You are signed in with it; the new secret is kept.", *said]
    told, lines = handed_over(made, made["visible_token"], save)
    for line in said:
        click.echo(line, err=True)
    return told, lines


def _rotated(
    found: SignIn, portal: Portal, known: dict[str, Any], wanted: dict[str, Any], *, user: str, is_own: bool
) -> dict[str, Any]:
    path = f"/users/{part_of_address(user)}/tokens/{known['id']}"
    try:
        if user != "self":
            made = portal.call("PUT", path, {"token": {**wanted, "regenerate": True}})
        else:
            made = portal.call("POST", "/tokens/self/rotate" if is_own else f"{path}/rotate", {"token": wanted})
    except Refused as refused:
        if refused.code != LACKS_SCOPE:
            raise
        where = f"{found.portal}/tokens/{known['id']}/regenerate/"
        raise Refused(refused.status, lacking(refused, f"the page {where}")) from refused
    return dict(made)


def _overlap_of(made: dict[str, Any]) -> list[str]:
    until = moment(made.get("overlap_until"))
    return [f"The old secret works until {local(until)}." if until else "The old secret is dead."]
