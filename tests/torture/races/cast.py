"""People and tokens for trials: each trial has its own, so that none has to be put back."""

import os
from datetime import datetime, timedelta
from itertools import count

from accounts.models import Account, Course, Enrollment, User
from accounts.roles import Base
from policies.models import Policy
from tests.cast import NOW, School, enroll, person, role
from tokens import secrets
from tokens.lifecycle import Issued
from tokens.models import AccessToken, State
from tokens.verification import verify

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
_numbers = count()
_school: list[School] = []


def school() -> School:
    """The small school, made once."""
    if not _school:
        _school.append(School())
    return _school[0]


def student(where: Course | Account | None = None) -> User:
    """Somebody new who is a student and nothing else; of History unless a place is given."""
    return holding(Base.STUDENT, where or school().history)[0]


def holding(base: Base, where: Course | Account) -> tuple[User, Enrollment]:
    """Somebody new who holds one role."""
    user = person(f"racer-{os.getpid()}-{next(_numbers)}")
    return user, also(user, base, where)


def also(user: User, base: Base, where: Course | Account) -> Enrollment:
    course = where if isinstance(where, Course) else None
    return enroll(user, role(base), None if course else where, course=course)  # type: ignore[arg-type]  # an account


def faculty(**settings: object) -> Account:
    """An account with a policy of its own, and nobody in it: a change of it reaches only who is in this trial."""
    name = "Faculty of " + (", ".join(settings) or "all else")
    account = Account.objects.filter(name=name).first() or Account.objects.create_under(school().root, name=name)
    Enrollment.objects.filter(account=account).delete()
    Policy.objects.filter(account=account).delete()
    Policy.objects.create(account=account, updated_at=NOW, **settings)
    return account


def held(
    owner: User,
    *,
    ends_at: datetime | None = NOW + 30 * DAY,
    state: State = State.ACTIVE,
    creator: User | None = None,
    made_at: datetime = NOW - 30 * DAY,
) -> Issued:
    """A token that its owner has had for a while, and its secret."""
    presented = secrets.generate()
    kept = secrets.keep(presented)
    token = AccessToken.objects.create(
        user=owner,
        creator=creator,
        purpose="Grade dashboard",
        state=State.PENDING if state == State.PENDING else State.ACTIVE,
        created_at=made_at,
        updated_at=made_at,
        secret_made_at=made_at,
        expires_at=ends_at,
        lookup_id=kept.lookup_id,
        tag=kept.tag,
        tag_key=kept.tag_key,
        verifier=kept.verifier,
    )
    if token.state != state:  # none begins so
        AccessToken.objects.filter(pk=token.pk).update(state=state)
        token.state = state
    return Issued(token, presented.text)


def works(secret: str, *, now: datetime = NOW) -> bool:
    """Whether the doors would let it in."""
    return verify(secret, now=now).is_live


def now_of(token: AccessToken) -> AccessToken:
    """The token as it stands in the database."""
    return AccessToken.objects.select_related("user").get(pk=token.pk)
