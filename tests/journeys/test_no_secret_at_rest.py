"""After tokens were made at every door and used, neither database nor Redis nor any log holds a secret."""

import base64
import re

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.audit import AuditEvent
from policies import settings as settings_of
from policies.refusals import Code, Refused
from tests import cast
from tests.cast import School
from tests.journeys.test_four_doors import by_command
from tokens import tasks, usage

SECRET = re.compile(r"tpat_[A-Za-z][0-9A-Za-z]{15}_([0-9A-Za-z]{49})")


def made_in_page(client: Client) -> str:
    page = client.get("/tokens/new/").content.decode()
    key = re.search(r'name="key" value="([^"]*)"', page)
    assert key
    form = {"purpose": "Try", "days": "7", "key": key[1]}
    found = SECRET.search(client.post("/tokens/new/", form).content.decode())
    assert found
    return found[0]


def made_by_api(client: Client) -> str:
    token = {"purpose": "Try", "expires_at": "2999-01-01"}
    answer = client.post("/api/v1/users/self/tokens", {"token": token}, content_type="application/json")
    return str(answer.json()["visible_token"])


def dump_of_database() -> str:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        texts = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608  # a table of our own
            texts += [text for (text,) in cursor.fetchall()]
    assert len(tables) > 10
    return "\n".join(texts)


def dump_of_redis() -> bytes:
    client = redis.Redis.from_url(settings.REDIS_URL)
    return b"\n".join(client.dump(key) or b"" for key in client.scan_iter())


@pytest.mark.parametrize("name", ["guidance_text", "guidance_url"])
def test_a_token_in_the_guidance_is_refused(school: School, name: str) -> None:
    token = cast.token(school.teacher).secret
    with pytest.raises(Refused) as refused:
        settings_of.change(school.root, {name: f"https://school.example/?t={token}"}, actor=None, now=cast.NOW)
    assert refused.value.code == Code.GUIDANCE_HAS_TOKEN


def test_a_token_in_the_name_of_a_program_is_masked(school: School) -> None:
    token = cast.token(school.teacher, days=None, now=timezone.now()).secret
    headers = {"Authorization": f"Bearer {token}", "User-Agent": f"curl {token}"}
    assert Client().delete("/api/v1/tokens/self", headers=headers).status_code == 200
    usage.buffer.flush()
    assert token.rsplit("_", 1)[1].encode() not in dump_of_redis()
    tasks.roll_up_usage()
    assert token.rsplit("_", 1)[1] not in dump_of_database()
    assert AuditEvent.objects.get(action="token.revoke").agent.startswith("curl tpat_")


@pytest.mark.django_db
def test_what_is_kept_holds_no_secret(school: School, caplog: pytest.LogCaptureFixture) -> None:
    client = Client()
    client.force_login(school.teacher)
    tokens = [made_in_page(client), made_by_api(client)]
    for token in tokens:
        answer = Client().get("/api/v1/users/self", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200
    assert by_command(school.teacher) == "made"
    usage.buffer.flush()
    in_redis = dump_of_redis()
    tasks.roll_up_usage()
    kept = dump_of_database() + str(dict(client.session)) + caplog.text
    for token in tokens:
        secret = token.rsplit("_", 1)[1]
        encodings = {secret, secret.encode().hex(), base64.b64encode(secret.encode()).decode().rstrip("=")}
        assert token.split("_")[1] in kept
        assert not [each for each in encodings if each in kept or each.encode() in in_redis]
