"""Whoever has lost their second step is let in again by who may switch them off, or by the operator."""

from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.factors import keeping
from accounts.models import User
from tests.cast import PASSWORD, School
from tests.mfa.phone import set_up
from tests.pages.visits import client_of, text_of
from tokens import notifications

NOW = timezone.now()


def page_of(person: User) -> str:
    return f"/people/{person.pk}/second-step/"


def test_an_administrator_resets_it_with_a_reason_a_line_and_a_mail(school: School, mailoutbox: list[Any]) -> None:
    set_up(school.student)
    notifications.deliver(now=timezone.now())
    mailoutbox.clear()
    client = client_of(school.admin)
    assert page_of(school.student) in text_of(client.get(f"/people/{school.student.pk}/"))
    answer = client.post(page_of(school.student), {"reason": "Lost in the lake"})
    assert answer.headers["Location"] == f"/people/{school.student.pk}/"
    assert not Authenticator.objects.exists()
    line = AuditEvent.objects.get(action="factor.reset")
    assert (line.actor, line.person, line.reason) == (school.admin, school.student, "Lost in the lake")
    assert line.before == {"kinds": ["recovery_codes", "totp"]}
    notifications.deliver(now=timezone.now())
    [sent] = mailoutbox
    assert sent.to == [school.student.email]
    assert "Admin reset the second step" in sent.body
    assert "Lost in the lake" in sent.body
    assert Client().post("/login/", {"username": "student", "password": PASSWORD}).headers["Location"] == "/tokens/"


def test_somebody_without_a_second_step_has_nothing_to_reset(school: School) -> None:
    client = client_of(school.admin)
    assert page_of(school.student) not in text_of(client.get(f"/people/{school.student.pk}/"))
    assert client.post(page_of(school.student)).headers["Location"] == f"/people/{school.student.pk}/"
    assert not AuditEvent.objects.filter(action="factor.reset").exists()


def test_only_who_may_switch_them_off_resets_it(school: School) -> None:
    set_up(school.student)
    set_up(school.admin)
    expected = {school.teacher: 404, school.science_admin: 404, school.arts_admin: 403}
    for actor, status in expected.items():
        assert client_of(actor).post(page_of(school.student), {}).status_code == status, actor
        with pytest.raises(PermissionDenied):
            keeping.reset(school.student, actor=actor, now=NOW)
    assert client_of(school.admin).post(page_of(school.admin), {}).status_code == 403  # nobody their own
    assert Authenticator.objects.filter(user=school.student).count() == 2


def test_the_operator_resets_it_at_the_command_line(school: School) -> None:
    set_up(school.admin)
    said = StringIO()
    call_command("person", "reset-factors", "admin", "--reason", "new phone", stdout=said)
    assert said.getvalue() == "admin signs in without a second step now.\n"
    line = AuditEvent.objects.get(action="factor.reset")
    assert (line.actor, line.person, line.reason) == (None, school.admin, "new phone")
    call_command("person", "reset-factors", "admin", stdout=said)
    assert "as before" in said.getvalue()


def test_at_the_command_line_too_it_takes_the_right(school: School) -> None:
    set_up(school.student)
    with pytest.raises(CommandError, match="may not"):
        call_command("person", "reset-factors", "student", "--by", "teacher")
    call_command("person", "reset-factors", "student", "--by", "admin", stdout=StringIO())
    assert AuditEvent.objects.get(action="factor.reset").actor == school.admin
