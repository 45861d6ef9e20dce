"""`manage.py policy show|plan|apply|undo`: an account's settings, looked at and changed as in the browser."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings as portal
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Account
from policies import planning, settings, settings_form
from policies.api.policy_shapes import policy_of, preview_of, saved_of
from policies.ending import Existing
from policies.expiry import parse_expiry
from policies.hits import first_hits
from policies.inheritance import origins
from policies.models import Stage
from policies.planning import GRACE_DAYS, SPREAD_DAYS, Plan, Shown
from policies.reading import read
from policies.refusals import ASK_TO_LOOK, Code, Refused, refuse
from policies.saying import name_of, said, said_rule
from policies.telling import day, told, told_after
from policies.underway import open_changes
from policies.wording import sentence

INHERIT, NONE = "inherit", "none"
NOTHING: dict[str, Any] = {**settings_form.NOTHING, "locked": []}  # what "none" means, where a setting can be it
MOST_LISTED = 20  # tokens


class Command(BaseCommand):
    """Show, foretell, change, take back. The operator may do all of it, in the trail without a name."""

    help = "Look at the settings of an account, see what a change would do, make it, or undo one that waits."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do, in which account, and the settings that shall differ."""
        acts = parser.add_subparsers(dest="act", required=True)
        show = acts.add_parser("show", help="say what holds, and whose word that is")
        plan = acts.add_parser("plan", help="say what a change would do; nothing is saved")
        apply = acts.add_parser("apply", help="make a change as it was shown")
        undo = acts.add_parser("undo", help="take back the change that waits for its date")
        for act in (plan, apply):
            act.add_argument(
                "values",
                nargs="+",
                metavar="SETTING=VALUE",
                help=f"VALUE may be {INHERIT}, or {NONE}; several have commas in between",
            )
            act.add_argument(
                "--existing", default=str(Existing.KEEP), choices=list(map(str, Existing)), help="tokens of who loses"
            )
            act.add_argument("--existing-end", metavar="DATE", help="when those end, with --existing end_on")
            act.add_argument("--grace", type=int, default=GRACE_DAYS, metavar="DAYS", help="until tokens are touched")
            act.add_argument("--spread", type=int, default=SPREAD_DAYS, metavar="DAYS", help="over which many end")
        apply.add_argument("--quote", help="of the preview that was looked at; without it, you are shown and asked")
        apply.add_argument("--typed", type=int, metavar="N", help="with --grace 0: how many tokens that touches")
        for act in (show, plan, apply, undo):
            act.add_argument("--account", default="root", help="its number, its SIS id, or root")
            act.add_argument("--json", action="store_true", help="answer as the API does")

    def handle(self, *, act: str, account: str, **options: Any) -> None:
        """Do it. Raises CommandError, with exit code 3 where a preview has to be looked at first."""
        acts: dict[str, Callable[..., None]] = {
            "show": self._show,
            "plan": self._plan,
            "apply": self._apply,
            "undo": self._undo,
        }
        try:
            acts[act](find(account), now=timezone.now(), **options)
        except Refused as refused:
            words = " ".join(map(sentence, refused.refusals))
            raise CommandError(words, returncode=3 if refused.code in ASK_TO_LOOK else 1) from refused

    def _show(self, account: Account, *, json: bool, **_options: Any) -> None:
        if json:
            return self._write(policy_of(account))
        for name, origin in origins(account).items():
            source = account if origin.own is not None and not origin.is_overruled else origin.source
            lock = f", locked by {origin.locked_by}" if origin.locked_by else ""
            value = said_rule(name, origin.value)
            self.stdout.write(f"{name} = {value}  ({source or 'the default'}{lock})")
        return self._show_changes(account)

    def _show_changes(self, account: Account) -> None:
        """Write what is on its way, also from above."""
        for change in open_changes(account):
            where = "" if change.account_id == account.pk else f" in {change.account}"
            values = ", ".join(f"{name} = {said(name, value)}" for name, value in change.values.items())
            if change.stage == Stage.WAITING:
                self.stdout.write(f"From {day(change.takes_effect_at)}{where}: {values}")
            else:
                reached = change.shortened + change.revoked
                self.stdout.write(f"Being carried out{where}: {values} (tokens reached: {reached})")

    def _plan(self, account: Account, *, now: datetime, json: bool, **options: Any) -> None:
        plan = plan_of(account, options)
        shown = planning.show(plan, actor=None, now=now)
        if json:
            return self._write(preview_of(plan, shown))
        self._tell(plan, shown)
        self.stdout.write(f"Quote: {shown.quote}")
        return None

    def _apply(self, account: Account, *, now: datetime, json: bool, **options: Any) -> None:
        plan = plan_of(account, options)
        quoted, typed = options["quote"], options["typed"]
        if quoted is None and sys.stdin.isatty():
            quoted, typed = self._ask(plan, now)
        try:
            saved = planning.save(plan, quoted=quoted, typed=typed, actor=None, now=now)
        except Refused as refused:
            if refused.code in ASK_TO_LOOK:
                self._tell(plan, planning.show(plan, actor=None, now=now), again=True)
            raise
        if json:
            return self._write(saved_of(account, saved))
        return self.stdout.write(" ".join(told_after(saved)))

    def _ask(self, plan: Plan, now: datetime) -> tuple[str, int | None]:
        """Show what it would do, and let somebody want it: the quote, and the number that they typed."""
        shown = planning.show(plan, actor=None, now=now)
        self._tell(plan, shown)
        hit = shown.preview.tokens.hit
        if hit and not plan.grace_days:
            text = answer_to(f"It cannot be undone. Type the number of tokens that it touches ({hit}) to go on: ")
            return shown.quote, int(text) if text.isascii() and text.isdigit() else None
        if shown.preview.has_effect and answer_to("Save it? [y/N] ").lower() not in ("y", "yes"):
            raise CommandError("Nothing was changed.")
        return shown.quote, None

    def _undo(self, account: Account, *, now: datetime, json: bool, **_options: Any) -> None:
        waiting = planning.open_change(account)
        if waiting is None:
            raise refuse(Code.CHANGE_NOT_WAITING)
        planning.undo(waiting.pk, actor=None, now=now)
        if json:
            return self._write(policy_of(account))
        return self.stdout.write("Undone: everything stays as it is, and nothing has happened to any token.")

    def _tell(self, plan: Plan, shown: Shown, *, again: bool = False) -> None:
        """Write what a change would do; where that has to be looked at again, beside the refusal."""
        write = self.stderr.write if again else self.stdout.write
        for name, before in settings.differing(plan.account, plan.stored).items():
            write(f"{name_of(name)}: {said(name, before)} → {said(name, plan.stored[name])}")
        for each in told(shown.preview, plan):
            write(f"  {each.whole}")
        for hit in first_hits(shown.preview, plan.account, most=MOST_LISTED):
            new_end = day(hit.new_end) if hit.new_end else "revoked"
            write(f"    {hit.token.owner}: {hit.token.purpose} → {new_end}")
        if again:
            write(f"Quote: {shown.quote}")

    def _write(self, facts: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(facts, ensure_ascii=False, indent=2))


def answer_to(question: str) -> str:
    """What somebody types; nothing where they leave."""
    try:
        return input(question).strip()
    except EOFError:
        return ""


def find(reference: str) -> Account:
    """The account that somebody names. Raises CommandError."""
    if reference == "root":
        return Account.objects.root()
    by_number = Account.objects.filter(pk=int(reference)) if reference.isascii() and reference.isdigit() else None
    account = (by_number or Account.objects.filter(sis_account_id=reference)).first()
    if account is None:
        raise CommandError(f"There is no account {reference}.")
    return account


def plan_of(account: Account, options: dict[str, Any]) -> Plan:
    """What the command line asks for. Raises CommandError or Refused."""
    values = {}
    for each in options["values"]:
        name, equals, text = each.partition("=")
        if not equals:
            raise CommandError(f"Write it as {name}=VALUE.")
        values[name] = (
            NOTHING[name] if text == NONE and name in NOTHING else read(name, "" if text == INHERIT else text)
        )
    end = options["existing_end"]
    return Plan(
        account,
        values,
        Existing(options["existing"]),
        parse_expiry(end, ZoneInfo(portal.TIME_ZONE)) if end else None,
        grace_days=options["grace"],
        spread_days=options["spread"],
    )
