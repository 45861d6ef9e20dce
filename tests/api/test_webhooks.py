"""Webhooks in the API: added, changed, tested, listed, sent again, deleted."""

from accounts.audit import AuditEvent
from tests.api.caller import bearer_of, manager_of, session_of
from tests.cast import School
from tokens.models import Delivery, DeliveryState, Webhook
from tokens.webhooks.signing import unlock

WISH = {"url": "https://93.184.216.34/in", "description": "Our chat", "events": ["token.revoke", "token.issue"]}


def test_a_webhook_is_added_changed_tested_and_deleted(school: School) -> None:
    admin, path = manager_of(school.arts_admin), f"accounts/{school.arts.pk}/webhooks"
    added = admin.post(path, WISH)
    assert added.status == 200, added.body
    one = f"{path}/{added.body['id']}"
    assert added.body["secret"] == unlock(Webhook.objects.get().secret)
    assert added.body["events"] == ["token.issue", "token.revoke"]
    [listed] = admin.get(path).body
    assert "secret" not in listed
    assert admin.get(one).body == listed
    assert admin.post(path, WISH).refusal == (409, "webhook_taken")
    changed = admin.put(one, {"description": "", "is_on": False}).body
    assert (changed["url"], changed["description"], changed["off_because"]) == (WISH["url"], "", "asked")
    assert admin.post(f"{one}/test").refusal == (409, "webhook_off")
    assert admin.put(one, {"is_on": True}).body["is_on"] is True
    sent = admin.post(f"{one}/test").body
    assert (sent["event"], sent["state"]) == ("webhook.test", "waiting")
    assert [message["id"] for message in admin.get(f"{one}/messages").body] == [sent["id"]]
    assert admin.post(f"{one}/replay").body == {"count": 0}
    Delivery.objects.update(state=DeliveryState.FAILED, due_at=None)
    assert admin.post(f"{one}/replay").body == {"count": 1}
    assert admin.post(f"{one}/messages/{sent['id']}/replay").body == {"count": 1}
    assert admin.post(f"{one}/messages/msg_none/replay").status == 404
    assert admin.delete(one).body["id"] == added.body["id"]
    assert admin.get(one).status == 404
    assert added.body["secret"] not in str(list(AuditEvent.objects.values()))


def test_out_of_reach_is_not_there(school: School) -> None:
    path = f"accounts/{school.arts.pk}/webhooks"
    number = session_of(school.arts_admin).post(path, WISH).body["id"]
    for who in (school.science_admin, school.teacher, school.student):
        stranger = session_of(who)
        for method, address in (
            ("GET", path),
            ("POST", path),
            *((method, f"{path}/{number}") for method in ("GET", "PUT", "DELETE")),
            ("POST", f"{path}/{number}/test"),
            ("POST", f"{path}/{number}/replay"),
            ("GET", f"{path}/{number}/messages"),
        ):
            assert stranger.call(method, address, WISH if method in {"POST", "PUT"} else None).status == 404
    elsewhere = f"accounts/{school.science.pk}/webhooks/{number}"
    assert session_of(school.admin).get(elsewhere).status == 404
    assert session_of(school.admin).get(f"{path}/x").status == 404
    plain = bearer_of(school.arts_admin)
    assert plain.get(path).status == 200
    for method, address in (("POST", path), ("PUT", f"{path}/{number}"), ("DELETE", f"{path}/{number}")):
        assert plain.call(method, address, WISH if method != "DELETE" else None).refusal == (403, "insufficient_scope")
    assert Webhook.objects.get().is_on


def test_bad_bodies_add_nothing(school: School) -> None:
    admin, path = session_of(school.arts_admin), f"accounts/{school.arts.pk}/webhooks"
    assert admin.post(path, {}).codes == ["webhook_url_invalid", "webhook_events_missing"]
    for said, code in (
        ({**WISH, "url": "https://10.0.0.1/"}, "webhook_url_private"),
        ({**WISH, "events": ["token.sing"]}, "webhook_event_unknown"),
        ({**WISH, "events": "token.issue"}, "parameter_invalid"),
        ({**WISH, "url": 1}, "parameter_invalid"),
    ):
        assert admin.post(path, said).refusal == (400, code)
    assert not Webhook.objects.exists()
