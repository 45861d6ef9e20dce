"""The audit log: who sees which lines, how they are found, and what is told of each."""

import ast
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import enrolling, telling
from accounts.audit import AuditEvent, actions_written, kind_of, record
from accounts.factors.events import FactorEvent
from accounts.models import User
from accounts.origins import acting_from
from accounts.reading import Asked, Trail
from accounts.roles import Base, Permission
from policies import settings
from policies.models import FIELDS
from tests.cast import School, enroll, person, role
from tests.pages.crowds import crowd, lines
from tests.pages.visits import client_of, text_of, token_of
from tokens import lifecycle, scopes, verifiers
from tokens.events import DeviceEvent, Event, FlagEvent, RequestEvent, ReviewEvent, WebhookEvent
from tokens.lifecycle import Change
from tokens.models import AccessToken
from tokens.reasons import Reason

ROOT = Path(__file__).resolve().parent.parent.parent


def events_in(text: str) -> list[str]:
    """The lines of the list, each as words."""
    parts = re.findall(r'<li class="event">(.*?)</li>', text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", part).split()) for part in parts]


def lines_of(viewer: User, query: str = "") -> list[str]:
    answer = client_of(viewer).get(f"/audit/?{query}")
    assert answer.status_code == 200
    return events_in(text_of(answer))


def changes_in(text: str) -> list[tuple[str, ...]]:
    """The rows of the tables of before and after."""
    cell = r"<td><bdi>(.*?)</bdi></td>"
    rows = re.findall(rf'<tr><th scope="row">(.*?)</th>{cell}{cell}</tr>', text)
    return [tuple(re.sub(r"<[^>]+>", "", cell) for cell in row) for row in rows]


def test_the_audit_log_is_for_those_within_reach_and_can_be_filtered(school: School) -> None:
    token_of(school.student, purpose="In the arts")
    scientist = person("scientist")
    enroll(scientist, role(Base.STUDENT), course=school.physics)
    token_of(scientist, purpose="In the sciences")
    everything = text_of(client_of(school.admin).get("/audit/"))
    assert "In the arts" in everything
    assert "In the sciences" in everything
    arts = text_of(client_of(school.arts_admin).get("/audit/"))
    assert "In the arts" in arts
    assert "In the sciences" not in arts
    narrowed = text_of(client_of(school.admin).get("/audit/?kind=token&q=scientist"))
    assert "In the sciences" in narrowed
    assert "In the arts" not in narrowed
    assert "Nothing matches" in text_of(client_of(school.admin).get("/audit/?kind=policy"))


@pytest.fixture
def past(school: School) -> School:
    """A school in which some things happened."""
    now = timezone.now()
    mine = token_of(school.student, purpose="Of the student")
    token_of(school.other_student, purpose="Of the other")
    lifecycle.suspend(mine, actor=school.admin, now=now, reason=Reason("odd requests at night"))
    scopes.define("grades:read", "Read grades", actor=school.admin, now=now)
    verifiers.register("Gradebook", owner=school.teacher, actor=school.admin, now=now)
    settings.change(school.arts, {"student_cap_days": 60}, actor=school.admin, now=now)
    return school


def test_only_the_kinds_that_there_are_can_be_chosen_and_each_finds_its_own(past: School) -> None:
    text = text_of(client_of(past.admin).get("/audit/"))
    offered = re.findall(r'<option value="(\w+)"', text)
    assert offered == ["scope", "verifier", "policy", "token"]
    for kind in offered:
        told = lines_of(past.admin, f"kind={kind}")
        assert len(told) == AuditEvent.objects.filter(action__startswith=f"{kind}.").count() > 0


def test_lines_are_found_by_words_of_a_reason_or_a_person(past: School) -> None:
    [told] = lines_of(past.admin, "q=at+NIGHT")
    assert told.startswith("Suspended: Of the student odd requests at night")
    assert len(lines_of(past.admin, "q=other-student@")) == 1
    assert lines_of(past.admin, "q=at+night&kind=policy") == []


def test_lines_are_found_by_whom_they_touch(past: School) -> None:
    assert len(lines_of(past.admin, "whom=other")) == 1
    assert len(lines_of(past.admin, "whom=teacher")) == 1
    [told] = lines_of(past.admin, "whom=faculty+of")
    assert "Student limit" in told


def test_lines_are_found_by_who_did_it(past: School) -> None:
    assert len(lines_of(past.admin, "by=other")) == 1
    assert len(lines_of(past.admin, "by=admin")) == 4
    AccessToken.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    lifecycle.expire_many(now=timezone.now(), most=10)
    told = lines_of(past.admin, "by=the+portal")
    assert len(told) == 2
    assert all(each.startswith("Expired") for each in told)


def test_somebody_beyond_ones_reach_who_did_something_is_found_by_name_alone(past: School) -> None:
    assert len(lines_of(past.arts_admin, "by=admin")) == len(lines_of(past.admin, "by=admin")) - 1
    assert lines_of(past.arts_admin, "by=admin@school") == []


def test_days_are_those_of_the_visitors_own_zone(school: School) -> None:
    User.objects.filter(pk=school.admin.pk).update(time_zone="America/New_York")
    for hour in (4, 5):  # midnight in New York is 5 in UTC
        at = datetime(2026, 3, 1, hour, tzinfo=UTC)
        record("person.change", actor=None, now=at, person=school.student, after={"name": f"At {hour}"})
    assert ["At 4" in each for each in lines_of(school.admin, "to=2026-02-28")] == [True]
    assert ["At 5" in each for each in lines_of(school.admin, "from=2026-03-01")] == [True]
    assert len(lines_of(school.admin, "from=2026-02-28&to=2026-03-01")) == 2
    assert lines_of(school.admin, "from=2026-03-02&to=9999-12-31") == []


def test_a_token_and_a_person_lead_to_their_own_lines(past: School) -> None:
    token = AccessToken.objects.get(user=past.student)
    client = client_of(past.admin)
    assert f'href="/audit/?token={token.pk}"' in text_of(client.get(f"/tokens/{token.pk}/"))
    assert f'href="/audit/?person={past.student.pk}"' in text_of(client.get(f"/people/{past.student.pk}/"))
    assert len(lines_of(past.admin, f"token={token.pk}")) == len(lines_of(past.admin, f"person={past.student.pk}")) == 2
    text = text_of(client.get(f"/audit/?token={token.pk}"))
    assert "Only <b>Of the student</b>." in text
    assert f'<input type="hidden" name="token" value="{token.pk}">' in text
    helper = person("helper")
    enroll(helper, role(Base.ADMIN, "Helper", (Permission.USERS_VIEW, Permission.TOKENS_VIEW)))
    for path in (f"/tokens/{token.pk}/", f"/people/{past.student.pk}/"):
        assert "/audit/" not in text_of(client_of(helper).get(path))


def test_a_things_number_is_not_taken_for_that_of_another_thing(past: School) -> None:
    """Tokens, services and scopes are counted each for themselves."""
    ids = dict(
        AuditEvent.objects.filter(action__in=["scope.define", "verifier.register"]).values_list("action", "subject_id")
    )
    assert [each.split(":")[0] for each in lines_of(past.admin, f"scope={ids['scope.define']}")] == ["Scope defined"]
    assert [each.split(":")[0] for each in lines_of(past.admin, f"verifier={ids['verifier.register']}")] == [
        "Service registered"
    ]


@pytest.mark.parametrize(
    "query",
    [
        "kind=nothing",
        "kind=token%00",
        "from=yesterday",
        "from=2026-02-31",
        "to=1",
        "token=x",
        "token=99999999999999999999",
        "person=-1",
        "before=x",
        "before=999999999",
        "q=%00",
        "scope=&by=&whom=",
    ],
)
def test_a_filter_that_means_nothing_asks_for_nothing(past: School, query: str) -> None:
    assert len(lines_of(past.admin, query)) == AuditEvent.objects.count() == 6


def test_the_list_goes_on_page_by_page_in_the_order_of_time(school: School) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    for number in range(120):  # written out of order, and some in one moment
        at = start + timedelta(minutes=(number * 7 % 120) // 3)
        record("person.change", actor=None, now=at, person=school.student, after={"name": f"Number {number:03}"})
    client, seen, path = client_of(school.admin), [], "/audit/"
    while path:
        text = text_of(client.get(path))
        seen += [int(name) for name in re.findall(r"<bdi>Number (\d+)</bdi>", text)]
        onward = re.search(r'href="(\?before=\d+)">Older', text)
        path = f"/audit/{onward[1]}" if onward else ""
    assert sorted(seen) == list(range(120))
    moments = [(number * 7 % 120) // 3 for number in seen]
    assert moments == sorted(moments, reverse=True)


def test_an_administrator_of_a_faculty_sees_its_lines_only(past: School) -> None:
    told = lines_of(past.arts_admin)
    assert len(told) == 5
    assert not any("Scope defined" in each for each in told)
    assert lines_of(past.science_admin) == []
    assert lines_of(past.science_admin, f"person={past.student.pk}") == []
    assert past.student.name not in text_of(client_of(past.science_admin).get(f"/audit/?person={past.student.pk}"))


def test_the_log_of_one_account_holds_what_lies_below_it(past: School) -> None:
    assert len(lines_of(past.admin, f"account={past.arts.pk}")) == 5
    assert lines_of(past.admin, f"account={past.science.pk}") == []
    client = client_of(past.arts_admin)
    for account in (past.root.pk, past.science.pk, 999999, "x"):
        assert client.get(f"/audit/?account={account}").status_code == 404


def test_before_and_after_are_told_in_words(school: School) -> None:
    User.objects.filter(pk=school.admin.pk).update(time_zone="Asia/Tokyo")
    scopes.define("grades:read", "Read grades", actor=school.admin, now=timezone.now())
    ends = datetime(2027, 1, 31, 20, 0, tzinfo=UTC)
    token = token_of(school.teacher, purpose="Grades", days=None)
    change = Change(purpose="Marks", expires_at=ends, scopes=["grades:read"])
    lifecycle.update(token, change, actor=school.teacher, now=timezone.now())
    lifecycle.suspend(token, actor=school.admin, now=timezone.now(), reason=Reason(""))
    text = text_of(client_of(school.admin).get("/audit/?kind=token"))
    told = changes_in(text)
    assert told[:4] == [
        ("State", "Active", "Suspended"),
        ("Purpose", "Grades", "Marks"),
        ("Ends", "Never", "1 Feb 2027, 05:00"),
        ("What it may do", "whatever its owner may", "Read grades"),
    ]
    assert ("State", "—", "Active") in told


def test_roles_settings_and_people_are_told_in_words_too(school: School) -> None:
    now = timezone.now()
    held = enrolling.enroll(school.outsider, role(Base.TA), school.physics, actor=school.admin, now=now)
    enrolling.end(held, actor=school.admin, now=now)
    enrolling.set_active(school.outsider, False, actor=school.admin, now=now)
    settings.change(school.root, {"audience": "no_students", "scopes_required": True}, actor=school.admin, now=now)
    told = changes_in(text_of(client_of(school.admin).get("/audit/")))
    assert told == [
        ("Who may create tokens", "not set", "everyone except students"),
        ("Tokens need scopes", "not set", "yes"),
        ("May sign in", "yes", "no"),
        ("State", "active", "completed"),
        ("Role", "—", "TA"),
        ("Course", "—", "PHYS 101"),
        ("State", "—", "active"),
    ]


def test_a_line_tells_where_it_came_from(school: School) -> None:
    environ = {"HTTP_X_REQUEST_ID": "request-0815", "REMOTE_ADDR": "192.0.2.7", "HTTP_USER_AGENT": "curl/8.7 <b>"}
    with acting_from(environ):
        token_of(school.student)
    text = text_of(client_of(school.admin).get("/audit/"))
    for words in ("request-0815", "192.0.2.7", "curl/8.7 &lt;b&gt;"):
        assert words in text


def test_nothing_of_a_secret_is_told(school: School) -> None:
    issued = lifecycle.issue(
        school.student,
        purpose="Secret",
        expires_at=timezone.now() + timedelta(days=3),
        actor=school.student,
        now=timezone.now(),
    )
    record(
        "token.update",
        actor=None,
        now=timezone.now(),
        person=school.student,
        after={"verifier": "$argon2", "tag": "x9"},
    )
    text = text_of(client_of(school.admin).get("/audit/"))
    assert issued.token.lookup_id[:5] in text
    assert issued.secret not in text
    assert issued.token.verifier not in text
    assert "$argon2" not in text
    assert "x9" not in text


VERBS = (
    "add|make|stop|change|register|revoke|define|retire|import|plan|undo|apply|verify|refuse|answer|close|cancel|retry|"
    "begin|forget|replay"
)

MAILED_ONLY = {Event.ENDING, Event.FIRST_USE, Event.NEW_NETWORK}  # nobody does anything there


def actions_in_code() -> set[str]:
    """Every action that some code writes, by its name."""
    found = set()
    for app in ("accounts", "policies", "tokens", "tokenportal"):
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.update(re.findall(rf"^[a-z]+\.(?:{VERBS})$", node.value))
    return (
        found.union(Event, RequestEvent, FlagEvent, DeviceEvent, ReviewEvent, WebhookEvent, FactorEvent) - MAILED_ONLY
    )


def test_every_action_has_a_kind_and_words(school: School) -> None:
    actions = actions_in_code()
    assert {"roster.import", "verifier.revoke", "token.clamp", "course.add"} <= actions
    assert {kind_of(action) for action in actions} == set(telling.kinds())
    for action in actions:
        record(action, actor=None, now=timezone.now(), account=school.root)
    assert set(actions_written()) == actions
    told = [line for kind in telling.kinds() for line in lines_of(school.admin, f"kind={kind}")]
    assert len(told) == len(actions)
    assert not [each for each in told if any(each.startswith(action) for action in actions)]


def test_every_setting_has_its_words() -> None:
    assert set(telling.kinds()["policy"].facts) == {*FIELDS, "takes_effect_at", "existing", "shortened", "revoked"}


def test_every_fact_that_is_written_has_a_name(past: School, tmp_path: Path) -> None:
    now = timezone.now()
    held = enrolling.enroll(past.outsider, role(Base.TA), past.physics, actor=past.admin, now=now)
    enrolling.end(held, actor=past.admin, now=now)
    enrolling.set_active(past.outsider, False, actor=past.admin, now=now)
    enrolling.admit(User(login_id="new", name="New"), actor=past.admin, now=now)
    for event in AuditEvent.objects.all():
        kept: dict[str, Any] = {**event.before, **event.after}
        assert kept.keys() <= telling.kinds()[event.kind].facts.keys(), event.action


PATHS = (
    "",
    "kind=token",
    "kind=scope",
    "q=crowd77",
    "q=term+has",
    "q=nobody+at+all",
    "whom=crowd77@",
    "by=crowd77@",
    "by=the+portal",
    "from=2026-01-01&to=2026-01-01",
    "person={person}",
    "token={person}",
)


def paths(school: School) -> list[str]:
    some = User.objects.filter(login_id="crowd7").values_list("pk", flat=True).first()
    return [f"/audit/?{path.format(person=some)}" for path in PATHS]


def queries_of(school: School) -> list[int]:
    client, counts = client_of(school.arts_admin), []
    for path in paths(school):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        counts.append(len(queries))
    return counts


def test_a_long_trail_takes_as_many_queries_as_a_short_one(school: School) -> None:
    crowd(school, 1000)
    lines(6000, 1000)
    few = queries_of(school)
    lines(50_000, 1000)
    assert queries_of(school) == few
    assert max(few) <= 14


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "audit_time"),
        ("from=2026-01-01&to=2026-01-02", "audit_time"),
        ("kind=scope", "audit_subject"),
        ("token=7", "audit_subject"),
        ("person=7", "person"),
    ],
)
def test_the_usual_filters_read_an_index_and_not_the_trail(school: School, query: str, index: str) -> None:
    crowd(school, 1000)
    lines(50_000, 1000)
    asked = Asked.of(QueryDict(query), kinds=["scope"], things=["token"])
    trail = Trail(frozenset({school.root.pk}), now=timezone.now())
    plan = trail.asked(asked, actions=actions_written(), zone=school.admin.zone)[:51].explain()
    assert re.search(rf"Index Scan\w* (?:Backward )?(?:on|using) \w*{index}", plan)
    assert "Seq Scan on accounts_auditevent" not in plan
