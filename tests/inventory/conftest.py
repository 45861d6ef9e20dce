"""A school with tokens of every kind."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from tests import cast
from tests.cast import School
from tests.inventory.listing import moved, use
from tokens import lifecycle
from tokens.models import AccessToken


@pytest.fixture
def crowd(school: School) -> School:
    """One token of each kind; its purpose says which. All are of the history course, made 40 days ago."""
    now = timezone.now()
    made = now - timedelta(days=40)

    def make(purpose: str, owner: User = school.student, days: int | None = 90, **more: Any) -> AccessToken:
        return cast.token(owner, purpose=purpose, days=days, now=made, **more).token

    make("plain")
    make("pending", actor=school.admin)
    lifecycle.suspend(make("suspended"), actor=school.admin, now=now)
    lifecycle.revoke(make("revoked"), actor=school.admin, now=now)
    make("past", days=30)
    make("noted", days=31)
    lifecycle.expire_many(now=made + timedelta(days=31, hours=1), most=1)
    lifecycle.expire_many(now=made + timedelta(days=31, hours=1), most=1)
    moved(AccessToken.objects.get(purpose="past"), expires_at=now - timedelta(hours=1))
    make("soon", days=50)
    make("sooner", days=45)
    make("endless", school.teacher, days=None)
    use(make("busy"), times=5)
    use(make("idle"), ago=timedelta(days=31))
    return school
