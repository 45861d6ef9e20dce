"""`manage.py verifier`."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.cast import NOW, School
from tests.gateway.asking import ask, basic
from tokens import usage
from tokens.models import Verifier


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("verifier", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.mark.usefixtures("school")
def test_a_service_made_by_command_may_ask_and_its_last_question_is_noted() -> None:
    made = json.loads(run("create", "Gradebook", "--json"))
    authorization = basic(made["client_id"], made["client_secret"])
    assert ask("/oauth2/introspect", method="POST", form={"token": "x"}, authorization=authorization).code == 200
    usage.buffer.flush()
    usage.roll_up(now=NOW)
    [listed] = json.loads(run("list", "--json"))
    assert (listed["name"], listed["client_id"]) == ("Gradebook", made["client_id"])
    assert listed["last_used_at"] is not None
    assert made["client_secret"] not in run("list")


def test_a_revoked_service_hears_nothing_more(school: School) -> None:
    made = dict(line.split("=", 1) for line in run("create", "Gradebook", "--owner", "admin").splitlines())
    assert Verifier.objects.get().owner == school.admin
    run("revoke", "Gradebook")
    authorization = basic(made["client_id"], made["client_secret"])
    assert ask("/oauth2/introspect", method="POST", form={"token": "x"}, authorization=authorization).code == 401


@pytest.mark.parametrize(
    "arguments", [("create", " "), ("create", "x", "--owner", "nobody"), ("revoke", "nothing")], ids=str
)
@pytest.mark.usefixtures("school")
def test_what_cannot_be_done_is_said(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        run(*arguments)
    assert not Verifier.objects.exists()
