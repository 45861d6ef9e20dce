"""Messages reach a real receiver over TLS, signed as the standard says, again where it did not take them."""

import ssl
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from accounts.audit import AuditEvent
from tests.cast import NOW, School
from tests.webhooks.receiver import HOST, Receiver, drip, flood, listening
from tokens import webhooks
from tokens.models import TOLD, Delivery, DeliveryState, OffBecause, Trouble, Webhook
from tokens.texts import without_secrets
from tokens.webhooks import Wish, delivering
from tokens.webhooks.delivering import MOST_ATTEMPTS, WAITS
from tokens.webhooks.signing import unlock

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def receiver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Receiver]:
    """A receiver inside the school's network, which the school lets in, and whose authority the portal trusts."""
    settings.WEBHOOK_PRIVATE_HOSTS = [HOST]
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with listening(tmp_path) as listener:
        yield listener


def at_home(host: str, port: int, **_kind: object) -> list[tuple[Any, ...]]:
    """A name service that knows our receiver."""
    assert host == HOST
    return [(2, 1, 6, "", ("127.0.0.1", port))]


def webhook_of(school: School, url: str) -> Webhook:
    """A webhook as if its name had been known when it was added."""
    added = webhooks.add(school.root, Wish("https://93.184.216.34/", "", tuple(TOLD)), actor=school.admin, now=NOW)
    Webhook.objects.filter(pk=added.webhook.pk).update(url=url)
    return Webhook.objects.get(pk=added.webhook.pk)


def send(now: datetime = NOW, **more: Any) -> int:
    return webhooks.deliver(clock=lambda: now, resolve=more.pop("resolve", at_home), **more)


@pytest.fixture
def message(school: School, receiver: Receiver) -> Delivery:
    """A test that waits to be sent to the receiver."""
    return webhooks.send_test(webhook_of(school, receiver.url), actor=school.admin, now=NOW)


def test_a_message_is_signed_and_arrives_once(message: Delivery, receiver: Receiver) -> None:
    receiver.answer = b"thanks for tpat_AbCdEfGh12345678_0123456789abcdefghijklmnopqrstuvwxyz0123456789abc"
    receiver.status = 200
    assert (send(), send(NOW + DAY)) == (1, 0)
    [got] = receiver.received
    assert got.is_signed_by(unlock(message.webhook.secret))
    assert not got.is_signed_by("whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
    assert got.headers["webhook-id"] == message.message_id
    assert int(got.headers["webhook-timestamp"]) == int(NOW.timestamp())
    assert got.headers["host"] == f"{HOST}:{receiver.port}"
    assert got.said == {
        "type": "webhook.test",
        "timestamp": NOW.isoformat(),
        "data": {"account_id": message.webhook.account_id, "actor_id": message.webhook.made_by_id},
    }
    message.refresh_from_db()
    assert (message.state, message.status, message.attempts) == (DeliveryState.TAKEN, 200, 1)
    assert message.answer == "thanks for tpat_AbCdEfGh12345678_…"


def test_what_is_not_taken_is_tried_ten_times_with_longer_and_longer_waits(
    message: Delivery, receiver: Receiver
) -> None:
    receiver.status, clock, tried = 500, NOW, []
    while message.state == DeliveryState.WAITING:
        assert message.due_at is not None
        clock = message.due_at
        assert send(clock - SECOND) == 0
        assert send(clock) == 1
        tried.append(clock)
        message.refresh_from_db()
    assert [later - sooner for sooner, later in pairwise(tried)] == WAITS
    assert (message.state, message.attempts) == (DeliveryState.FAILED, MOST_ATTEMPTS)
    assert len({got.headers["webhook-id"] for got in receiver.received}) == 1
    assert len({got.headers["webhook-signature"] for got in receiver.received}) == MOST_ATTEMPTS
    receiver.status = 200
    webhooks.send_again(message.webhook, actor=message.webhook.made_by, now=clock)
    assert send(clock) == 1
    message.refresh_from_db()
    assert (message.state, message.webhook.failing_since) == (DeliveryState.TAKEN, None)
    assert receiver.received[-1].headers["webhook-id"] == message.message_id
    assert AuditEvent.objects.get(action="webhook.replay").after["count"] == 1


@pytest.mark.parametrize(("asked", "waits"), [("600", 10 * MINUTE), ("1", 5 * SECOND), ("999999999", DAY)])
def test_a_receiver_says_how_long_to_wait(message: Delivery, receiver: Receiver, asked: str, waits: timedelta) -> None:
    receiver.status, receiver.headers = 429, {"Retry-After": asked}
    send()
    message.refresh_from_db()
    assert message.due_at == NOW + waits


def test_one_that_is_gone_is_switched_off(message: Delivery, receiver: Receiver) -> None:
    receiver.status = 410
    send()
    message.refresh_from_db()
    assert (message.state, message.webhook.off_because) == (DeliveryState.FAILED, OffBecause.GONE)
    assert AuditEvent.objects.get(action="webhook.disable").actor is None


def test_one_that_takes_nothing_for_five_days_is_switched_off_and_on_again(
    school: School, message: Delivery, receiver: Receiver
) -> None:
    receiver.status = 500
    send()
    webhooks.send_test(message.webhook, actor=school.admin, now=NOW + 5 * DAY)
    send(NOW + 5 * DAY)
    webhook = Webhook.objects.get()
    assert webhook.off_because == OffBecause.FAILING
    assert send(NOW + 6 * DAY) == 0
    receiver.status = 200
    webhooks.switch_on(webhook, actor=school.admin, now=NOW + 6 * DAY)
    assert send(NOW + 6 * DAY) == 2
    assert not Delivery.objects.exclude(state=DeliveryState.TAKEN).exists()


def test_an_address_that_takes_nothing_holds_up_no_other(school: School, message: Delivery, receiver: Receiver) -> None:
    dead = webhook_of(school, "https://dead.example/")
    for _ in range(3):
        webhooks.send_test(dead, actor=school.admin, now=NOW - MINUTE)

    def knows_one(host: str, port: int, **kind: object) -> list[tuple[Any, ...]]:
        if host == HOST:
            return at_home(host, port)
        raise OSError

    assert send(resolve=knows_one) == 2
    assert len(receiver.received) == 1
    assert sorted(dead.deliveries.values_list("attempts", "trouble")) == [(0, ""), (0, ""), (1, Trouble.NAME)]
    assert send(NOW + 2 * SECOND, resolve=knows_one) == 0


def test_a_worker_that_dies_before_it_marks_sends_the_same_message_again(
    message: Delivery, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_about: object) -> bool:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(delivering, "_settle", die)
        with pytest.raises(Killed):
            send()
    assert send(NOW + delivering.LEASE - SECOND) == 0
    assert send(NOW + delivering.LEASE) == 1
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == message.message_id
    assert first.body == second.body
    message.refresh_from_db()
    assert (message.state, message.attempts) == (DeliveryState.TAKEN, 2)


def test_a_redirect_is_not_followed(message: Delivery, receiver: Receiver) -> None:
    receiver.status, receiver.headers = 302, {"Location": receiver.url}
    send()
    message.refresh_from_db()
    assert (message.status, message.state, len(receiver.received)) == (302, DeliveryState.WAITING, 1)


def test_an_answer_that_never_comes_to_its_end_is_too_late(message: Delivery, receiver: Receiver) -> None:
    receiver.instead = drip
    assert send(deadline=0.5) == 1
    message.refresh_from_db()
    assert (message.state, message.trouble) == (DeliveryState.WAITING, Trouble.LATE)


def test_of_a_long_answer_only_the_beginning_is_read(message: Delivery, receiver: Receiver) -> None:
    receiver.instead = flood
    assert send() == 1
    message.refresh_from_db()
    assert (message.state, message.answer) == (DeliveryState.TAKEN, ("no end " * 147)[:1024].strip())


def test_a_certificate_that_nobody_vouches_for_is_refused(
    message: Delivery, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(ssl.get_default_verify_paths().openssl_cafile))
    send()
    message.refresh_from_db()
    assert (message.trouble, receiver.received) == (Trouble.CERTIFICATE, [])


def test_a_name_that_turns_inside_is_not_written_to(message: Delivery, receiver: Receiver, settings: Any) -> None:
    settings.WEBHOOK_PRIVATE_HOSTS = []
    send()
    message.refresh_from_db()
    assert (message.trouble, message.state, receiver.received) == (Trouble.PRIVATE, DeliveryState.WAITING, [])


def test_an_address_is_looked_up_once_for_each_attempt(message: Delivery, receiver: Receiver) -> None:
    looked: list[str] = []

    def rebinds(host: str, port: int, **_kind: object) -> list[tuple[Any, ...]]:
        looked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1" if len(looked) == 1 else "127.0.0.2", port))]

    send(resolve=rebinds)
    assert (len(looked), len(receiver.received)) == (1, 1)


def test_no_log_shows_a_secret(message: Delivery) -> None:
    secret = unlock(message.webhook.secret)
    assert secret not in message.webhook.secret
    assert without_secrets(f"key={secret}, or {secret[:20]}") == "key=whsec_…, or whsec_…"


def test_under_another_key_of_the_portal_nothing_is_sent(message: Delivery, receiver: Receiver, settings: Any) -> None:
    old = settings.SECRET_KEY
    settings.SECRET_KEY = "another one"
    send()
    message.refresh_from_db()
    assert (message.trouble, receiver.received) == (Trouble.SECRET, [])
    settings.SECRET_KEY_FALLBACKS = [old]
    send(NOW + MINUTE)
    assert len(receiver.received) == 1
