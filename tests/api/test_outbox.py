"""The mails of the school, in the API."""

from django.utils import timezone

from tests.api.caller import bearer_of, manager_of, session_of
from tests.cast import School
from tests.notices.test_outbox import MOST, owed
from tokens.models import Notice


def test_mails_are_listed_by_state_event_and_person(school: School) -> None:
    sent = owed(school.student, school.admin, sent_at=timezone.now(), attempts=1)
    given_up = owed(school.teacher, school.admin, attempts=MOST, last_error="550 No such person")
    admin = bearer_of(school.admin)
    first, second = admin.get("notices").body
    assert (first["id"], first["state"], first["kind"], first["event"]) == (sent.pk, "sent", "security", "token.revoke")
    assert (second["id"], second["state"], second["last_error"]) == (given_up.pk, "given_up", "550 No such person")
    for query, expected in {
        "state=sent": [sent.pk],
        f"user_id={school.teacher.pk}": [given_up.pk],
        "user_id=x": [],
        "event=token.revoke&state=waiting": [],
    }.items():
        assert [each["id"] for each in admin.get(f"notices?{query}").body] == expected


def test_what_was_given_up_is_tried_again(school: School) -> None:
    one, _other = (owed(school.student, school.admin, attempts=MOST) for _ in range(2))
    admin = manager_of(school.admin)
    assert admin.post("notices/retry", {"id": one.pk}).body == {"count": 1}
    assert admin.post("notices/retry", {"id": one.pk}).body == {"count": 0}
    assert admin.post("notices/retry").body == {"count": 1}
    assert admin.post("notices/retry", {"id": 999_999}).status == 404
    assert not Notice.objects.filter(attempts=MOST).exists()


def test_mails_are_out_of_reach_of_everybody_else(school: School) -> None:
    owed(school.student, school.admin, attempts=MOST)
    for who in (school.student, school.arts_admin):
        assert session_of(who).get("notices").status == session_of(who).post("notices/retry").status == 404
    assert bearer_of(school.admin).post("notices/retry").status == 403
    assert Notice.objects.get().attempts == MOST
