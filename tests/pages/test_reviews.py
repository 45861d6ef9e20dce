"""Access reviews on the pages: administrators open and watch them, owners answer on one page."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.audit import AuditEvent
from tests.cast import School
from tests.pages.visits import client_of, text_of, token_of
from tokens import reviews
from tokens.models import Answer, Outcome, Review, ReviewItem, ReviewStage, State


def opened(school: School) -> Review:
    return reviews.open_review(school.arts, name="Autumn", days=21, actor=school.admin, now=timezone.now())


def test_a_review_is_opened_after_a_look_at_whom_it_asks(school: School) -> None:
    token_of(school.student)
    admin, place = client_of(school.arts_admin), f"/reviews/new/{school.arts.pk}/"
    assert "It asks of 1 token that is in use now" in text_of(admin.get(place))
    assert "from 7 to 90" in text_of(admin.post(place, {"name": "Autumn", "days": "3"}))
    assert not Review.objects.exists()
    admin.post(place, {"name": "Autumn", "days": "21"})
    review = Review.objects.get()
    assert (review.name, review.size, review.due_at - review.opened_at) == ("Autumn", 1, timedelta(days=21))
    page = text_of(admin.get(f"/reviews/{review.pk}/"))
    assert "0 of 1 token answered" in page
    assert school.student.name in page
    assert "A review goes on here already" in text_of(admin.post(place, {"name": "Again", "days": "21"}))


@pytest.mark.parametrize(("login", "status"), [("science_admin", 404), ("teacher", 403), ("student", 403)])
def test_a_review_out_of_reach_is_not_there(school: School, login: str, status: int) -> None:
    review, client = opened(school), client_of(getattr(school, login))
    for place in ("", "report.csv"):
        assert client.get(f"/reviews/{review.pk}/{place}").status_code == status
    for act in ("remind", "close", "cancel"):
        assert client.post(f"/reviews/{review.pk}/{act}/").status_code == status
    assert client.get(f"/reviews/new/{school.arts.pk}/").status_code == status
    review.refresh_from_db()
    assert review.stage == ReviewStage.OPEN


def test_an_owner_answers_some_on_one_page_and_the_rest_later(school: School) -> None:
    kept, gone, left = (token_of(school.student) for _ in range(3))
    opened(school)
    owner = client_of(school.student)
    assert "still need 3 tokens" in text_of(owner.get("/tokens/"))
    items = {item.token_id: item for item in ReviewItem.objects.all()}
    said = {
        f"answer-{items[kept.pk].pk}": "needed",
        f"purpose-{items[kept.pk].pk}": "Another purpose",
        f"answer-{items[gone.pk].pk}": "not_needed",
        f"purpose-{items[left.pk].pk}": left.purpose,
    }
    assert owner.post("/tokens/review/", said).status_code == 302
    for each in (kept, gone, left):
        each.refresh_from_db()
        items[each.pk].refresh_from_db()
    assert (kept.purpose, kept.state, gone.state, left.state) == (
        "Another purpose",
        State.ACTIVE,
        State.REVOKED,
        State.ACTIVE,
    )
    assert (items[gone.pk].outcome, items[left.pk].answer) == (Outcome.REVOKED, Answer.NONE)
    assert "still need 1 token" in text_of(owner.get("/tokens/"))


def test_nobody_answers_on_the_page_for_somebody_else(school: School) -> None:
    made = token_of(school.student)
    opened(school)
    item = ReviewItem.objects.get()
    client_of(school.teacher).post("/tokens/review/", {f"answer-{item.pk}": "not_needed"})
    made.refresh_from_db()
    assert made.state == State.ACTIVE


def test_a_purpose_that_cannot_be_is_said_on_the_page(school: School) -> None:
    token_of(school.student)
    opened(school)
    item = ReviewItem.objects.get()
    said = {f"answer-{item.pk}": "needed", f"purpose-{item.pk}": "..."}
    assert 'role="alert"' in client_of(school.student).post("/tokens/review/", said).content.decode()
    item.refresh_from_db()
    assert item.answer == Answer.NONE


def test_the_report_names_each_token_its_answer_and_its_outcome_and_is_noted(school: School) -> None:
    token_of(school.student, purpose="=1+1")
    review = opened(school)
    item = ReviewItem.objects.get()
    client_of(school.student).post("/tokens/review/", {f"answer-{item.pk}": "not_needed"})
    answer = client_of(school.admin).get(f"/reviews/{review.pk}/report.csv")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]  # it streams
    assert "'=1+1" in text
    assert "No longer needed" in text
    assert "Revoked by its owner" in text
    assert AuditEvent.objects.get(action="review.export").account == school.arts


def test_a_review_is_cancelled_and_closed_from_its_page(school: School) -> None:
    token_of(school.student)
    first, admin = opened(school), client_of(school.admin)
    assert "within the last 24 hours" in text_of(admin.post(f"/reviews/{first.pk}/remind/", follow=True))
    admin.post(f"/reviews/{first.pk}/cancel/")
    second = opened(school)
    admin.post(f"/reviews/{second.pk}/close/")
    stages = dict(Review.objects.values_list("pk", "stage"))
    assert (stages[first.pk], stages[second.pk]) == (ReviewStage.CANCELLED, ReviewStage.CLOSING)
