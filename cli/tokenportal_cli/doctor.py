"""`doctor`: why does this token not work? From its shape, over the clock, to what the portal says of it."""

import os
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import click

from tokenportal_cli import keeping
from tokenportal_cli.portal import Portal, body_of, clean_address
from tokenportal_cli.problems import ENDS_SOON, FAILED, NOT_SIGNED_IN, Misused, NotSignedIn, Problem
from tokenportal_cli.reading import token_in
from tokenportal_cli.shape import has_right_checksum, masked, require_no_secret
from tokenportal_cli.signing import Told
from tokenportal_cli.telling import SOON_DAYS, as_json, ends, is_ending

MOST_SECONDS_APART = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, whether it is well, and what there is to say."""

    check: str
    ok: bool
    words: str


@click.command()
@click.argument("file", required=False)
@click.option("--portal", help="Where the token belongs; where you are signed in, if nothing is said.")
@click.option("--days", default=SOON_DAYS, show_default=True, type=click.IntRange(0), help="Exit 2 if it ends so soon.")
@as_json
def doctor(*, file: str | None, portal: str | None, days: int) -> Told:
    """Examine a token: in FILE, from stdin (FILE is “-”), in TOKENPORTAL_TOKEN, or the one you are signed in with.

    Exits with 0 if all is well, 1 if something is not, 2 if it ends within 14 days, 3 if the portal does not take it.
    """
    token, address = _token(file), clean_address(portal or os.environ.get(keeping.PORTAL) or _kept_portal())
    findings, known, code = _examine(Portal(address, token), token, days)
    click.get_current_context().obj["code"] = code
    marks = [f"{'ok ' if each.ok else 'BAD'}  {each.check}: {each.words}" for each in findings]
    facts = {"portal": address, "token": masked(token), "findings": [asdict(each) for each in findings]}
    return {**facts, "state": known.get("state"), "expires_at": known.get("expires_at")}, marks


def _token(file: str | None) -> str:
    if file is None:
        return os.environ.get(keeping.TOKEN, "").strip() or keeping.get().token
    text = token_in(require_no_secret(file))
    if not text:
        raise Misused("There is no token in it.")
    return text


def _kept_portal() -> str:
    found = keeping.find()
    if found is None:
        raise NotSignedIn("Say where the token belongs: --portal https://…")
    return found.portal


def _examine(portal: Portal, token: str, days: int) -> tuple[list[Finding], dict[str, Any], int]:
    """All findings, what the portal says of the token, and the exit code. What is no token is not sent anywhere."""
    findings = _shape(portal, token)
    findings.append(_clock(portal))
    if not all(each.ok for each in findings[:2]):
        return findings, {}, FAILED
    try:
        known = portal.call("GET", "/tokens/self")
    except NotSignedIn as refused:
        words = str(refused).removesuffix(" Sign in anew: tokenportal login")
        return [*findings, Finding("portal", False, words)], {}, NOT_SIGNED_IN
    findings.append(Finding("portal", True, f"it knows “{known['purpose']}”, state {known['state']}"))
    if portal.is_superseded:
        findings.append(Finding("secret", False, f"there is a newer one; this one stops: {portal.stops()}"))
    is_soon = is_ending(known, days, portal.said_at or datetime.now(UTC))
    findings.append(Finding("end", not is_soon, ends(known, portal.said_at)))
    is_well = all(each.ok for each in findings[:-1])
    return findings, known, FAILED if not is_well else ENDS_SOON if is_soon else 0


def _shape(portal: Portal, token: str) -> list[Finding]:
    """By what the portal says that its tokens look like."""
    answer = Portal(portal.address).ask("GET", "/.well-known/token-format.json")
    known = (body_of(answer) or {}).get("access_token")
    if not isinstance(known, dict):
        raise Problem(f"What answers at {portal.address} is no TokenPortal.")
    prefix, length = str(known["prefix"]), int(known["length"])
    if not token.startswith(prefix):
        shape = Finding("shape", False, f"it does not begin with {prefix}; tokens of another system are not examined")
    elif len(token) != length:
        shape = Finding("shape", False, f"it has {len(token)} characters, not {length}: a part is missing or too much")
    elif not re.search(known["regex"], token):
        shape = Finding("shape", False, "there are characters in it that no token has")
    else:
        shape = Finding("shape", True, f"{length} characters, {masked(token)}")
    if not shape.ok:
        return [shape, Finding("checksum", False, "not looked at")]
    right = has_right_checksum(token)
    return [shape, Finding("checksum", right, "right" if right else "wrong: a character is mistyped or missing")]


def _clock(portal: Portal) -> Finding:
    probe = Portal(portal.address)
    probe.ask("GET", "/.well-known/token-format.json")
    if probe.said_at is None:
        return Finding("clock", True, "the portal does not say what time it is")
    apart = round((datetime.now(UTC) - probe.said_at).total_seconds())
    words = (
        "as the portal's" if abs(apart) <= 2 else f"{abs(apart)} s {'ahead of' if apart > 0 else 'behind'} the portal's"
    )
    return Finding("clock", abs(apart) <= MOST_SECONDS_APART, words)
