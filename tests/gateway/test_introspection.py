"""Introspection (RFC 7662), revocation (RFC 7009) and what the portal says of itself (RFC 8414)."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Enrollment
from policies.models import Policy
from policies.refusals import Code, Refused
from policies.rules import NO_LIMIT
from tests.cast import School, token
from tests.gateway.asking import Answer, ask, basic
from tokens import emergency, lifecycle, scopes, secrets, verifiers
from tokens.emergency import target_of
from tokens.lifecycle import Issued
from tokens.stops import Whom
from tokens.verifiers import Registered

INACTIVE = {"active": False}


@pytest.fixture
def made(school: School) -> Issued:
    return token(school.student, now=timezone.now())


@pytest.fixture
def gradebook(school: School) -> Registered:
    return verifiers.register("Gradebook", owner=school.admin, actor=school.admin, now=timezone.now())


def credentials(registered: Registered) -> str:
    return basic(registered.verifier.lookup_id, registered.secret)


def introspect(registered: Registered, text: str) -> Answer:
    return ask("/oauth2/introspect", method="POST", form={"token": text}, authorization=credentials(registered))


def test_a_paused_token_is_inactive_and_no_more_is_said(school: School, gradebook: Registered, made: Issued) -> None:
    target = target_of(None, Whom.COURSE, course=school.history)
    paused = emergency.pause(target, reason="Something is wrong", actor=None, now=timezone.now())
    assert introspect(gradebook, made.secret).json == INACTIVE
    many = ask(
        "/oauth2/introspect/batch",
        method="POST",
        form=[("token", made.secret), ("token", made.secret)],
        authorization=credentials(gradebook),
    )
    assert many.json == {"results": [INACTIVE, INACTIVE]}
    emergency.lift(paused, actor=None, now=timezone.now())
    assert introspect(gradebook, made.secret).json["active"] is True


def test_a_live_token_is_described(school: School, gradebook: Registered, made: Issued) -> None:
    answer = introspect(gradebook, made.secret)
    assert (answer.code, answer.headers["Cache-Control"]) == (200, "no-store")
    made_at = int(made.token.created_at.timestamp())
    assert answer.json == {
        "active": True,
        "scope": "",
        "client_id": "tokenportal",
        "username": "student",
        "token_type": "Bearer",
        "exp": int((made.token.created_at + timedelta(days=30)).timestamp()),
        "iat": made_at,
        "nbf": made_at,
        "sub": str(school.student.pk),
        "iss": settings.PUBLIC_URL,
        "jti": made.token.lookup_id,
        "purpose": "Grade dashboard",
        "roles": ["student"],
        "capped": True,
        "account": school.arts.pk,
    }


def test_a_token_without_end_has_no_exp(school: School, gradebook: Registered) -> None:
    endless = token(school.teacher, days=None, now=timezone.now())
    answer = introspect(gradebook, endless.secret).json
    assert "exp" not in answer
    assert (answer["capped"], answer["roles"]) == (False, ["teacher"])


def test_capped_follows_the_settings_on_the_very_next_question(school: School, gradebook: Registered) -> None:
    endless = token(school.teacher, days=None, now=timezone.now())
    assert not introspect(gradebook, endless.secret).json["capped"]
    policy, _made = Policy.objects.get_or_create(account=school.root, defaults={"updated_at": timezone.now()})
    Policy.objects.filter(pk=policy.pk).update(teaching_cap_days=300)
    assert introspect(gradebook, endless.secret).json["capped"]
    Policy.objects.filter(pk=policy.pk).update(teaching_cap_days=NO_LIMIT)
    assert not introspect(gradebook, endless.secret).json["capped"]


def test_whoever_holds_no_role_is_capped_and_at_home_in_the_root(school: School, gradebook: Registered) -> None:
    made = token(school.student, now=timezone.now())
    Enrollment.objects.filter(user=school.student).update(state="completed")
    answer = introspect(gradebook, made.secret).json
    assert (answer["capped"], answer["roles"], answer["account"]) == (True, [], school.root.pk)


def test_a_role_counts_from_its_start_to_its_end(school: School, gradebook: Registered) -> None:
    made = token(school.teacher, now=timezone.now())
    held = Enrollment.objects.filter(user=school.teacher)
    for starts_in, ends_in, roles in ((-2, -1, []), (-1, 1, ["teacher"]), (1, 2, []), (None, 1, ["teacher"])):
        held.update(
            starts_at=None if starts_in is None else timezone.now() + timedelta(hours=starts_in),
            ends_at=timezone.now() + timedelta(hours=ends_in),
        )
        assert introspect(gradebook, made.secret).json["roles"] == roles


def test_anything_not_live_is_just_not_active(school: School, gradebook: Registered, made: Issued) -> None:
    pending = token(school.student, actor=school.admin, now=timezone.now())
    lifecycle.revoke(made.token, actor=school.admin, now=timezone.now())
    for text in (made.secret, pending.secret, secrets.generate().text, "", "x", "\x00", "tpat_é", gradebook.secret):
        assert introspect(gradebook, text).json == INACTIVE


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "Basic",
        "Basic !!!",
        "Basic YTpi",
        "Basic Og==",
        "Bearer x",
        "Basic " + "A" * 5000,
        basic("a", "b") + ", Basic x",
    ],
)
@pytest.mark.django_db
def test_every_bad_caller_is_401(made: Issued, authorization: str | None) -> None:
    answer = ask("/oauth2/introspect", method="POST", form={"token": made.secret}, authorization=authorization)
    assert (answer.code, answer.json["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_a_token_is_no_verifier_and_another_id_does_not_fit(gradebook: Registered, made: Issued) -> None:
    for pair in (
        (made.token.lookup_id, made.secret),
        ("A" * 16, gradebook.secret),
        (gradebook.verifier.lookup_id, made.secret),
    ):
        assert ask("/oauth2/introspect", method="POST", form={"token": "x"}, authorization=basic(*pair)).code == 401


def test_credentials_may_come_in_the_form(gradebook: Registered, made: Issued) -> None:
    form = {"client_id": gradebook.verifier.lookup_id, "client_secret": gradebook.secret, "token": made.secret}
    assert ask("/oauth2/introspect", method="POST", form=form).json["active"]


def test_a_revoked_verifier_hears_nothing_more(school: School, gradebook: Registered, made: Issued) -> None:
    verifiers.revoke(gradebook.verifier, actor=school.admin, now=timezone.now())
    verifiers.revoke(gradebook.verifier, actor=school.admin, now=timezone.now())
    assert introspect(gradebook, made.secret).code == 401
    assert AuditEvent.objects.filter(action="verifier.revoke").count() == 1


def test_a_token_that_is_good_for_nothing_at_a_service_is_not_active_there(school: School) -> None:
    narrow = verifiers.register(
        "Narrow", owner=school.admin, allowed_scopes=["grades:read"], actor=school.admin, now=timezone.now()
    )
    made = lifecycle.issue(
        school.admin, purpose="x", expires_at=None, scopes=["tokens:manage"], actor=school.admin, now=timezone.now()
    )
    assert introspect(narrow, made.secret).json == INACTIVE


def test_a_verifier_hears_of_its_own_scopes_only(school: School) -> None:
    now = timezone.now()
    for name in ("grades:read", "library:borrow"):
        scopes.define(name, name, actor=school.admin, now=now)
    narrow = verifiers.register(
        "Narrow", owner=school.admin, allowed_scopes=["grades:read"], actor=school.admin, now=now
    )
    wanted = ["grades:read", "library:borrow"]
    made = lifecycle.issue(
        school.admin, purpose="x", expires_at=None, scopes=wanted, actor=school.admin, now=now
    ).secret
    assert introspect(narrow, made).json["scope"] == "grades:read"


def test_two_services_of_one_name_are_refused(school: School, gradebook: Registered) -> None:
    with pytest.raises(Refused) as refused:
        verifiers.register(" Gradebook ", owner=school.admin, actor=school.admin, now=timezone.now())
    assert refused.value.code == Code.VERIFIER_NAME_TAKEN
    verifiers.revoke(gradebook.verifier, actor=school.admin, now=timezone.now())
    verifiers.register("Gradebook", owner=school.admin, actor=school.admin, now=timezone.now())


@pytest.mark.parametrize(
    ("form", "raw", "kind"),
    [
        ([], None, ""),
        ([("token", "a"), ("token", "b")], None, ""),
        (None, b"token=%ff", ""),
        (None, b"\xff", ""),
        (None, b'{"token":"x"}', "application/json"),
        (None, b"a=1&" * 2000, ""),
    ],
)
def test_a_malformed_question_is_400(
    gradebook: Registered, form: list[tuple[str, str]] | None, raw: bytes | None, kind: str
) -> None:
    answer = ask(
        "/oauth2/introspect",
        method="POST",
        form=form,
        raw=raw,
        kind=kind or "application/x-www-form-urlencoded",
        authorization=credentials(gradebook),
    )
    assert (answer.code, answer.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("path", ["/oauth2/introspect", "/oauth2/introspect/batch", "/oauth2/revoke"])
def test_only_post_is_allowed(path: str) -> None:
    answer = ask(path)
    assert (answer.code, answer.headers["Allow"]) == (405, "POST")


def batch(registered: Registered, tokens: list[object]) -> Answer:
    raw = json.dumps({"tokens": tokens}).encode()
    kind = "application/json"
    authorization = credentials(registered)
    return ask("/oauth2/introspect/batch", method="POST", raw=raw, kind=kind, authorization=authorization)


def test_many_are_answered_in_their_order_and_one_bad_item_harms_nobody(
    school: School, gradebook: Registered, made: Issued
) -> None:
    other = token(school.teacher, days=None, now=timezone.now())
    results = batch(gradebook, [other.secret, "x", None, 7, made.secret, other.secret, {"a": 1}]).json["results"]
    assert [each.get("username") for each in results] == ["teacher", None, None, None, "student", "teacher", None]
    assert results[1] == INACTIVE


def test_many_may_come_as_a_form_too(gradebook: Registered, made: Issued) -> None:
    form = [("token", made.secret), ("token", "x")]
    answer = ask("/oauth2/introspect/batch", method="POST", form=form, authorization=credentials(gradebook))
    assert [each["active"] for each in answer.json["results"]] == [True, False]


@pytest.mark.parametrize("count", [0, 101])
def test_a_batch_has_1_to_100_tokens(gradebook: Registered, count: int) -> None:
    assert batch(gradebook, ["x"] * count).code == 400


def test_whoever_presents_a_whole_token_ends_it(made: Issued) -> None:
    answer = ask("/oauth2/revoke", method="POST", form={"token": made.secret, "token_type_hint": "anything"})
    assert (answer.code, answer.body) == (200, b"")
    made.token.refresh_from_db()
    assert made.token.state == "revoked"
    line = AuditEvent.objects.get(action="token.revoke")
    assert (line.actor, line.address, line.agent) == (None, "192.0.2.7", "tests")


def test_revoking_answers_alike_whatever_it_finds(made: Issued) -> None:
    for text in (made.secret, made.secret, secrets.generate().text, made.token.lookup_id, "x", ""):
        answer = ask("/oauth2/revoke", method="POST", form={"token": text}, authorization="Basic !!!")
        assert (answer.code, answer.body) == (200, b"")
    assert AuditEvent.objects.filter(action="token.revoke").count() == 1


def test_a_lookup_id_alone_ends_nothing(made: Issued) -> None:
    for text in (made.token.lookup_id, f"tpat_{made.token.lookup_id}_"):
        ask("/oauth2/revoke", method="POST", form={"token": text})
    made.token.refresh_from_db()
    assert made.token.state == "active"


def rotated(old: Issued) -> Issued:
    return lifecycle.regenerate(old.token, overlap=timedelta(hours=1), actor=old.token.user, now=timezone.now())


def test_both_secrets_of_a_token_are_told_apart_one_by_one_and_together(made: Issued, gradebook: Registered) -> None:
    new = rotated(made)
    one_by_one = [introspect(gradebook, each.secret).json for each in (made, new)]
    together = ask(
        "/oauth2/introspect/batch",
        method="POST",
        form=[("token", made.secret), ("token", new.secret)],
        authorization=credentials(gradebook),
    ).json["results"]
    for earlier, present in (one_by_one, together):
        assert (earlier["active"], earlier["superseded"], present["active"]) == (True, True, True)
        assert "superseded" not in present
        assert earlier["exp"] < present["exp"]
        assert earlier["jti"] != present["jti"]
    headers = [ask("/verify", authorization=f"Bearer {each.secret}").headers for each in (made, new)]
    assert [each.get("Token-Superseded") for each in headers] == ["true", None]


def test_an_earlier_secret_that_is_revoked_takes_no_newer_one_along(made: Issued) -> None:
    new = rotated(made)
    for _ in range(2):  # the second time it has stopped already
        assert ask("/oauth2/revoke", method="POST", form={"token": made.secret}).code == 200
        codes = [ask("/verify", authorization=f"Bearer {each.secret}").code for each in (made, new)]
        assert codes == [401, 200]
    assert AuditEvent.objects.filter(action="token.end_overlap").count() == 1
    assert not AuditEvent.objects.filter(action="token.revoke").exists()


def test_revoking_is_limited_by_address(made: Issued) -> None:
    answers = [ask("/oauth2/revoke", method="POST", form={"token": "x"}, REMOTE_ADDR="192.0.2.99") for _ in range(61)]
    assert [answer.code for answer in answers] == [200] * 60 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60


def test_the_portal_says_where_its_doors_are() -> None:
    answer = ask("/.well-known/oauth-authorization-server").json
    assert answer["issuer"] == settings.PUBLIC_URL
    assert answer["introspection_endpoint"] == f"{settings.PUBLIC_URL}/oauth2/introspect"
    assert answer["revocation_endpoint"] == f"{settings.PUBLIC_URL}/oauth2/revoke"


def test_a_scanner_finds_our_tokens_with_the_served_expression(made: Issued, gradebook: Registered) -> None:
    formats = ask("/.well-known/token-format.json").json
    for name, text in (("access_token", made.secret), ("verifier_secret", gradebook.secret)):
        assert re.search(formats[name]["regex"], f"key = '{text}'")
        assert len(text) == formats[name]["length"]


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"[" * 60_000, b"[]", b"7", b"{}", b'{"tokens": "x"}'])
def test_a_batch_that_is_no_list_of_tokens_is_said_to_be_none(gradebook: Registered, raw: bytes) -> None:
    asked = ask(
        "/oauth2/introspect/batch",
        method="POST",
        raw=raw,
        authorization=credentials(gradebook),
        CONTENT_TYPE="application/json",
    )
    assert (asked.code, asked.json["error"]) == (400, "invalid_request")


def test_credentials_within_json_are_none(gradebook: Registered, made: Issued) -> None:
    said = {"client_id": gradebook.verifier.lookup_id, "client_secret": gradebook.secret, "tokens": [made.secret]}
    raw = json.dumps(said).encode()
    answer = ask("/oauth2/introspect/batch", method="POST", raw=raw, kind="application/json")
    assert (answer.code, answer.json["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("form", [[], [("other", "x")], [("token", "x"), ("token", "y")]])
@pytest.mark.django_db
def test_revoking_asks_for_one_token(form: list[tuple[str, str]]) -> None:
    answer = ask("/oauth2/revoke", method="POST", form=form, REMOTE_ADDR="192.0.2.98")
    assert (answer.code, answer.json["error"]) == (400, "invalid_request")


class BreaksOff:
    """The body of a caller that is gone before it has come."""

    def read(self, _size: int) -> bytes:
        raise ConnectionResetError


def test_a_door_that_fails_says_neither_yes_nor_no(caplog: pytest.LogCaptureFixture) -> None:
    broken: dict[str, Any] = {"wsgi.input": BreaksOff()}
    answer = ask("/oauth2/revoke", method="POST", raw=b"token=x", **broken)
    assert (answer.code, answer.json["error"], answer.headers["Retry-After"]) == (503, "temporarily_unavailable", "1")
    assert "A door failed" in caplog.text
