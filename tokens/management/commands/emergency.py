"""`manage.py emergency status|pause|lift|report|revoke`: the emergency stop, for whoever stands at the machine."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.people import membership
from accounts.roles import Base, Standing
from policies.refusals import Refused
from policies.wording import sentence
from tokens import bulk, emergency, sweeping, tasks
from tokens.emergency import report
from tokens.emergency.shapes import pause_of, report_of
from tokens.management.stopping import NAMED, pause_named, person_named, said, target_named, why
from tokens.models import BulkAct, Pause
from tokens.reasons import Reason, ReasonCode
from tokens.sweeping import Sweep


class Command(BaseCommand):
    """Look, pause, lift, revoke. The operator may do all of it, in the trail without a name or in that of `--by`."""

    help = "Stop tokens at once: say what is paused, pause the tokens of many, lift a pause, report on it, revoke."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do, whose tokens, why and in whose name."""
        acts = parser.add_subparsers(dest="act", required=True)
        status = acts.add_parser("status", help="say what is paused, or with whose tokens, what a pause would cover")
        pause = acts.add_parser("pause", help="refuse these tokens from the next request on, until it is lifted")
        lift = acts.add_parser("lift", help="let the tokens of a pause work again")
        told = acts.add_parser("report", help="say what a pause stopped, what was used before and tried since")
        revoke = acts.add_parser("revoke", help="end these tokens for good")
        for act in (status, pause, revoke):
            act.add_argument("--everything", action="store_true", help="all tokens of the school")
            act.add_argument("--account", help="of everybody in it and below: its number, its SIS id, or root")
            act.add_argument("--role", choices=list(map(str, Base)), help="of those of this kind in the account")
            act.add_argument("--course", help="of everybody in it: its SIS id or its code")
        for act in (pause, revoke):
            act.add_argument("--reason-code", choices=ReasonCode.values, default="", help="what kind of reason")
            act.add_argument("--reason", default="", help="in your own words")
        pause.add_argument("--words", default="", help="a sentence to the owners")
        revoke.add_argument("--paused", type=int, metavar="NUMBER", help="whatever this pause stops")
        revoke.add_argument("--confidential", action="store_true", help="keep the reason from the owners")
        revoke.add_argument(
            "--yes-revoke", type=int, metavar="N", help="how many tokens that are, instead of typing it"
        )
        for act in (lift, told):
            act.add_argument("number", type=int, help="of the pause, as status says it")
        told.add_argument("--csv", action="store_true", help="each token, as a file for spreadsheets")
        for act in (status, pause, lift, told, revoke):
            act.add_argument("--json", action="store_true", help="answer as the API does")
        for act in (pause, lift, revoke):
            act.add_argument("--by", metavar="LOGIN", help="who does it; within their rights")

    def handle(self, *, act: str, **options: Any) -> None:
        """Do it. Raises CommandError."""
        acts: dict[str, Callable[..., None]] = {
            "status": self._status,
            "pause": self._pause,
            "lift": self._lift,
            "report": self._report,
            "revoke": self._revoke,
        }
        try:
            acts[act](now=timezone.now(), **options)
        except Refused as refused:
            raise CommandError(" ".join(map(sentence, refused.refusals))) from refused
        except PermissionDenied as denied:
            raise CommandError("That is beyond the rights of this person.") from denied

    def _status(self, *, now: datetime, json: bool, **options: Any) -> None:
        if any(options[name] for name in NAMED):
            covered = emergency.covered(target_named(options, None).stop, now=now)
            if json:
                return self._write(covered.facts())
            return self.stdout.write(
                f"{covered.tokens} tokens of {covered.people} people, {covered.used} used in the last 24 hours"
            )
        found = list(Pause.objects.in_force().select_related("account", "course", "made_by").order_by("pk"))
        if json:
            return self._write([pause_of(each) for each in found])
        for each in found:
            self.stdout.write(f"{each.pk}: {said(each)}, since {each.made_at:%Y-%m-%d %H:%M} UTC: {why(each)}")
        return self.stdout.write("" if found else "Nothing is paused.")

    def _pause(self, *, now: datetime, json: bool, by: str | None, **options: Any) -> None:
        actor = person_named(by)
        target = target_named(options, _standing(actor, now))
        given = {name: options[name] for name in ("reason", "reason_code", "words")}
        made = emergency.pause(target, **given, actor=actor, now=now)
        transaction.on_commit(tasks.start_reporting_pauses, robust=True)  # else beat starts it within seconds
        if json:
            return self._write(pause_of(made))
        figures = made.figures
        return self.stdout.write(
            f"Paused: {said(made)}: {figures['tokens']} tokens of {figures['people']} people, {figures['used']} of "
            f"them used in the last 24 hours. To lift it: manage.py emergency lift {made.pk}"
        )

    def _lift(self, *, now: datetime, json: bool, by: str | None, number: int, **_options: Any) -> None:
        lifted = emergency.lift(pause_named(number), actor=person_named(by), now=now)
        transaction.on_commit(tasks.start_reporting_pauses, robust=True)
        if json:
            return self._write(pause_of(lifted))
        return self.stdout.write(f"Lifted: {said(lifted)}. These tokens work again.")

    def _report(self, *, now: datetime, json: bool, csv: bool, number: int, **_options: Any) -> None:
        made = pause_named(number)
        lines = report.lines_of(made, None, now=now)
        if csv:
            report.note_export(made, lines, actor=None, now=now)
            for text in report.csv_of(lines, now=now):
                self.stdout.write(text, ending="")
            return None
        figures = report.figures_of(lines, made)
        if json:
            return self._write(report_of(made, figures))
        until = f"{made.lifted_at:%Y-%m-%d %H:%M} UTC" if made.lifted_at else "now"
        self.stdout.write(f"{said(made)}, from {made.made_at:%Y-%m-%d %H:%M} UTC until {until}: {why(made)}")
        self.stdout.write(f"{figures.tokens} tokens of {figures.people} people were stopped; {made.told} people told.")
        self.stdout.write(f"Used in the 24 hours before: {figures.used} tokens, {figures.requests} requests.")
        self.stdout.write(f"Tried while paused: {figures.tried} tokens, {figures.tries} requests refused.")
        return self.stdout.write(f"Revoked since: {figures.ended}.")

    def _revoke(self, *, now: datetime, json: bool, by: str | None, paused: int | None, **options: Any) -> None:
        actor = person_named(by)
        stopped = pause_named(paused) if paused else target_named(options, _standing(actor, now))
        if isinstance(stopped, Pause) and not emergency.may_lift(_standing(actor, now), stopped):
            raise PermissionDenied
        reason = Reason.given(options["reason"], options["reason_code"], is_confidential=options["confidential"])
        sweep = sweeping.sweep_of(stopped, now=now)
        counted = _count(sweep, actor, now)
        typed = options["yes_revoke"]
        if typed is None and counted and sys.stdin.isatty():
            self.stdout.write(f"{said(stopped)}: {counted} tokens are revoked for good.")
            typed = _number(f"To go on, type {counted}: ")
        act = sweeping.revoke(sweep, counted=counted, typed=typed, reason=reason, actor=actor, now=now)
        for reached in bulk.carry_out(act.pk, clock=timezone.now):
            self.stderr.write(f"{reached} more done")
        self._tell_of(act, is_json=json)

    def _tell_of(self, act: BulkAct, *, is_json: bool) -> None:
        act.refresh_from_db()
        if is_json:
            return self._write({"id": act.pk, "count": act.size, "done": act.done, "left": act.left})
        return self.stdout.write(f"Revoked: {act.done} tokens. Left as they are: {act.left}.")

    def _write(self, facts: object) -> None:
        self.stdout.write(json.dumps(facts, ensure_ascii=False, indent=2))


def _standing(actor: User | None, now: datetime) -> Standing | None:
    return None if actor is None else membership(actor, now=now).standing


def _count(sweep: Sweep, actor: User | None, now: datetime) -> int:
    """How many tokens whoever does it may revoke of these."""
    if actor is None:
        return sweep.tokens.count()
    return sweep.look(actor=actor, known=membership(actor, now=now), now=now).count


def _number(question: str) -> int | None:
    """What somebody types, if it is a number; nothing where they leave."""
    try:
        text = input(question).strip()
    except EOFError:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
