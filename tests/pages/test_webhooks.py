"""The pages of webhooks: who may, the secret once, the list of messages and its buttons."""

import re
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Account, User
from tests.cast import School
from tests.pages.visits import client_of, text_of
from tokens import webhooks
from tokens.models import TOLD, Delivery, DeliveryState, Webhook
from tokens.webhooks import Wish
from tokens.webhooks.signing import unlock

URL = "https://93.184.216.34/in"
SECRET = re.compile(r"whsec_[0-9A-Za-z+/]{43}=")


def plain(answer: Any) -> str:
    return re.sub(r"<[^>]+>", "", text_of(answer))


def add(user: User, account: Account, **fields: Any) -> Any:
    given = {"account": account.pk, "url": URL, "description": "Our chat", "events": ["token.revoke"], **fields}
    return client_of(user).post("/webhooks/new/", given)


def added(school: School, account: Account | None = None) -> Webhook:
    wish = Wish(URL, "Our chat", ("token.revoke",))
    return webhooks.add(account or school.arts, wish, actor=school.admin, now=timezone.now()).webhook


def act(user: User, webhook: Webhook, named: str, **fields: Any) -> Any:
    return client_of(user).post(f"/webhooks/{webhook.pk}/act/", {"act": named, **fields}, follow=True)


def test_they_are_for_who_edits_the_policy_of_an_account(school: School) -> None:
    webhook = added(school)
    pages = ("/webhooks/", "/webhooks/new/", *(f"/webhooks/{webhook.pk}/{name}" for name in ("", "edit/", "delete/")))
    for page in pages:
        assert client_of(school.arts_admin).get(page).status_code == 200
        assert client_of(school.science_admin).get(page).status_code == (200 if page in pages[:2] else 404)
        assert client_of(school.teacher).get(page).status_code == 403
    assert act(school.science_admin, webhook, "off").status_code == 404
    assert client_of(school.science_admin).post(f"/webhooks/{webhook.pk}/delete/").status_code == 404
    assert URL not in text_of(client_of(school.science_admin).get("/webhooks/"))
    assert "No webhook yet" in text_of(client_of(school.science_admin).get("/webhooks/"))
    assert 'href="/webhooks/"' not in text_of(client_of(school.teacher).get("/tokens/"))
    assert Webhook.objects.get().is_on
    assert "valid choice" in text_of(add(school.science_admin, school.arts, url="https://93.184.216.34/2"))


def test_its_secret_is_shown_once_and_kept_encrypted(school: School) -> None:
    answer = add(school.arts_admin, school.arts)
    webhook = Webhook.objects.get()
    [secret] = set(SECRET.findall(plain(answer)))
    assert unlock(webhook.secret) == secret
    assert secret not in str(list(Webhook.objects.values())) + str(list(AuditEvent.objects.values()))
    assert "no-store" in answer.headers["Cache-Control"]
    again = plain(add(school.arts_admin, school.arts))
    assert "This account has a webhook to this address already." in again
    assert not SECRET.search(again)
    shown = text_of(client_of(school.arts_admin).get(f"/webhooks/{webhook.pk}/"))
    assert URL in shown
    assert "whsec_" not in shown


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"url": ""}, "Write an address that begins with https://"),
        ({"url": "https://10.0.0.1/"}, "where the portal writes to nobody"),
        ({"events": []}, "Choose at least one event."),
        ({"events": ["token.sing"]}, "There is no event “token.sing”."),
        ({"description": "x" * 256}, "cannot be longer than 255 characters."),
    ],
)
def test_what_is_wrong_is_said_beside_it(school: School, fields: dict[str, Any], sentence: str) -> None:
    text = text_of(add(school.admin, school.root, **fields))
    assert sentence in text
    assert 'class="err"' in text
    assert not Webhook.objects.exists()


def test_an_account_has_so_many(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tokens.webhooks.keeping.MOST", 1)
    added(school, school.arts)
    assert "An account can have 1 webhooks." in text_of(add(school.admin, school.arts, url=f"{URL}/2"))


def test_it_is_changed_switched_off_and_on_and_deleted(school: School) -> None:
    webhook, client = added(school), client_of(school.arts_admin)
    fields = {"url": f"{URL}/2", "description": "", "events": ["token.issue", "token.revoke"]}
    assert "Saved." in text_of(client.post(f"/webhooks/{webhook.pk}/edit/", fields, follow=True))
    client.post(f"/webhooks/{webhook.pk}/edit/", fields)
    assert "Switched off." in text_of(act(school.arts_admin, webhook, "off"))
    assert "Switch it on first." in text_of(act(school.arts_admin, webhook, "test"))
    assert "Switched on." in text_of(act(school.arts_admin, webhook, "on"))
    assert act(school.arts_admin, webhook, "sing").status_code == 404
    assert "Delete the webhook?" in text_of(client.get(f"/webhooks/{webhook.pk}/delete/"))
    assert "Deleted." in text_of(client.post(f"/webhooks/{webhook.pk}/delete/", follow=True))
    assert not Webhook.objects.exists()
    lines = AuditEvent.objects.filter(action__startswith="webhook").order_by("pk")
    verbs = ("add", "change", "disable", "enable", "remove")
    assert list(lines.values_list("action", flat=True)) == [f"webhook.{verb}" for verb in verbs]
    assert set(lines.values_list("account", flat=True)) == {school.arts.pk}
    log = text_of(client_of(school.admin).get("/audit/?kind=webhook"))
    for words in ("Webhook added", "Webhook changed", "Webhook switched off", "Webhook deleted", "Generated, Revoked"):
        assert words in log


def test_messages_are_listed_page_by_page_and_sent_again(school: School, django_assert_max_num_queries: Any) -> None:
    webhook = added(school)
    for number in range(30):
        Delivery.objects.create(
            webhook=webhook,
            line=number,
            message_id=f"msg_{number}",
            event=list(TOLD)[number % len(TOLD)],
            body="{}",
            made_at=timezone.now(),
            state=DeliveryState.FAILED if number % 2 else DeliveryState.TAKEN,
            attempts=10,
            took_ms=1234,
            status=500 + number,
            answer="<b>Sorry</b>",
        )
    client = client_of(school.arts_admin)
    with django_assert_max_num_queries(12):
        first = text_of(client.get(f"/webhooks/{webhook.pk}/"))
    assert "&lt;b&gt;Sorry" in first
    assert "1,234" in first
    assert "Send 15 again that were given up" in first
    assert [number for number in range(30) if f"<b>{500 + number}</b>" in first] == list(range(5, 30))
    older = re.search(r'href="(\?before=\d+)"', first)
    assert older
    second = text_of(client.get(f"/webhooks/{webhook.pk}/{older[1]}"))
    assert [number for number in range(30) if f"<b>{500 + number}</b>" in second] == list(range(5))
    taken = Delivery.objects.get(line=0)
    assert "1 message is sent again." in text_of(act(school.arts_admin, webhook, "again", message=taken.pk))
    assert "15 messages are sent again." in text_of(act(school.arts_admin, webhook, "again"))
    assert Delivery.objects.filter(state=DeliveryState.WAITING, attempts=0).count() == 16
    assert list(AuditEvent.objects.filter(action="webhook.replay").values_list("after__count", flat=True)) == [1, 15]


def test_a_test_waits_in_the_list(school: School) -> None:
    webhook = added(school)
    text = text_of(act(school.arts_admin, webhook, "test"))
    assert "A test is on its way." in text
    assert "not tried yet" in text
    assert Delivery.objects.get().event == "webhook.test"
