"""Messages are made of the audit trail: each line once for each who listens, nothing that is kept from the owner."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import Account
from tests.cast import NOW, School, token
from tokens import lifecycle, webhooks
from tokens.models import TOLD, Delivery, DeliveryState, Webhook, WebhookPlace
from tokens.reasons import Reason
from tokens.webhooks import Wish

LATER = NOW + timedelta(hours=1)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def school(transactional_db: None) -> School:
    """Lines are sealed, and told of, once they are committed."""
    return School()


def listen(school: School, account: Account, *events: str, url: str = "https://93.184.216.34/") -> Webhook:
    return webhooks.add(account, Wish(url, "", events or tuple(TOLD)), actor=school.admin, now=NOW).webhook


def gathered(now: datetime = LATER, most: int = 1000) -> int:
    return sum(webhooks.gather(now=now, most=most))


def told(webhook: Webhook) -> list[Any]:
    return [json.loads(body) for body in webhook.deliveries.order_by("pk").values_list("body", flat=True)]


def test_each_is_told_of_the_people_below_its_account_once(school: School) -> None:
    here, there = listen(school, school.arts, "token.issue"), listen(school, school.science)
    everywhere = listen(school, school.root)
    issued = token(school.student, purpose="Grades", now=LATER)
    lifecycle.revoke(issued.token, actor=school.admin, now=LATER, reason=Reason("It leaked", "leaked"))
    assert (gathered(), gathered()) == (3, 0)
    assert told(there) == []
    made, ended = told(everywhere)
    assert told(here) == [made]
    assert made["type"] == "token.issue"
    assert made["timestamp"] == LATER.isoformat()
    assert (
        made["data"].items()
        >= {
            "token_id": issued.token.pk,
            "hint": issued.token.lookup_id,
            "purpose": "Grades",
            "user_id": school.student.pk,
            "account_id": school.arts.pk,
            "actor_id": school.student.pk,
            "before": {},
            "reason": "",
        }.items()
    )
    assert (ended["type"], ended["data"]["reason"]) == ("token.revoke", "It leaked")
    assert ended["data"]["after"] == {"state": "revoked", "reason_code": "leaked"}
    assert issued.secret.rsplit("_", 1)[1] not in json.dumps(told(everywhere))
    assert Delivery.objects.values("message_id").distinct().count() == 3


def test_what_is_kept_from_the_owner_is_told_nobody(school: School) -> None:
    webhook = listen(school, school.root, "token.suspend")
    reason = Reason("We suspect them", "misuse_suspected", is_confidential=True)
    lifecycle.suspend(token(school.student, now=LATER).token, actor=school.admin, now=LATER, reason=reason)
    gathered()
    [said] = told(webhook)
    assert said["data"]["reason"] == ""
    assert said["data"]["after"] == {"state": "suspended"}


def test_what_was_before_it_or_while_it_was_off_it_is_not_told(school: School) -> None:
    token(school.student, now=NOW - timedelta(seconds=1))
    assert gathered() == 0
    assert WebhookPlace.objects.get().place > 0
    webhook = listen(school, school.root, "token.issue")
    token(school.student, now=NOW - timedelta(seconds=1))
    assert gathered() == 0
    webhooks.switch_off(webhook, actor=school.admin, now=LATER)
    token(school.student, now=LATER)
    assert gathered() == 0
    webhooks.switch_on(webhook, actor=school.admin, now=LATER)
    token(school.student, now=LATER)
    assert gathered() == 1


def test_a_line_whose_transaction_takes_long_is_told_when_it_is_over(school: School) -> None:
    """Its number is smaller than that of one which is committed before it; no cursor over numbers would find it."""
    webhook = listen(school, school.root, "token.issue")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(
                "INSERT INTO accounts_auditevent (at, action, person_id, subject_id, before, after, reason, request_id,"
                " agent) VALUES (%s, 'token.issue', %s, 0, '{}', '{}', '', '', '')",
                [LATER, school.student.pk],
            )
            token(school.student, now=LATER)
            early = gathered()
            cursor.execute("COMMIT")
    finally:
        other.close()
    assert early + gathered() == 2
    assert webhook.deliveries.values("line").distinct().count() == 2


def test_a_job_that_dies_half_way_makes_no_message_twice_and_leaves_none_out(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook = listen(school, school.root, "token.issue")
    for _ in range(4):
        token(school.student, now=LATER)
    save = WebhookPlace.save

    def dies(place: WebhookPlace, **named: Any) -> None:
        if place.place > 2:
            raise KeyboardInterrupt
        save(place, **named)

    with monkeypatch.context() as dying:
        dying.setattr(WebhookPlace, "save", dies)
        with pytest.raises(KeyboardInterrupt):
            gathered(most=2)
    gathered(most=2)
    assert webhook.deliveries.values("line").distinct().count() == webhook.deliveries.count() == 4


def test_old_messages_are_forgotten_but_not_what_waits(school: School) -> None:
    webhook = listen(school, school.root)
    waiting = webhooks.send_test(webhook, actor=school.admin, now=NOW)
    old = webhooks.send_test(webhook, actor=school.admin, now=NOW)
    Delivery.objects.filter(pk=old.pk).update(state=DeliveryState.TAKEN, due_at=None)
    assert webhooks.forget(now=NOW + webhooks.KEPT_FOR) == 0
    assert webhooks.forget(now=NOW + webhooks.KEPT_FOR + timedelta(seconds=1)) == 1
    assert webhook.deliveries.get() == waiting
