"""`python -m tests.browser.scenery`: everything that a screen may have to show, into the database at hand; as JSON.

These people and tokens are the screens' own, so that no journey changes what is looked at.
"""

import json
from datetime import datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import quote

import django

django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402  # only now
from django.contrib.auth.hashers import make_password  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.contrib.sessions.models import Session  # noqa: E402
from django.db import transaction  # noqa: E402
from django.template.loader import render_to_string  # noqa: E402
from django.test import RequestFactory  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts import defining, enrolling, granting, rosters  # noqa: E402
from accounts.models import Account, Course, Role, User  # noqa: E402
from accounts.origins import Origin  # noqa: E402
from accounts.recent import note_proof  # noqa: E402
from accounts.roles import Base  # noqa: E402
from accounts.rosters import Outcome, Source  # noqa: E402
from accounts.views.entering import BACKEND  # noqa: E402
from accounts.views.sign_in import SignInForm  # noqa: E402
from policies import exemptions, planning, settings  # noqa: E402
from policies.exemptions import exempt  # noqa: E402
from policies.planning import Plan  # noqa: E402
from tests.mfa import device  # noqa: E402
from tests.mfa.phone import set_up  # noqa: E402
from tokenportal import responses  # noqa: E402
from tokenportal.demo import PASSWORD  # noqa: E402
from tokenportal.demo.uses import Habit  # noqa: E402
from tokens import classes, devices, emergency, feeds, leaks, lifecycle, requests, reviews, scopes, usage, verifiers  # noqa: E402
from tokens.devices import codes  # noqa: E402
from tokens.emergency import target_of  # noqa: E402
from tokens.inventory import saved  # noqa: E402
from tokens.models import AccessToken, Delivery, DeliveryState, Flag, Pause, TokenRequest, Webhook  # noqa: E402
from tokens.models.leak import FoundBy  # noqa: E402
from tokens.reasons import Reason  # noqa: E402
from tokens.signals import answering  # noqa: E402
from tokens.stops import Whom  # noqa: E402
from tokens.usage import DayUse  # noqa: E402
from tokens.webhooks import Wish, add, send_test, switch_off  # noqa: E402

SEED = 7
LONG_AGO = "a-session-of-{}-begun-a-day-ago"  # the name of it
UNBROKEN = "Donaudampfschifffahrtsgesellschaftskapitän" * 6  # 252 letters without a place to break
MANY_COURSES = 9
PASSKEYS = tuple(f"passkey-{number}" for number in range(1, 5))  # who add some
MAY_READ = "url:GET|/api/v1/users/:id"


class Scenery:
    """Sets the stage; `names` is what screens call things by."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.names: dict[str, object] = {}
        self.admin = User.objects.get(login_id="admin")
        self.roles = {Base(role.base): role for role in Role.objects.filter(is_builtin=True)}
        self.courses = list(Course.objects.order_by("pk"))
        self._password = make_password(PASSWORD)

    def set_up(self) -> dict[str, object]:
        self._services()
        self._doors()
        self._webhooks()
        self._rosters()
        evening = self._evening_school()
        self._tokens_of(self._person("ines", "Ines Carvalho", self.courses[0]))
        self._person("blank", "Otis Blank", self.courses[1])
        self._barred(evening)
        self._in_arabic()
        self._switched_off()
        self._many_roles()
        self._exemptions()
        self._waiting_change()
        self._settings_to_change()
        self._requests(evening)
        self._own_roles()
        self._leaks()
        self._review()
        self._classes()
        self._saved_views()
        self._pauses()
        self._devices()
        self._second_steps()
        self._letter()
        self._failures()
        return self.names

    def _devices(self) -> None:
        """A program that waits for an answer, until tomorrow: the screens take longer than its ten minutes."""
        wish = devices.Wish(host=UNBROKEN, scopes=("tokens:manage", MAY_READ), days=400)
        begun = devices.begin(wish, came_from=Origin(address="2001:db8:85a3:1319:8a2e:370:7348:0"), now=self._ago(-1))
        self.names["code"] = codes.written(begun.row.user_code)

    def _letter(self) -> None:
        """A mail with words that have no place to break."""
        token = self._token("told", self._person("told", "Tilda Told", self.courses[0]), UNBROKEN, 3, 30)
        lifecycle.revoke(token, actor=self.admin, now=self._ago(1), reason=Reason(UNBROKEN))

    def _second_steps(self) -> None:
        """Somebody with an app, and somebody who is about to set one up."""
        set_up(self._person("otto", "Otto Zweig", self.courses[0]))
        kim = self._person("kim", "Kim Ferreira", self.courses[0])
        codes = [code for name in ("Laptop", UNBROKEN[:64]) for code in device.set_up(kim, name).codes]
        self.names["code-of-kim"] = codes[0]
        for person in (kim, self._person("lea", "Lea Okonkwo", self.courses[0])):
            self._session_of_yesterday(person)
        for login in (*("vera", "step-by-script", "step-without", "step-codes", "late"), *PASSKEYS):
            self._person(login, f"Vera Lindqvist ({login})", self.courses[0])

    def _session_of_yesterday(self, person: User) -> None:
        """Let somebody have signed in a day ago."""
        session, proof = SessionStore(), person.get_session_auth_hash()
        session.update({SESSION_KEY: str(person.pk), BACKEND_SESSION_KEY: BACKEND, HASH_SESSION_KEY: proof})
        note_proof(session, now=self._ago(1))
        session.create()  # under a name of its own: one that is asked for is not given
        name = LONG_AGO.format(person.login_id)
        Session.objects.filter(session_key=session.session_key).update(session_key=name)

    def _person(self, login: str, name: str, where: Course, base: Base = Base.STUDENT, locale: str = "") -> User:
        person = User(login_id=login, name=name, sortable_name=name, password=self._password, locale=locale)
        person.email, person.time_zone, person.sis_user_id = f"{login}@alder.example", "America/Chicago", f"S-{login}"
        enrolling.admit(person, actor=None, now=self._ago(100))
        enrolling.enroll(person, self.roles[base], where, actor=None, now=self._ago(100))
        self.names[login] = person.pk
        return person

    def _ago(self, days: float) -> datetime:
        return self.now - timedelta(days=days)

    def _token(self, name: str, owner: User, purpose: str, ago: float, days: float, **more: object) -> AccessToken:
        """Make a token some days ago, for so many days."""
        then = self._ago(ago)
        facts = {"actor": owner, "expires_at": then + timedelta(days=days), "now": then, **more}
        token = lifecycle.issue(owner, purpose=purpose, **facts).token  # type: ignore[arg-type]  # `more` are its own
        self.names[name] = token.pk
        return token

    def _tokens_of(self, ines: User) -> None:
        """One token in every state."""
        used = self._token("used", ines, "CS 340 coursework: grade dashboard", 40, 120)
        soon = self._token("soon", ines, "Sync my due dates to Obsidian", 52, 60)
        held = self._token("suspended", ines, "STAT 221 lab notebook (Colab)", 30, 90)
        tried = self._token("tried", ines, "Discord bot for our lab group", 60, 90)
        mine = self._token("revoked", ines, "Postman, trying out the API", 20, 60)
        self._token("unused", ines, "Late-work checker", 3, 30)
        self._token("unbroken", ines, UNBROKEN, 2, 30)
        self._token("expired", ines, "Hackathon entry, spring edition", 80, 30)
        self._token("pending", ines, "Attendance import", 1, 30, actor=self.admin)
        self._token("limited", ines, "What I have borrowed", 5, 30, scopes=["loans:read"])
        lifecycle.suspend(
            held, actor=self.admin, now=self._ago(2), reason=Reason("Far too many calls; asked the owner")
        )
        lifecycle.revoke(tried, actor=self.admin, now=self._ago(9), reason=Reason("Found in a public repository"))
        lifecycle.revoke(mine, actor=ines, now=self._ago(1))
        rotated = self._token("rotated", ines, "Reading list for the bus", 20, 60)
        lifecycle.regenerate(rotated, overlap=timedelta(hours=72), actor=ines, now=self.now)
        lifecycle.expire_many(now=self.now, most=1000)
        self._use(used, soon, tried)
        self._flag(used, soon)

    def _flag(self, used: AccessToken, soon: AccessToken) -> None:
        """Unusual use: one that its owner was told of, one that is only watched, one that was dismissed."""
        networks = {"count": 4, "from": self._ago(0.2).isoformat(), "networks": ["192.0.2.0/24"]}
        facts = {"first_at": self._ago(0.1), "last_at": self.now}
        told = Flag.objects.create(token=used, rule="networks", numbers=networks, told_at=self.now, **facts)
        jump = {"count": 900, "usual": 12, "day": self.now.date().isoformat()}
        Flag.objects.create(token=soon, rule="jump", numbers=jump, **facts)
        known = Flag.objects.create(token=soon, rule="networks", numbers=networks, **facts)
        answering.explain(known, "A lab with two networks", actor=soon.user, now=self.now)
        answering.dismiss(known, actor=self.admin, now=self.now, reason="The lab has two networks")
        self.names["flag"] = told.pk

    def _use(self, *tokens: AccessToken) -> None:
        """Let tokens be used for a month; one that is dead is still tried."""
        habit = Habit(Random(SEED))  # noqa: S311  # a story, not a secret
        days: dict[tuple[int, str], DayUse] = {}
        for token in tokens:
            for ago in range(30):
                then = self._ago(ago)
                dead = token.revoked_at is not None and token.revoked_at < then
                days[token.pk, then.date().isoformat()] = habit.refused_day(then) if dead else habit.day(then)
        usage.write(days, now=self.now)

    def _evening_school(self) -> Course:
        account = Account.objects.create_under(Account.objects.root(), name="Evening School")
        self.names["evening"] = account.pk
        return Course.objects.create(code="WRIT 100", name="Writing after work", account=account)

    def _saved_views(self) -> None:
        """One that is shared, and one with the longest name."""
        root, facts = Account.objects.root(), {"owner": self.admin, "now": self.now}
        saved.save("Students without use", {"use": "never"}, account=root, is_shared=True, **facts)  # type: ignore[arg-type]
        saved.save(UNBROKEN[:60], {"sort": "-used"}, account=root, is_shared=False, **facts)  # type: ignore[arg-type]

    def _review(self) -> None:
        """One that goes on in a school of its own, of which one token was spoken of."""
        account = Account.objects.create_under(Account.objects.root(), name="Summer School")
        course = Course.objects.create(code="LANG 110", name="Portuguese for travellers", account=account)
        asked = self._person("asked", "Vera Lind", course)
        kept = self._token("kept", asked, "Vocabulary trainer", 5, 30)
        self._token("silent", asked, UNBROKEN, 5, 30)
        review = reviews.open_review(account, name="Summer term", days=21, actor=self.admin, now=self.now)
        item = review.items.get(token=kept)
        reviews.answer(asked, {item.pk: reviews.Said(needed=True)}, now=self.now)
        self.names["review"] = review.pk
        for name in ("Dawn School", "Night School"):  # a journey each, whose end suspends whatever is there
            own = Account.objects.create_under(Account.objects.root(), name=name)
            there = Course.objects.create(code=name.upper(), name="Astronomy", account=own)
            self._person(name.partition(" ")[0].lower(), f"Owner at {name}", there)

    def _classes(self) -> None:
        """Tokens for a class: one picked up, one not, one student who gets none."""
        account = Account.objects.create_under(Account.objects.root(), name="Field School")
        course = Course.objects.create(code="GEO 210", name="Maps and how to make them", account=account)
        guide = self._person("guide", "Alma Guide", course, Base.TEACHER)
        picker, keeper = self._person("picker", "Ivo Picker", course), self._person("keeper", "Kim Keeper", course)
        self._person("waiter", "Ida Waiter", course)
        enrolling.enroll(keeper, self.roles[Base.ADMIN], account, actor=None, now=self._ago(100))
        facts = {"expires_at": self.now + timedelta(days=60), "actor": guide, "now": self._ago(2)}
        issue = classes.make(course, purpose="GEO 210 map server", **facts)  # type: ignore[arg-type]  # by name
        self.names |= {"class": issue.pk, "course": course.pk}
        picked = AccessToken.objects.get(user=picker)
        lifecycle.activate(picked, actor=picker, now=self._ago(1))
        feeds.make(picker, now=self.now)
        workshop = Account.objects.create_under(Account.objects.root(), name="Workshop")  # for the journey
        bench = Course.objects.create(code="WOOD 1", name="Turning and carving", account=workshop)
        self._person("carver", "Cleo Carver", bench, Base.TEACHER)
        self._person("turner", "Tom Turner", bench)
        self.names["to-pick-up"] = AccessToken.objects.get(user__login_id="waiter").pk

    def _barred(self, evening: Course) -> None:
        """Two who may make no token: one has some from before, one has none."""
        barred = self._person("barred", "Ruth Barr", evening)
        self._token("before", barred, "Made before the rule", 5, 30)
        self._person("barred-blank", "Ole Barr", evening)
        settings.change(evening.account, {"audience": "no_students"}, actor=self.admin, now=self.now)

    def _requests(self, evening: Course) -> None:
        """Where somebody has to approve tokens: requests that wait, one that was approved, one that was refused."""
        account = Account.objects.create_under(evening.account, name="Night lab")
        lab = Course.objects.create(code="LAB 7", name="Nights in the lab", account=account)
        settings.change(account, {"audience": "everyone", "approval": "students"}, actor=self.admin, now=self.now)
        asker = self._person("asker", "Nora Asker", lab)
        for number, (purpose, days) in enumerate([("Sensor data", 30), ("All of next year", 200), (UNBROKEN, 7)]):
            self.names[f"request-{number}"] = self._ask(asker, purpose, days).pk
        given = self._ask(asker, "Approved and not used yet", 30)
        requests.approve(given, actor=self.admin, now=self.now, no_later_than=self.now + timedelta(days=9))
        refused = self._ask(asker, "Everything of everybody", 60)
        requests.turn_down(refused, actor=self.admin, now=self.now, reason="Too broad; name the course that you mean")
        self._person("asker-blank", "Olga Asker", lab)

    def _ask(self, asker: User, purpose: str, days: int) -> TokenRequest:
        end = self.now + timedelta(days=days)
        return requests.ask(asker, purpose=purpose, why="For the lab of next week", expires_at=end, now=self.now)

    def _in_arabic(self) -> None:
        layla = self._person("layla", "ليلى حداد", self.courses[3], locale="ar")
        dead = self._token("arabic-dead", layla, "Discord bot for our lab group", 30, 90)
        used = self._token("arabic", layla, "CS 340 coursework: grade dashboard", 40, 120)
        lifecycle.revoke(dead, actor=self.admin, now=self._ago(3), reason=Reason("Found in a public repository"))
        self._use(used)
        amal = self._person("amal", "أمل خوري", self.courses[3], Base.TEACHER, locale="ar")
        enrolling.enroll(amal, self.roles[Base.ADMIN], Account.objects.root(), actor=None, now=self._ago(100))

    def _switched_off(self) -> None:
        gone = self._person("gone", "Petra Gone", self.courses[2])
        self._token("left", gone, "Left behind", 9, 90)
        enrolling.set_active(gone, is_active=False, actor=self.admin, now=self.now, reason="Left the school")

    def _many_roles(self) -> None:
        person = self._person("many-roles", "Wilhelmina Featherstonehaugh-Cholmondeley", self.courses[0], Base.TA)
        for number, course in enumerate(self.courses[1:MANY_COURSES]):
            role = self.roles[(Base.STUDENT, Base.TEACHER, Base.DESIGNER, Base.OBSERVER)[number % 4]]
            held = enrolling.enroll(person, role, course, actor=None, now=self._ago(90))
            if number % 3 == 2:
                enrolling.end(held, actor=self.admin, now=self._ago(10))
        self._token("of-many", person, "Gradebook export", 12, 365)

    def _services(self) -> None:
        gradebook = verifiers.register("Gradebook", owner=self.admin, actor=self.admin, now=self._ago(30))
        library = verifiers.register("Library kiosk", owner=None, actor=self.admin, now=self._ago(20))
        verifiers.revoke(library.verifier, actor=self.admin, now=self._ago(3))
        loans = scopes.define("loans:read", "See what I have borrowed", actor=self.admin, now=self._ago(30))
        rooms = scopes.define("rooms:book", "Book a study room", actor=self.admin, now=self._ago(30))
        scopes.retire(rooms, actor=self.admin, now=self._ago(4))
        self.names |= {"verifier": gradebook.verifier.pk, "scope": loans.pk}

    def _rosters(self) -> None:
        """Runs of every kind: one that goes on, that failed, that changed nothing, and that left some out."""
        least = {"created": 0, "updated": 0, "ended": 0, "unchanged": 12, "bad": 0}
        much = {"created": 10_204, "updated": 31, "ended": 7, "unchanged": 0, "bad": 3}
        problems = [["enrollments: role “Lab helper” is not known", 2], [f"users: login_id “{UNBROKEN}” is taken", 1]]
        left_out = {"no_sis_id": 14, "roles_no_sis_id": 1}
        facts = {"gone": 1204, "known": 9871, "percent": "10"}
        runs: tuple[tuple[int, Source, dict[str, Any]], ...] = (
            (16, Source.FILES, {"counts": {"users": much}, "problems": problems}),
            (12, Source.CANVAS, {"counts": {"users": much}, "problems": problems, "left_out": left_out}),
            (8, Source.CANVAS, {"counts": {"users": least}}),
            (4, Source.CANVAS, {"outcome": Outcome.FAILED, "code": "people_gone", "facts": facts}),
            (0, Source.CANVAS, {}),
        )
        for hours, source, values in runs:
            run = rosters.begin(source, now=self.now - timedelta(hours=hours))
            if values:
                ended = self.now - timedelta(hours=hours) + timedelta(minutes=7)
                rosters.end(run, **{"outcome": Outcome.DONE, "now": ended, **values})

    def _webhooks(self) -> None:
        """One with messages of every sort, long words among them, and one that is off. Nothing is due to be sent."""
        root, who, then = Account.objects.root(), self.admin, self._ago(2)
        place, happens_not = f"https://93.184.216.34/{quote(UNBROKEN)[:200]}", ("token.import",)
        told = add(root, Wish(place, "Our chat", happens_not), actor=who, now=then).webhook
        off = add(root, Wish("https://93.184.216.34/off", "", happens_not), actor=who, now=then).webhook
        for state in DeliveryState:
            sent = send_test(told, actor=who, now=then)
            due = self._ago(-1) if state == DeliveryState.WAITING else None
            came = {"status": 500, "took_ms": 1234, "attempts": 3, "answer": UNBROKEN}
            Delivery.objects.filter(pk=sent.pk).update(state=state, due_at=due, **came)
        Webhook.objects.filter(pk=told.pk).update(failing_since=self._ago(1))
        switch_off(off, actor=who, now=then)
        self.names |= {"webhook": told.pk, "webhook-off": off.pk}

    def _exemptions(self) -> None:
        """One of a person that ends soon, one of a role, one that was ended early."""
        thesis = self._person("thesis", "Mara Thesis", self.courses[4])
        root, facts = Account.objects.root(), {"actor": self.admin}
        soon = exempt(
            thesis,
            root,
            reason="Her thesis runs until May",
            ends_at=self.now + timedelta(days=9),
            now=self._ago(40),
            **facts,
        )
        exempt(
            self.roles[Base.DESIGNER],
            self.courses[0].account,
            reason="Moving the courses to the new system",
            ends_at=self.now + timedelta(days=100),
            now=self._ago(3),
            **facts,
        )
        gone = exempt(
            thesis, root, reason="A long lab", ends_at=self.now + timedelta(days=60), now=self._ago(20), **facts
        )
        exemptions.end(gone, actor=self.admin, now=self._ago(2))
        self.names["exemption"] = soon.pk

    def _own_roles(self) -> None:
        desk = defining.define("Help desk", "admin", ("tokens.view", "users.view"), actor=self.admin, now=self._ago(9))
        gone = defining.define("Summer tutor", "ta", (), actor=self.admin, now=self._ago(9))
        held = self._person("desk", "Dora Desk", self.courses[2], Base.OBSERVER)
        for role in (desk, gone):
            granting.give(held, role, Account.objects.root(), actor=self.admin, now=self._ago(8))
        defining.retire(gone, actor=self.admin, now=self._ago(7))
        self.names |= {"role": desk.pk, "student-role": self.roles[Base.STUDENT].pk}

    def _waiting_change(self) -> None:
        """An account whose settings will change, and somebody there to whom that makes a difference."""
        account = Account.objects.create_under(Account.objects.root(), name="Summer School")
        course = Course.objects.create(code="SUM 1", name="A summer of data", account=account)
        ahead = self._person("ahead", "Iris Ahead", course)
        self._use(self._token("shortened", ahead, "Weather station on the roof", 3, 120))
        self._token("kept", ahead, "Reading list", 5, 25)
        self._token("shortened-too", ahead, "Lab inventory", 30, 110)
        plan = Plan(account, {"student_cap_days": 30})
        quoted = planning.show(plan, actor=self.admin, now=self.now).quote
        waiting = planning.save(plan, quoted=quoted, actor=self.admin, now=self.now).planned
        lab = Account.objects.create_under(account, name="Summer Lab")
        self.names |= {"summer": account.pk, "summer-lab": lab.pk, "waiting": waiting.pk if waiting else 0}

    def _settings_to_change(self) -> None:
        """An account of which nobody else sees the settings change, with tokens that a shorter limit would touch."""
        account = Account.objects.create_under(Account.objects.root(), name="Winter School")
        course = Course.objects.create(code="WIN 1", name="Snow and ice", account=account)
        for number, name in enumerate(("Ida Frost", "Ole Frost", "Una Frost")):
            frost = self._person(f"frost-{number}", name, course)
            self._use(self._token(f"ice-{number}", frost, f"Ice thickness, lake {number}", 1, 110 + number))
        self.names["winter"] = account.pk

    def _leaks(self) -> None:
        """A token whose secret was found at two places."""
        owner, then = self._person("leaky", "Lena Leaky", self.courses[0]), self._ago(20)
        ends = then + timedelta(days=60)
        made = lifecycle.issue(owner, purpose="Homework in a public place", expires_at=ends, actor=owner, now=then)
        commit = "12345600b9cbe38a219f39a9941c9319b600c002"
        url = f"https://github.com/leaky/homework/blob/{commit}/a/rather/long/path/to/notebook.ipynb"
        leaks.take([leaks.Report(made.secret, "commit", url)], found_by=FoundBy.SCANNER, now=self._ago(1))
        leaks.take([leaks.Report(made.secret, "", "our chat")], found_by=FoundBy.ANYBODY, now=self._ago(1))
        list(leaks.settle_in_batches(now=self._ago(1)))
        self.names["leaked"] = made.token.pk

    def _pauses(self) -> None:
        """An account whose tokens may be paused, and were."""
        account = Account.objects.create_under(Account.objects.root(), name="Harbour School")
        course = Course.objects.create(code="SEA 1", name="Tides and currents", account=account)
        tokens = []
        for number, name in enumerate(("Mia Anchor", "Noah Buoy", "Lea Current")):
            person = self._person(f"sea-{number}", name, course)
            tokens.append(self._token(f"sea-token-{number}", person, f"Tide gauge {number}", 3, 60))
        self._token("sea-unbroken", person, UNBROKEN, 3, 60)
        deep = Course.objects.create(code="SEA 2", name="Under water", account=account)
        for number, name in enumerate(("Ada Diver", "Ben Diver")):
            self._person(f"diver-{number}", name, deep)
        self._use(*tokens[:2])
        self.names |= {"harbour": account.pk, "lifted": self._lifted(account).pk}

    def _lifted(self, account: Account) -> Pause:
        """The report of a pause that is over."""
        whom = target_of(None, Whom.ROLE, account=account, base=Base.STUDENT)
        reason = "A list of tokens was found in a repository, and nobody knows yet which of them still work"
        made = emergency.pause(whom, reason_code="leaked", reason=reason, actor=self.admin, now=self._ago(1.5))
        for _told in emergency.tell_in_batches(made.pk, clock=lambda: self._ago(1.4)):
            pass
        emergency.lift(made, actor=None, now=self._ago(0.5))
        for _told in emergency.untell_in_batches(made.pk, clock=lambda: self.now):
            pass
        emergency.measure(made.pk, now=self.now)
        return made

    def _failures(self) -> None:
        """The pages about errors, as a portal at a school sends them; with DEBUG on, Django shows others."""
        for status in (400, 404, 500, 503):
            self.names[f"page-{status}"] = responses.page(RequestFactory().get("/"), status).content.decode()

    def _doors(self) -> None:
        """The door of a school that has a sign-in of its own, and who is turned away; this portal's has none."""
        said = {"name": "Example University", "support": "help@school.example", "request_id": "0123456789abcdef"}
        stranger: dict[str, object] = {**said, "why": "stranger", "said": UNBROKEN, "again": "/login/school/"}
        form = {"schools": {said["name"]: "/login/school/"}, "next": "/tokens/", "form": SignInForm()}
        pages: dict[int, tuple[str, dict[str, object]]] = {
            200: ("accounts/sign_in.html", form),
            202: ("accounts/sign_in.html", {**form, "form": None}),
            403: ("accounts/turned_away.html", stranger),
            424: ("accounts/turned_away.html", {**said, "why": "away"}),
        }
        for status, (template, context) in pages.items():
            self.names[f"page-{status}"] = render_to_string(template, context, RequestFactory().get("/login/"))


if __name__ == "__main__":
    with transaction.atomic():
        print(json.dumps(Scenery(timezone.now()).set_up()))  # noqa: T201
