"""Why an administrator ends somebody's token: what kind of reason, told to the owner or kept from them."""

import pytest
from django.core import mail
from django.utils import timezone

from accounts.audit import AuditEvent
from policies.refusals import Code, Refused
from tests.api.caller import session_of
from tests.cast import School
from tests.pages.visits import client_of, text_of, token_of
from tokens import lifecycle, notifications
from tokens.models import AccessToken, State
from tokens.reasons import Reason, ReasonCode

WORDS = "Seen in a chat of the seventh form"


def revoked(school: School, **said: str) -> AccessToken:
    token = token_of(school.student)
    answer = client_of(school.admin).post(f"/tokens/{token.pk}/revoke/", said)
    assert answer.status_code == 302
    token.refresh_from_db()
    return token


def mailed() -> str:
    notifications.deliver(now=timezone.now())
    return str(mail.outbox[-1].body)


def test_the_owner_learns_the_kind_of_reason_and_its_words(school: School) -> None:
    token = revoked(school, reason_code="leaked", reason=WORDS)
    assert (token.revoked_code, token.revoked_reason) == (ReasonCode.LEAKED, WORDS)
    assert f"The reason given: Token leaked · {WORDS}" in mailed()
    page = text_of(client_of(school.student).get(f"/tokens/{token.pk}/"))
    assert "Token leaked" in page
    assert WORDS in page
    shown = session_of(school.student).get(f"users/self/tokens/{token.pk}").body
    assert (shown["revoked_code"], shown["revoked_reason"]) == ("leaked", WORDS)


def test_a_confidential_reason_is_seen_by_administrators_and_by_nobody_else(school: School) -> None:
    token = revoked(school, reason_code="misuse_suspected", reason=WORDS, is_confidential="on")
    told = mailed()
    page = text_of(client_of(school.student).get(f"/tokens/{token.pk}/"))
    shown = session_of(school.student).get(f"users/self/tokens/{token.pk}").body
    for seen in (told, page, str(shown)):
        assert WORDS not in seen
        assert "isuse" not in seen
    assert "The reason is confidential." in told
    assert "The reason is confidential." in page
    assert school.admin.name in told
    of_admin = text_of(client_of(school.admin).get(f"/tokens/{token.pk}/"))
    assert WORDS in of_admin
    assert "Misuse suspected" in of_admin
    line = AuditEvent.objects.get(action="token.revoke")
    assert (line.reason, line.after["reason_code"], line.after["is_confidential"]) == (WORDS, "misuse_suspected", True)


def test_the_api_takes_the_kind_of_reason_and_keeps_it_from_the_owner(school: School) -> None:
    token = token_of(school.student)
    said = {"reason": WORDS, "reason_code": "misuse_found", "confidential": True}
    answer = session_of(school.admin).delete(f"users/{school.student.pk}/tokens/{token.pk}", said)
    assert (answer.body["revoked_reason"], answer.body["revoked_code"]) == (WORDS, "misuse_found")
    shown = session_of(school.student).get(f"users/self/tokens/{token.pk}").body
    assert (shown["revoked_reason"], shown["revoked_code"]) == ("", "")


def test_a_kind_that_nobody_offers_and_another_reason_without_words_end_nothing(school: School) -> None:
    token = token_of(school.student)
    path = f"users/{school.student.pk}/tokens/{token.pk}"
    caller = session_of(school.admin)
    assert caller.delete(path, {"reason_code": "whim"}).refusal == (400, "reason_code_unknown")
    assert caller.delete(path, {"reason_code": "other"}).refusal == (400, "reason_missing")
    page = text_of(client_of(school.admin).post(f"/tokens/{token.pk}/revoke/", {"reason_code": "other"}))
    assert "Say why." in page
    token.refresh_from_db()
    assert token.state == State.ACTIVE


def test_who_ends_their_own_token_is_asked_for_words_alone(school: School) -> None:
    token = token_of(school.student)
    page = text_of(client_of(school.student).get(f"/tokens/{token.pk}/revoke/"))
    assert 'name="reason"' in page
    assert 'name="reason_code"' not in page
    assert 'name="is_confidential"' not in page


def test_a_reason_is_checked_before_anything_happens() -> None:
    with pytest.raises(Refused) as caught:
        Reason.given("x", "whim")
    assert [each.code for each in caught.value.refusals] == [Code.REASON_CODE_UNKNOWN]
    assert Reason.given(None) == Reason()


def test_many_tokens_move_together_and_those_elsewhere_stay(school: School) -> None:
    now = timezone.now()
    active, stopped, ended = (token_of(school.student, purpose=name) for name in ("active", "stopped", "ended"))
    lifecycle.suspend(stopped, actor=school.admin, now=now)
    lifecycle.revoke(ended, actor=school.admin, now=now)
    ids = [active.pk, stopped.pk, ended.pk]
    reason = Reason("Exam week", ReasonCode.POLICY)
    assert lifecycle.suspend_many(ids, actor=school.admin, now=now, reason=reason) == [active.pk]
    assert sorted(lifecycle.resume_many(ids, actor=school.admin, now=now)) == [active.pk, stopped.pk]
    assert sorted(lifecycle.revoke_many(ids, actor=school.admin, now=now)) == [active.pk, stopped.pk]
    assert lifecycle.revoke_many(ids, actor=school.admin, now=now) == []
    line = AuditEvent.objects.get(action="token.suspend", subject_id=active.pk)
    assert (line.before, line.after) == ({"state": "active"}, {"state": "suspended", "reason_code": "policy"})
