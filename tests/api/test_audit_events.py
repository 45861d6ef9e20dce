"""The audit trail over the API."""

import pytest
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.roles import Base, Permission
from tests.api.caller import bearer_of, made, session_of
from tests.api.test_listing import walk
from tests.cast import School, enroll, person, role
from tests.pages.visits import token_of
from tokens import lifecycle
from tokens.reasons import Reason


@pytest.fixture
def past(school: School) -> School:
    for number in range(12):
        token_of(school.student, purpose=f"Number {number}")
    lifecycle.suspend(
        token_of(school.other_student), actor=school.admin, now=timezone.now(), reason=Reason("odd requests")
    )
    return school


def test_lines_come_in_the_order_of_time_page_by_page(past: School) -> None:
    caller = session_of(past.admin)
    found = [pk for page in walk(caller, "accounts/self/audit_events?per_page=5") for pk in page]
    assert found == list(AuditEvent.objects.order_by("at", "pk").values_list("pk", flat=True))
    assert len(found) == 14


def test_a_line_says_all_that_the_trail_keeps(past: School) -> None:
    [line] = session_of(past.admin).get("accounts/self/audit_events?action=token.suspend").body
    event = AuditEvent.objects.get(action="token.suspend")
    assert line == {
        "id": event.pk,
        "at": event.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "action": "token.suspend",
        "actor_id": past.admin.pk,
        "actor": "admin",
        "carried_by": None,
        "person_id": past.other_student.pk,
        "person": "other-student",
        "account_id": None,
        "account": None,
        "subject_id": event.subject_id,
        "before": {"state": "active"},
        "after": {"state": "suspended"},
        "reason": "odd requests",
        "request_id": "",
        "address": None,
        "agent": "",
    }


def test_an_act_names_the_token_by_which_it_came(past: School) -> None:
    issued = made(past.admin, purpose="Calling", scopes=("tokens:manage",))
    caller = bearer_of(past.admin)
    caller.headers["Authorization"] = f"Bearer {issued.secret}"
    token = token_of(past.student)
    assert caller.delete(f"users/{past.student.pk}/tokens/{token.pk}").status == 200
    [line] = caller.get("accounts/self/audit_events?action=token.revoke").body
    assert line["carried_by"] == issued.token.lookup_id


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("kind=token&per_page=100", 14),
        ("kind=policy", 0),
        ("q=ODD", 1),
        ("whom=other&per_page=100", 2),
        ("by=admin", 1),
        ("person={student}&per_page=100", 12),
        ("actor={admin}", 1),
        ("from=2000-01-01&to=2000-01-02", 0),
    ],
)
def test_the_filters_of_the_page_filter_here_too(past: School, query: str, count: int) -> None:
    query = query.format(student=past.student.pk, admin=past.admin.pk)
    assert len(session_of(past.admin).get(f"accounts/self/audit_events?{query}").body) == count


def test_links_keep_the_filters(past: School) -> None:
    found = walk(session_of(past.admin), f"accounts/self/audit_events?per_page=5&person={past.student.pk}")
    assert [len(page) for page in found] == [5, 5, 2]


def test_it_takes_the_right_to_read_the_log_there(past: School) -> None:
    helper = person("helper")
    enroll(helper, role(Base.ADMIN, "Helper", (Permission.USERS_VIEW, Permission.TOKENS_VIEW)))
    for caller in (session_of(helper), session_of(past.teacher), session_of(past.arts_admin)):
        assert caller.get("accounts/self/audit_events").refusal == (404, "not_found")
    assert session_of(past.arts_admin).get(f"accounts/{past.arts.pk}/audit_events?per_page=100").body != []
    assert session_of(past.science_admin).get(f"accounts/{past.science.pk}/audit_events").body == []
    assert session_of(past.science_admin).get(f"accounts/{past.arts.pk}/audit_events").status == 404


def test_a_token_needs_the_scope_to_read_it(past: School) -> None:
    other = bearer_of(past.admin, scopes=("url:GET|/api/v1/accounts",))
    assert other.get("accounts/self/audit_events").refusal == (403, "insufficient_scope")
    right = bearer_of(past.admin, scopes=("url:GET|/api/v1/accounts/:account_id/audit_events",))
    assert right.get("accounts/self/audit_events").status == 200
