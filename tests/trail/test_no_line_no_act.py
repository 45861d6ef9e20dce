"""An act whose line cannot be written does not happen: of every verb nothing is left, whatever it had begun."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from accounts import defining, enrolling
from accounts.audit import AuditEvent
from accounts.chain import standing
from accounts.models import Account, User
from accounts.preferences import prefer
from accounts.roles import Base
from accounts.sis.importing import import_roster
from policies import exemptions, settings
from tests.cast import NOW, School, endless_token, role, token
from tests.pages.visits import client_of
from tokens import lifecycle, scopes, verifiers
from tokens.lifecycle import Change
from tokens.models import AccessToken
from tokens.reasons import Reason

DAY = timedelta(days=1)
Act = Callable[[], object]
# What is kept beside what people and tokens are: sessions, and who tried to sign in.
_BESIDE = ("django_session", "accounts_browser", "axes_")
_NO_MORE_LINES = """
CREATE FUNCTION no_more_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the disk of the trail is full';
END $$;
CREATE TRIGGER no_more_lines BEFORE INSERT ON accounts_auditevent FOR EACH ROW EXECUTE FUNCTION no_more_lines();
"""


def everything() -> dict[str, str]:
    """What stands in every table, as a digest."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        tables = [table for (table,) in cursor.fetchall() if not table.startswith(_BESIDE)]
        found = {}
        for table in tables:
            cursor.execute(f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t")
            [(found[table],)] = cursor.fetchall()
    return found


def on(make: Callable[[School], AccessToken], act: Callable[[School, AccessToken], object]) -> Callable[[School], Act]:
    """An act on a token that was there before."""
    return lambda school: partial(act, school, make(school))


def active(school: School) -> AccessToken:
    return token(school.student).token


def pending(school: School) -> AccessToken:
    return token(school.student, actor=school.admin).token


def suspended(school: School) -> AccessToken:
    return lifecycle.suspend(active(school), actor=school.admin, now=NOW)


def scope(school: School) -> Act:
    defined = scopes.define("grades:read", "Read grades", actor=school.admin, now=NOW)
    return lambda: scopes.retire(defined, actor=school.admin, now=NOW)


def verifier(school: School) -> Act:
    made = verifiers.register("Gradebook", owner=school.teacher, actor=school.admin, now=NOW).verifier
    return lambda: verifiers.revoke(made, actor=school.admin, now=NOW)


def exemption(school: School) -> Act:
    made = exemptions.exempt(
        school.student, school.arts, reason="Thesis", ends_at=NOW + 90 * DAY, actor=school.admin, now=NOW
    )
    return lambda: exemptions.end(made, actor=school.admin, now=NOW + DAY)


def changed_role(school: School) -> Act:
    made = defining.define("Dean", Base.ADMIN, [], actor=school.admin, now=NOW)
    return lambda: defining.change(made, label="Deans", permissions=[], actor=school.admin, now=NOW)


def retired_role(school: School) -> Act:
    made = defining.define("Dean", Base.ADMIN, [], actor=school.admin, now=NOW)
    return lambda: defining.retire(made, actor=school.admin, now=NOW)


def capped(school: School) -> Act:
    endless_token(school.student)
    return lambda: lifecycle.clamp_many([school.student.pk], actor=None, now=NOW)


def roster(school: School) -> Act:
    del school
    path = Path(__file__).parent / "roster"
    return lambda: import_roster(path, actor=None, now=NOW, on_problem=lambda _p: None, advance=lambda _d, _t: None)


def exported(path: str) -> Callable[[School], Act]:
    def prepare(school: School) -> Act:
        client = client_of(school.admin)
        return alone(lambda: client.get(path))

    return prepare


def alone(act: Act) -> Act:
    """An act that writes its line and nothing else, in the transaction of a test: a place to come back to."""
    return transaction.atomic(act)


def held_role(school: School) -> Act:
    held = enrolling.enroll(school.outsider, role(Base.TA), school.physics, actor=school.admin, now=NOW)
    return lambda: enrolling.end(held, actor=school.admin, now=NOW)


ACTS: dict[str, Callable[[School], Act]] = {
    "token.issue": lambda s: lambda: token(s.student),
    "token.issue for another": lambda s: lambda: token(s.student, actor=s.admin),
    "token.update": on(active, lambda s, t: lifecycle.update(t, Change(purpose="New"), actor=s.student, now=NOW)),
    "token.regenerate": on(active, lambda s, t: lifecycle.regenerate(t, actor=s.admin, now=NOW)),
    "token.activate": on(pending, lambda s, t: lifecycle.activate(t, actor=s.student, now=NOW)),
    "token.suspend": on(active, lambda s, t: lifecycle.suspend(t, actor=s.admin, now=NOW)),
    "token.suspend many": on(
        active, lambda s, t: lifecycle.suspend_many([t.pk], actor=s.admin, now=NOW, reason=Reason("x"))
    ),
    "token.resume": on(suspended, lambda s, t: lifecycle.resume(t, actor=s.admin, now=NOW)),
    "token.resume many": on(
        suspended, lambda s, t: lifecycle.resume_many([t.pk], actor=s.admin, now=NOW, reason=Reason("x"))
    ),
    "token.revoke": on(active, lambda s, t: lifecycle.revoke(t, actor=s.admin, now=NOW, reason=Reason("leaked"))),
    "token.revoke all": on(active, lambda s, t: lifecycle.revoke_all(t.user, actor=s.admin, now=NOW)),
    "token.expire": on(active, lambda _s, _t: lifecycle.expire_many(now=NOW + 400 * DAY, most=10)),
    "token.clamp": capped,
    "scope.define": lambda s: lambda: scopes.define("grades:read", "Read", actor=s.admin, now=NOW),
    "scope.retire": scope,
    "verifier.register": lambda s: lambda: verifiers.register("Gradebook", owner=s.teacher, actor=s.admin, now=NOW),
    "verifier.revoke": verifier,
    "exemption.add": lambda s: (
        lambda: exemptions.exempt(s.student, s.arts, reason="Thesis", ends_at=NOW + 90 * DAY, actor=s.admin, now=NOW)
    ),
    "exemption.end": exemption,
    "policy.change": lambda s: lambda: settings.change(s.arts, {"student_cap_days": 60}, actor=s.admin, now=NOW),
    "role.add": lambda s: lambda: defining.define("Dean", Base.ADMIN, [], actor=s.admin, now=NOW),
    "role.change": changed_role,
    "role.retire": retired_role,
    "enrollment.add": lambda s: lambda: enrolling.enroll(s.outsider, role(Base.TA), s.physics, actor=s.admin, now=NOW),
    "enrollment.change": held_role,
    "person.add": lambda s: lambda: enrolling.admit(User(login_id="new", name="New"), actor=s.admin, now=NOW),
    "person.deactivate": lambda s: lambda: enrolling.set_active(s.student, False, actor=s.admin, now=NOW),
    "person.change by oneself": lambda s: lambda: prefer(s.student, locale="ar", now=NOW),
    "audit.verify": lambda _s: alone(lambda: standing.check([], now=NOW)),
    "token.export": exported("/inventory/export/"),
    "audit.export": exported("/audit/export/"),
    "roster.import": roster,
}


@pytest.mark.parametrize("verb", ACTS)
def test_every_act_leaves_a_line(school: School, verb: str) -> None:
    act = ACTS[verb](school)
    before = AuditEvent.objects.count()
    act()
    written = AuditEvent.objects.order_by("pk")[before:].values_list("action", flat=True)
    assert verb.split(" ", maxsplit=1)[0] in set(written)


@pytest.mark.parametrize("verb", ACTS)
def test_an_act_whose_line_cannot_be_written_does_not_happen(school: School, verb: str) -> None:
    act = ACTS[verb](school)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(_NO_MORE_LINES)
    before = everything()
    with pytest.raises(DatabaseError, match="the disk of the trail is full"):
        act()
    assert everything() == before
    assert Account.objects.root() == school.root
