"""Access reviews in the API: opened, watched, closed, answered."""

from datetime import timedelta

from django.utils import timezone

from tests.api.caller import bearer_of, made, session_of
from tests.cast import School
from tokens import reviews
from tokens.models import Review


def opened(school: School) -> int:
    """Open a review of the arts; its number."""
    answer = session_of(school.arts_admin).post(f"accounts/{school.arts.pk}/reviews", {"name": "Autumn"})
    assert answer.status == 200, answer.body
    assert answer.body["stage"] == "open"
    return int(answer.body["id"])


def test_an_administrator_opens_watches_and_closes_one(school: School) -> None:
    issued, admin = made(school.student), session_of(school.arts_admin)
    number = opened(school)
    [listed] = admin.get(f"accounts/{school.arts.pk}/reviews").body
    assert (listed["id"], listed["tokens"], listed["answered"]) == (number, 1, 0)
    [item] = admin.get(f"reviews/{number}/items?unanswered=true").body
    assert (item["token_id"], item["user_id"], item["answer"]) == (issued.token.pk, school.student.pk, "")
    again = admin.post(f"accounts/{school.arts.pk}/reviews", {"name": "Autumn"})
    assert again.refusal == (409, "review_going")
    assert admin.put(f"reviews/{number}", {"act": "remind"}).refusal == (409, "reminded_today")
    assert admin.put(f"reviews/{number}", {"act": "sing"}).refusal == (400, "review_act_unknown")
    assert admin.put(f"reviews/{number}", {"act": "close"}).body["stage"] in {"closing", "closed"}
    list(reviews.close_in_batches(number, clock=timezone.now))
    assert admin.get(f"reviews/{number}").body["stage"] == "closed"
    assert admin.get(f"reviews/{number}/items").body[0]["outcome"] == "suspended"
    issued.token.refresh_from_db()
    assert issued.token.state == "suspended"


def test_an_owner_answers_and_answers_late(school: School) -> None:
    kept, ended, silent = made(school.student), made(school.student), made(school.student)
    number = opened(school)
    student = session_of(school.student)
    items = {item["token_id"]: item["id"] for item in student.get("users/self/review_items").body}
    assert set(items) == {kept.token.pk, ended.token.pk, silent.token.pk}
    said = student.put(f"users/self/review_items/{items[kept.token.pk]}", {"needed": True, "purpose": "Calendar"})
    assert (said.body["answer"], said.body["new_purpose"]) == ("needed", "Calendar")
    assert (
        student.put(f"users/self/review_items/{items[ended.token.pk]}", {"needed": False}).body["outcome"] == "revoked"
    )
    gone = student.put(f"users/self/review_items/{items[ended.token.pk]}", {"needed": True})
    assert gone.refusal == (409, "review_answered")
    assert student.put(f"users/self/review_items/{items[kept.token.pk]}", {}).refusal == (400, "parameter_invalid")
    list(reviews.close_in_batches(number, clock=lambda: timezone.now() + timedelta(days=22)))
    late = student.put(f"users/self/review_items/{items[silent.token.pk]}", {"needed": "true"})
    assert late.body["outcome"] == "resumed"


def test_out_of_reach_is_not_there(school: School) -> None:
    made(school.student)
    number = opened(school)
    [item] = session_of(school.student).get("users/self/review_items").body
    for who in (school.science_admin, school.teacher, school.student):
        stranger = session_of(who)
        assert stranger.get(f"reviews/{number}").status == 404
        assert stranger.get(f"reviews/{number}/items").status == 404
        assert stranger.put(f"reviews/{number}", {"act": "cancel"}).status == 404
        assert stranger.get(f"accounts/{school.arts.pk}/reviews").status == 404
    assert session_of(school.other_student).put(f"users/self/review_items/{item['id']}", {"needed": True}).status == 404
    assert session_of(school.arts_admin).get("reviews/x").status == 404
    assert bearer_of(school.arts_admin).put(f"reviews/{number}", {"act": "cancel"}).refusal == (
        403,
        "insufficient_scope",
    )
    assert Review.objects.get().stage == "open"


def test_bad_bodies_open_nothing(school: School) -> None:
    admin = session_of(school.arts_admin)
    for said, code in (
        ({}, "name_missing"),
        ({"name": "A", "days": 6}, "number_out_of_range"),
        ({"name": 1}, "parameter_invalid"),
    ):
        assert admin.post(f"accounts/{school.arts.pk}/reviews", said).refusal == (400, code)
    assert not Review.objects.exists()
