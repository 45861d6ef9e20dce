"""Exemptions on the pages: granted, listed, shown to the person, ended early, and told of before they end."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from django.utils.formats import date_format

from accounts.audit import AuditEvent
from accounts.models import User
from accounts.roles import Base, Permission
from policies.exemptions import end, exempt
from policies.models import Exemption
from tests.cast import School, enroll, person, role
from tests.pages.visits import SECRET, client_of, text_of, token_of
from tokens import notifications, warning
from tokens.models import AccessToken, Notice

DAY = timedelta(days=1)
LIST = "/exemptions/"


def exempted(school: School, days: int = 60, **facts: Any) -> Exemption:
    now = facts.pop("now", timezone.now())
    values = {"reason": "A thesis", "ends_at": now + days * DAY, "actor": school.admin, "now": now, **facts}
    return exempt(school.student, school.arts, **values)


def of_students(school: School, days: int = 60) -> Exemption:
    now = timezone.now()
    ends_at = now + days * DAY
    return exempt(role(Base.STUDENT), school.arts, reason="A project", ends_at=ends_at, actor=school.admin, now=now)


def post(user: User, path: str, **fields: str) -> Any:
    return client_of(user).post(path, fields, follow=True)


def form_of(school: School) -> str:
    return f"/people/{school.student.pk}/exempt/"


def day(days: int) -> str:
    return date_format(timezone.now() + days * DAY, "j F Y")


def test_an_administrator_exempts_a_person_from_their_page(school: School) -> None:
    assert f'href="{form_of(school)}"' in text_of(client_of(school.arts_admin).get(f"/people/{school.student.pk}/"))
    text = text_of(client_of(school.arts_admin).get(form_of(school)))
    for days in (30, 90):
        assert f"Tokens may end as late as {day(days + 120)}." in text
    assert "Tokens may end as late as 120 days after the day that you pick." in text
    answer = text_of(post(school.arts_admin, form_of(school), reason="A thesis", days="30"))
    assert "The exemption holds from now on." in answer
    assert f"An exemption until {day(30)} lets tokens live until {day(150)}." in answer
    assert "A thesis" in answer
    made = Exemption.objects.get()
    assert (made.person, made.account, made.approved_by) == (school.student, school.arts, school.arts_admin)
    assert f"An exemption until {day(30)} lets your tokens live until" in text_of(
        client_of(school.student).get("/tokens/")
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"days": "30"}, "Say why."),
        ({"reason": "x", "days": "custom", "until": "2020-01-01"}, "The exemption must end in the future."),
        ({"reason": "x", "days": "custom", "until": "2999-01-01"}, "An exemption can last 180 days at most."),
        ({"reason": "x", "days": "custom"}, "Expiration date is required"),
        ({"reason": "x", "days": "7"}, "Expiration date is required"),
        ({"reason": "a\u202eb", "days": "30"}, "cannot be seen (U+202E)"),
    ],
)
def test_what_no_exemption_can_be_is_said_in_the_form(school: School, fields: dict[str, str], words: str) -> None:
    assert words in text_of(post(school.admin, form_of(school), **fields))
    assert not Exemption.objects.exists()


def test_a_reason_keeps_no_token(school: School) -> None:
    made = client_of(school.student).post("/tokens/new/", {"purpose": "x", "days": "7"})
    secret = SECRET.search(text_of(made))
    assert secret
    assert "contains an access token" in text_of(post(school.admin, form_of(school), reason=secret[0], days="30"))
    assert not Exemption.objects.exists()


def test_the_longest_one_is_180_days(school: School) -> None:
    post(school.admin, form_of(school), reason="A thesis", days="180")
    made = Exemption.objects.get()
    assert made.ends_at - made.starts_at == 180 * DAY


def test_only_who_edits_the_policy_over_somebody_exempts_them(school: School) -> None:
    helpdesk = person("helpdesk")
    enroll(helpdesk, role(Base.ADMIN, "Help desk", (Permission.USERS_VIEW, Permission.TOKENS_VIEW)))
    path = f"/people/{school.student.pk}/"
    assert "Exempt from the limit" not in text_of(client_of(helpdesk).get(path))
    assert client_of(helpdesk).post(form_of(school), {"reason": "x", "days": "30"}).status_code == 403
    for user in (school.science_admin, school.student, school.teacher):
        assert client_of(user).get(form_of(school)).status_code == 404
    assert client_of(school.arts_admin).get(f"/people/{school.admin.pk}/exempt/").status_code == 404
    assert not Exemption.objects.exists()


def test_nobody_exempts_themselves(school: School) -> None:
    mine = f"/people/{school.admin.pk}/"
    assert "Exempt from the limit" not in text_of(client_of(school.admin).get(mine))
    assert "Nobody exempts themselves" in text_of(post(school.admin, f"{mine}exempt/", reason="x", days="30"))
    fields = {"role": str(role(Base.ADMIN).pk), "account": str(school.arts.pk), "reason": "x", "days": "30"}
    assert "Nobody exempts themselves" in text_of(post(school.arts_admin, f"{LIST}new/", **fields))
    assert not Exemption.objects.exists()


def test_a_role_is_exempted_in_an_account_that_one_administers(school: School) -> None:
    fields = {"role": str(role(Base.STUDENT).pk), "account": str(school.arts.pk), "reason": "A project", "days": "90"}
    assert "Everybody with the role Student" in text_of(post(school.arts_admin, f"{LIST}new/", **fields))
    assert "An exemption until" in text_of(client_of(school.other_student).get("/tokens/"))
    elsewhere = {**fields, "account": str(school.science.pk)}
    assert "Choose an account." in text_of(post(school.arts_admin, f"{LIST}new/", **elsewhere))
    assert "Choose a role." in text_of(post(school.arts_admin, f"{LIST}new/", **{**fields, "role": "x"}))
    assert client_of(school.teacher).get(f"{LIST}new/").status_code == 403
    assert Exemption.objects.count() == 1


def test_they_stand_on_one_page_those_that_hold_apart_from_those_that_are_over(school: School) -> None:
    client = client_of(school.arts_admin)
    assert "Nobody is exempted" in text_of(client.get(LIST))
    exempted(school, days=10), of_students(school)
    over = exempted(school, days=30)
    end(over, actor=school.admin, now=timezone.now())
    holding, ended = (text_of(client.get(f"{LIST}?state={state}")) for state in ("holding", "ended"))
    assert re.findall(r"Everybody with the role Student|>Student</a>|Ends soon", holding) == [
        ">Student</a>",
        "Ends soon",
        "Everybody with the role Student",
    ]
    assert "Ended early" in ended
    assert ended.count("A thesis") == 1
    assert "A project" not in ended


def test_one_sees_those_of_the_accounts_that_one_administers(school: School) -> None:
    exempted(school)
    assert "A thesis" not in text_of(client_of(school.science_admin).get(LIST))
    assert "A thesis" in text_of(client_of(school.admin).get(LIST))
    assert "A thesis" in text_of(client_of(school.admin).get(f"{LIST}?account={school.arts.pk}"))
    assert "A thesis" not in text_of(client_of(school.admin).get(f"{LIST}?account={school.science.pk}"))
    for user in (school.student, school.teacher):
        assert client_of(user).get(LIST).status_code == 403


def test_ended_early_the_tokens_come_under_the_limit_at_once(school: School) -> None:
    held = exempted(school)
    made = token_of(school.student, days=170)
    path = f"{LIST}{held.pk}/end/"
    assert "End the exemption of Student?" in text_of(client_of(school.arts_admin).get(path))
    assert Exemption.objects.holding(now=timezone.now()).exists()
    answer = text_of(post(school.arts_admin, path))
    assert "The exemption has ended. 1 token has an earlier end." in answer
    assert AccessToken.objects.get(pk=made.pk).expires_at < timezone.now() + 121 * DAY  # type: ignore[operator]  # it has one
    assert "This exemption was over already." in text_of(post(school.arts_admin, path))


def test_nobody_else_ends_one(school: School) -> None:
    for held in (exempted(school), of_students(school)):
        for user in (school.science_admin, school.student, school.teacher):
            assert client_of(user).post(f"{LIST}{held.pk}/end/").status_code == 404
    assert Exemption.objects.filter(ended_at=None).count() == 2


def test_the_audit_log_tells_of_it(school: School) -> None:
    held = exempted(school)
    end(held, actor=school.admin, now=timezone.now())
    text = " ".join(text_of(client_of(school.admin).get("/audit/?kind=exemption")).split())
    assert "Exempted from the limit until" in text
    assert "Exemption from the limit ended early" in text
    of_students(school)
    assert "Student" in text_of(client_of(school.admin).get("/audit/?kind=exemption"))
    assert AuditEvent.objects.filter(action__startswith="exemption.").count() == 3


def test_many_are_read_a_page_at_a_time(school: School, django_assert_max_num_queries: Any) -> None:
    now = timezone.now()
    facts = {"account": school.arts, "reason": "x", "starts_at": now, "ends_at": now + DAY, "ended_at": now}
    Exemption.objects.bulk_create(Exemption(person=school.student, **facts) for _ in range(60))
    client = client_of(school.admin)
    with django_assert_max_num_queries(12):
        text = text_of(client.get(f"{LIST}?state=ended"))
    assert "1–25 of 60" in text
    assert 'href="?state=ended&amp;page=3"' in text
    assert text_of(client.get(f"{LIST}?state=ended&page=3")).count("Ended early") == 10


def told(event: str = "exemption.warn") -> list[User]:
    return [notice.person for notice in Notice.objects.filter(event=event).order_by("pk")]


def test_two_weeks_before_it_ends_the_person_and_the_approver_are_told_once(school: School) -> None:
    start = timezone.now()
    held = exempted(school, now=start)
    assert warning.warn(now=held.ends_at - 15 * DAY) == 0
    assert [warning.warn(now=held.ends_at - n * DAY) for n in (14, 14, 13)] == [1, 0, 0]
    assert told() == [school.admin, school.student]
    notifications.deliver(now=start)
    to_admin, to_student = mail.outbox
    assert to_student.subject.startswith("Your exemption from the token limit ends on ")
    assert to_admin.subject.startswith("An exemption from the token limit ends on ")
    assert "The exemption of Student ends on" in str(to_admin.body)
    assert "A thesis" in str(to_admin.body)
    assert not [sent for sent in mail.outbox if "{" in str(sent.body)]


def test_of_a_role_the_administrators_of_its_account_are_told(school: School) -> None:
    held = of_students(school)
    assert warning.warn(now=held.ends_at - DAY) == 1
    assert set(told()) == {school.admin, school.arts_admin}
    notifications.deliver(now=timezone.now())
    assert "The exemption of the role Student in Faculty of Arts ends on" in str(mail.outbox[0].body)


def test_of_one_that_is_prolonged_over_or_just_begun_nobody_is_told(school: School) -> None:
    now = datetime.fromisoformat("2027-01-01T00:00:00+00:00")
    short = exempted(school, days=10, now=now)
    assert warning.warn(now=now + 4 * DAY) == 0
    longer = exempted(school, days=100, now=now)
    assert warning.warn(now=now + 9 * DAY) == 0
    end(longer, actor=None, now=now + 9 * DAY)
    assert warning.warn(now=now + 10 * DAY) == 0
    assert short.holds(now + 9 * DAY)
    assert not told()
