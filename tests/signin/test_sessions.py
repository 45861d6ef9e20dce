"""What is left of those who came, or only looked in."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.tasks import forget_sessions
from tests.cast import School
from tests.pages.visits import client_of


def test_sessions_that_are_over_are_forgotten_and_no_others(school: School) -> None:
    over, still = client_of(school.student), client_of(school.teacher)
    Session.objects.filter(pk=over.session.session_key).update(expire_date=timezone.now() - timedelta(seconds=1))
    assert forget_sessions() == 1
    assert over.get("/tokens/").status_code == 302
    assert still.get("/tokens/").status_code == 200
