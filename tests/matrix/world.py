"""The little school of the matrix: one thing of each kind that an address can name, all of the Faculty of Arts."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone

from accounts import defining, enrolling, granting
from accounts.factors.events import Kind
from accounts.models import Account
from accounts.roles import Base
from policies import exemptions, planning, settings
from policies.planning import Plan
from tests.cast import School, enroll, person, role, token
from tests.mfa import device
from tests.mfa.phone import set_up
from tokens import bulk, classes, emergency, feeds, lifecycle, requests, reviews, scopes, verifiers, webhooks
from tokens.bulk import Wish
from tokens.emergency import target_of
from tokens.inventory import saved
from tokens.models import AccessToken, BulkKind, Flag, Notice
from tokens.scopes import MANAGE
from tokens.stops import Whom

NOBODYS = 987654321  # the number of nothing
# What a request has to say before it comes to whom it concerns.
PROGRAM = {"client_id": "tokenportal-cli"}
BODIES = {
    "/flags/rules/": {"rule": "networks"},
    "/webhooks/<int:webhook_id>/act/": {"act": "off"},
    "/oauth2/device_authorization": PROGRAM,
    "/oauth2/token": PROGRAM,
}
DAY = timedelta(days=1)


@dataclass
class World:
    """A school with people, the secrets of those who call, and what stands for each parameter of an address."""

    now: datetime = field(default_factory=timezone.now)
    things: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, dict[str, str]] = field(default_factory=lambda: dict(BODIES))

    def __post_init__(self) -> None:
        self.school = School()
        self._callers()
        self._accounts()
        self._tokens()
        self._acts()

    def value(self, address: str, parameter: str) -> str:
        """What stands for a parameter of an address."""
        found = self.things.get(f"{parameter} of {address}", self.things.get(parameter))
        if found is None:
            pytest.fail(f"Say in tests/matrix/world.py what stands for {parameter} in {address}", pytrace=False)
        return str(found)

    def _callers(self) -> None:
        """Bearer tokens: of the student, of the administrator with and without scopes, of somebody suspended."""
        school = self.school
        at: dict[str, Any] = {"now": self.now}
        scopes.define("loans:read", "See what I have borrowed", actor=school.admin, **at)
        gone = person("gone")
        enroll(gone, role(Base.STUDENT), course=school.history)
        self.secrets["dead"] = token(gone, **at).secret
        enrolling.set_active(gone, is_active=False, actor=school.admin, reason="Left", **at)
        self.secrets["holder"] = token(school.student, purpose="Calling", **at).secret
        held_by: dict[str, tuple[str, ...]] = {"plain": (), "limited": ("loans:read",), "manage": (MANAGE,)}
        for name, held in held_by.items():
            self.secrets[name] = lifecycle.issue(
                school.admin, purpose=name, expires_at=None, scopes=held, actor=school.admin, **at
            ).secret
        service = verifiers.register("Gradebook", owner=school.admin, actor=school.admin, **at)
        self.client = (service.verifier.lookup_id, service.secret)
        self.things["verifier_id"] = service.verifier.pk

    def _accounts(self) -> None:
        """The account and its course, settings that will change, a role of the school's own, a scope."""
        school = self.school
        at: dict[str, Any] = {"actor": self.school.admin, "now": self.now}
        self.things |= {"account_id": school.arts.pk, "course_id": school.history.pk, "user_id": school.student.pk}
        guest = defining.define("Guest student", Base.STUDENT, (), **at)
        granting.give(school.student, guest, school.arts, **at)
        self.things["role_id"] = guest.pk
        self.things["scope_id"] = scopes.define("rooms:book", "Book a study room", **at).pk

    def _tokens(self) -> None:
        """A token of the student's, with all that can hang on one."""
        school, now = self.school, self.now
        student = school.student
        one = token(student, now=now).token
        self.things |= {"token_id": one.pk}
        facts: dict[str, Any] = {"rule": "networks", "numbers": {"count": 4, "from": now.isoformat(), "networks": []}}
        self.things["flag_id"] = Flag.objects.create(token=one, first_at=now, last_at=now, told_at=now, **facts).pk
        review = reviews.open_review(school.arts, name="Autumn", days=21, actor=school.admin, now=now)
        self.things |= {"review_id": review.pk, "item_id": review.items.get(token=one).pk}
        self.things["address"] = feeds.make(student, now=now)

    def _acts(self) -> None:
        """What administrators of the faculty and teachers have begun."""
        school = self.school
        by: dict[str, Any] = {"actor": self.school.arts_admin, "now": self.now}
        settings.change(school.root, {"approval": "students"}, actor=school.admin, now=self.now)
        asked = requests.ask(
            school.student, purpose="Sensor data", why="For the lab", expires_at=self.now + 30 * DAY, now=self.now
        )
        settings.change(school.root, {"approval": "nobody"}, actor=school.admin, now=self.now)
        self.things |= {"request_id": asked.pk, "number": asked.pk}
        end = self.now + 60 * DAY
        issue = classes.make(school.history, purpose="Archive", expires_at=end, actor=school.teacher, now=self.now)
        self.things["issue_id"] = issue.pk
        exempted = exemptions.exempt(school.student, school.arts, reason="A thesis", ends_at=end, **by)
        self.things["exemption_id"] = exempted.pk
        view = saved.save(
            "Mine", {"use": "never"}, account=school.arts, is_shared=True, owner=school.student, now=self.now
        )
        self.things["view_id"] = view.pk
        set_up(school.student)
        device.set_up(school.student)
        self.things["factor_id"] = Authenticator.objects.get(user=school.student, type=Kind.PASSKEY).pk
        act = bulk.make(
            Wish(BulkKind.SUSPEND, account=school.arts), AccessToken.objects.filter(user=school.student), **by
        )
        self.things |= {"act_id": act.pk, "kind": BulkKind.SUSPEND}
        empty = Account.objects.create_under(school.arts, name="Empty house")
        paused = emergency.pause(
            target_of(None, Whom.ACCOUNT, account=empty), reason="Something is wrong", reason_code="leaked", **by
        )
        self.things["pause_id"] = paused.pk
        told = webhooks.Wish("https://93.184.216.34/", events=("token.revoke",))
        webhook = webhooks.add(school.arts, told, **by).webhook
        self.things |= {"webhook_id": webhook.pk, "message_id": webhooks.send_test(webhook, **by).message_id}
        self.things["notice_id"] = Notice.objects.filter(person=school.student).order_by("pk")[0].pk
        plan = Plan(school.arts, {"student_cap_days": 20})
        quoted = planning.show(plan, **by).quote
        planned = planning.save(plan, quoted=quoted, **by).planned
        assert planned
        self.things["number of /accounts/<int:account_id>/settings/changes/<int:number>/undo/"] = planned.pk
