"""The key ring: what is refused when it is read, what each key still does, and what hangs on which."""

import base64
import json
import os
import subprocess
import sys
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from tests.cast import NOW, School, token
from tests.gateway.asking import ask, basic
from tests.pages.visits import client_of, text_of
from tokenportal.embedded import REPOSITORY
from tokens import keys, lifecycle, matching, secrets, verifiers
from tokens.keys import KeyStanding, KeyUse
from tokens.models import AccessToken, SupersededSecret, Verifier
from tokens.verification import verify

NEW = b"n" * 32
KEY = base64.b64encode(NEW).decode()


def renew(settings: Settings, *, outgoing: bool = False, retired: bool = False, lost: bool = False) -> str:
    """Put a new key in front; return the name of the one before."""
    [old] = settings.TOKEN_KEYS
    settings.TOKEN_KEYS = {"new": NEW} if lost else {"new": NEW, **settings.TOKEN_KEYS}
    settings.TOKEN_KEYS_OUTGOING = [old] if outgoing else []
    settings.TOKEN_KEYS_RETIRED = [old] if retired else []
    return str(old)


@pytest.mark.parametrize(
    ("ring", "word"),
    [
        ({"TOKEN_KEYS": f"a:{KEY},a:{KEY}"}, "two keys are called “a”"),
        ({"TOKEN_KEYS": "a:short"}, "write id:base64key"),
        ({"TOKEN_KEYS": f"a:{KEY[:-5]}!{KEY[-5:]}"}, "write id:base64key"),
        ({"TOKEN_KEYS": f":{KEY}"}, "write id:base64key"),
        ({"TOKEN_KEYS": f"{'a' * 65}:{KEY}"}, "write id:base64key"),
        ({"TOKEN_KEYS": f"sha256:{KEY}"}, "call the key another"),
        ({"TOKEN_KEYS": f"a:{KEY},b:{KEY}", "TOKEN_KEYS_RETIRED": "a"}, "neither retired nor outgoing"),
        ({"TOKEN_KEYS": f"a:{KEY},b:{KEY}", "TOKEN_KEYS_OUTGOING": "b,a"}, "neither retired nor outgoing"),
    ],
)
def test_a_ring_that_would_fail_quietly_does_not_start(ring: dict[str, str], word: str) -> None:
    environment = {**os.environ, "DEBUG": "1", **ring}
    command = [sys.executable, "-c", "import tokenportal.settings"]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert word in done.stderr


def test_a_tag_under_an_outgoing_key_decides_and_is_made_anew_without_argon2(
    school: School, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = token(school.student, now=timezone.now())
    renew(settings, outgoing=True)
    monkeypatch.setattr(matching, "_argon2_gate", None)  # whoever came to Argon2id would fail
    assert ask("/verify", authorization=f"Bearer {made.secret}").code == 200
    assert AccessToken.objects.get().tag_key == "new"
    checked = verify(made.secret, now=timezone.now())
    assert checked.is_live
    assert checked.retagged is None


def test_a_wrong_secret_moves_no_tag(school: School, settings: Settings) -> None:
    made = token(school.student)
    old = renew(settings, outgoing=True)
    body = f"tpat_{made.token.lookup_id}_{secrets.generate().text.split('_')[2][:43]}"
    assert ask("/verify", authorization=f"Bearer {body}{secrets.checksum(body)}").code == 401
    assert AccessToken.objects.get().tag_key == old


@pytest.mark.parametrize("way", ["outgoing", "retired", "lost"])
def test_a_service_is_tagged_anew_by_its_first_question(school: School, settings: Settings, way: str) -> None:
    made = verifiers.register("Gradebook", owner=None, actor=school.admin, now=NOW)
    renew(settings, **{way: True})
    authorization = basic(made.verifier.lookup_id, made.secret)
    for _ in range(2):
        answer = ask("/oauth2/introspect", method="POST", form={"token": "x"}, authorization=authorization)
        assert (answer.code, answer.json) == (200, {"active": False})
    assert Verifier.objects.get().tag_key == "new"
    with matching._argon2_gate, matching._argon2_gate:  # nobody can come to Argon2id
        assert verifiers.recognise(made.verifier.lookup_id, made.secret)


def test_a_wrong_secret_of_a_service_moves_no_tag(school: School, settings: Settings) -> None:
    made = verifiers.register("Gradebook", owner=None, actor=school.admin, now=NOW)
    old = renew(settings, lost=True)
    body = f"tpvs_{made.verifier.lookup_id}_{secrets.generate().text.split('_')[2][:43]}"
    assert verifiers.recognise(made.verifier.lookup_id, body + secrets.checksum(body)) is None
    assert Verifier.objects.get().tag_key == old


def full_ring(school: School, settings: Settings) -> str:
    """Something of each kind on the old key, and one token on the new one; return the old one's name."""
    now = timezone.now()
    token(school.student, now=now)
    rotated = token(school.teacher, now=now)
    lifecycle.regenerate(rotated.token, overlap=timedelta(hours=1), actor=school.teacher, now=now)
    lifecycle.suspend(token(school.student, now=now).token, actor=school.admin, now=now)
    lifecycle.revoke(token(school.student, now=now).token, actor=school.admin, now=now)
    verifiers.register("Gradebook", owner=None, actor=school.admin, now=now)
    ended = verifiers.register("Timetable", owner=None, actor=school.admin, now=now)
    verifiers.revoke(ended.verifier, actor=school.admin, now=now)
    old = renew(settings)
    token(school.student, now=now)
    return old


def test_what_hangs_on_each_key_is_counted_and_what_is_over_is_not(school: School, settings: Settings) -> None:
    old = full_ring(school, settings)
    assert keys.uses_of_keys(now=timezone.now()) == [
        KeyUse("new", KeyStanding.PRIMARY, active=1),
        KeyUse(old, KeyStanding.ACCEPTED, active=2, resting=1, earlier=1, services=1),
    ]
    late = keys.uses_of_keys(now=timezone.now() + timedelta(hours=2))
    assert [use.earlier for use in late] == [0, 0]


def test_a_key_that_is_in_no_ring_is_still_shown(school: School, settings: Settings) -> None:
    token(school.student)
    old = renew(settings, lost=True)
    assert keys.uses_of_keys(now=NOW) == [
        KeyUse("new", KeyStanding.PRIMARY),
        KeyUse(old, KeyStanding.LOST, active=1),
    ]


@pytest.mark.parametrize("way", ["outgoing", "retired"])
def test_the_standing_of_a_key_is_that_of_the_settings(settings: Settings, way: str) -> None:
    old = renew(settings, **{way: True})
    assert keys.standing_of(old) == way
    assert keys.standing_of("sha256") == KeyStanding.PLAIN


def test_the_number_of_queries_does_not_grow(
    school: School, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    full_ring(school, settings)
    with django_assert_num_queries(3):
        keys.uses_of_keys(now=timezone.now())


def test_the_command_says_when_a_key_may_go(school: School, settings: Settings) -> None:
    old = full_ring(school, settings)
    out = StringIO()
    call_command("token_keys", stdout=out)
    assert [line.split() for line in out.getvalue().splitlines()] == [
        ["KEY", "STANDING", "ACTIVE", "RESTING", "EARLIER", "SERVICES"],
        ["new", "primary", "1", "0", "0", "0"],
        [old, "accepted", "2", "1", "1", "1"],
    ]
    with pytest.raises(CommandError, match=f"5 still hang on {old}"):
        call_command("token_keys", free=old, stdout=StringIO())
    AccessToken.objects.update(tag_key="new")
    SupersededSecret.objects.update(tag_key="new")
    Verifier.objects.update(tag_key="new")
    out = StringIO()
    call_command("token_keys", "--json", free=old, stdout=out)
    assert {row["key_id"]: row["active"] for row in json.loads(out.getvalue())} == {"new": 3, old: 0}


def test_the_page_shows_the_names_and_no_key_and_belongs_to_the_whole_school(
    school: School, settings: Settings
) -> None:
    old = full_ring(school, settings)
    shown = text_of(client_of(school.admin).get("/keys/"))
    assert 'href="/keys/"' in text_of(client_of(school.admin).get("/verifiers/"))
    for words in ("new", old, "Makes new tags", "Decides"):
        assert words in shown
    assert KEY not in shown
    for user in (school.student, school.teacher, school.arts_admin):
        assert client_of(user).get("/keys/").status_code == 403
