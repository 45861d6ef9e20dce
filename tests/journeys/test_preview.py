"""What a change of settings would do, as told before, is what it does: people, tokens, and what is revoked with it."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Max
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.audit import AuditEvent
from accounts.models import Account, User
from accounts.people import membership
from accounts.roles import Base, Permission
from policies import planning
from policies import settings as policy_settings
from policies.comparing import Comparison
from policies.ending import Existing
from policies.governing import Governed, governed_many
from policies.hits import hits
from policies.models import Exemption, PlannedChange, Policy, Stage
from policies.planning import Plan
from policies.preview import Preview, census_for, preview
from policies.rules import Audience
from policies.settings import Change
from tests.cast import NOW, School, endless_token, enroll, person, role
from tokens.models import AccessToken, State

ROLES = (
    (Base.STUDENT, "", ()),
    (Base.OBSERVER, "", ()),
    (Base.TA, "", ()),
    (Base.ADMIN, "Reader", (Permission.USERS_VIEW,)),
    (Base.TEACHER, "Keeper", (Permission.TOKENS_CREATE,)),
)
values = st.fixed_dictionaries(
    {},
    optional={
        "audience": st.none() | st.sampled_from(Audience).map(str),
        "student_cap_days": st.none() | st.integers(1, 120),
        "teaching_cap_days": st.none() | st.integers(1, 3650),
        "admin_cap_days": st.none() | st.integers(1, 3650),
        "observers_count_as_students": st.none() | st.booleans(),
        "scopes_required": st.none() | st.booleans(),
        "student_scopes": st.none() | st.just(["url:GET|/api/v1/users/:id"]),
    },
)
# Each person: whether they may sign in, what they hold (a role, a place), and the ends of their tokens in days.
people = st.lists(
    st.tuples(
        st.booleans(),
        st.lists(st.tuples(st.sampled_from(ROLES), st.integers(0, 2)), max_size=2, unique=True),
        st.lists(st.none() | st.integers(1, 500), max_size=2),
    ),
    max_size=5,
)


# Exemptions: of a person by their number, or of one of ROLES in a place, for so many days.
exemptions = st.lists(
    st.tuples(st.integers(0, 4) | st.sampled_from(ROLES), st.integers(0, 2), st.integers(1, 180)), max_size=3
)


def decisions() -> dict[User, Governed]:
    users = User.objects.in_bulk()
    return {users[pk]: found for pk, found in governed_many(users, now=NOW).items()}


def ends() -> dict[int, datetime | None]:
    return dict(AccessToken.objects.filter(state=State.ACTIVE).values_list("pk", "expires_at"))


def fill(school: School, people: list[Any]) -> None:
    """A few people with tokens, whatever the rules say today."""
    for number, (is_active, held, lives) in enumerate(people):
        user = person(f"p{number}", is_active=is_active)
        for kind, place in held:
            enroll(user, role(*kind), (school.root, school.arts, school.science)[place])
        for days in lives:
            made = endless_token(user)
            end = None if days is None else NOW + timedelta(days=days)
            AccessToken.objects.filter(pk=made.pk).update(expires_at=end, last_used_at=NOW if number % 2 else None)


def exempt(school: School, exemptions: list[Any]) -> None:
    """Write exemptions as they are: that they can hold is not in question here."""
    for whom, place, days in exemptions:
        is_person = isinstance(whom, int)
        Exemption.objects.create(
            account=(school.root, school.arts, school.science)[place],
            person=User.objects.filter(login_id=f"p{whom}").first() or school.student if is_person else None,
            role=None if is_person else role(*whom),
            reason="A thesis",
            starts_at=NOW,
            ends_at=NOW + timedelta(days=days),
        )


def hears(account: Account, user: User, school: School) -> bool:
    """Whether this account says who may create where `user` is at home: the faculty of arts, if it says so itself."""
    home = membership(user, now=NOW).home
    if account == school.root and school.arts.pk in home:
        return not Policy.objects.filter(account=school.arts).exclude(audience=None).exists()
    return account.pk in home


def require_people(said: Preview, before: dict[User, Governed], after: dict[User, Governed]) -> None:
    """Hold the numbers of people to what was decided about each before and after."""
    pairs = [(before[user].decision, after[user].decision) for user in before if user.is_active]
    assert said.people.lose == sum(old.may_create and not new.may_create for old, new in pairs)
    assert said.people.gain == sum(new.may_create and not old.may_create for old, new in pairs)
    assert said.people.limit == sum(new.cap_days != old.cap_days for old, new in pairs)


def require_tokens(said: Preview, before: dict[int, datetime | None], after: dict[int, datetime | None]) -> None:
    """Hold the numbers of tokens to their ends before and after."""
    shorter = [pk for pk, end in before.items() if after[pk] != end]
    new_ends = [end for pk in shorter if (end := after[pk])]
    assert said.tokens.shortened == len(shorter) == len(new_ends)
    assert said.tokens.in_week == sum(end <= NOW + timedelta(days=7) for end in new_ends)
    assert said.tokens.in_month == sum(end <= NOW + timedelta(days=30) for end in new_ends)
    assert said.tokens.used == AccessToken.objects.filter(pk__in=shorter).exclude(last_used_at=None).count()


def lost(before: dict[User, Governed], after: dict[User, Governed]) -> set[int]:
    """Who could create and cannot any more, whether or not they may sign in."""
    return {u.pk for u in before if before[u].decision.may_create and not after[u].decision.may_create}


many = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
pytestmark = pytest.mark.django_db


@many
@given(
    people=people,
    exempted=exemptions,
    root=values,
    arts=values,
    wanted=values,
    place=st.sampled_from(["root", "arts"]),
)
def test_what_the_preview_says_is_what_saving_does(
    db: None,
    people: list[Any],
    exempted: list[Any],
    root: dict[str, Any],
    arts: dict[str, Any],
    wanted: dict[str, Any],
    place: str,
) -> None:
    with transaction.atomic():
        school = School()
        policy_settings.change(school.root, root, actor=None, now=NOW)
        policy_settings.change(school.arts, arts, actor=None, now=NOW)
        fill(school, people)
        exempt(school, exempted)
        account = getattr(school, place)
        said = preview(account, wanted, viewer=membership(school.admin, now=NOW), now=NOW)
        before, ends_before = decisions(), ends()
        change = policy_settings.change(account, wanted, actor=school.admin, now=NOW)
        after = decisions()
        require_people(said, before, after)
        require_tokens(said, ends_before, ends())
        left = AccessToken.objects.filter(user__in=lost(before, after))
        assert said.tokens.left == left.count()
        assert said.tokens.endless == left.filter(expires_at=None).count()
        assert said.tokens.last_end == left.aggregate(Max("expires_at"))["expires_at__max"]
        assert change == (Change(said.tokens.shortened) if said.changed else None)
        audience = Policy.objects.rules_for(account.line).audience
        may = [user for user, found in after.items() if user.is_active and found.decision.may_create]
        assert said.audience[audience] == sum(hears(account, user, school) for user in may)
        transaction.set_rollback(True)


@many
@given(people=people, exempted=exemptions, root=values)
def test_shapes_have_the_ceilings_of_their_people(
    db: None, people: list[Any], exempted: list[Any], root: dict[str, Any]
) -> None:
    with transaction.atomic():
        school = School()
        policy_settings.change(school.root, root, actor=None, now=NOW)
        fill(school, people)
        exempt(school, exempted)
        comparison = Comparison.of(school.root, {}, now=NOW)
        census = census_for(comparison, membership(school.admin, now=NOW), now=NOW)
        by_shapes: Counter[Any] = Counter()
        for shape, number in census.count().items():
            after = comparison.of_shape(shape, census).after
            by_shapes[shape.is_active, after.ceiling, after.exempt_until] += number
        assert by_shapes == Counter(
            (user.is_active, found.decision.ceiling, found.decision.exempt_until) for user, found in decisions().items()
        )
        transaction.set_rollback(True)


@many
@given(
    people=people,
    exempted=exemptions,
    root=values,
    wanted=values,
    actor=st.sampled_from(["admin", "arts_admin", "revoker"]),
    existing=st.sampled_from(Existing),
    grace=st.integers(0, 20),
)
def test_what_a_planned_change_does_to_tokens_is_what_its_preview_says(
    db: None,
    people: list[Any],
    exempted: list[Any],
    root: dict[str, Any],
    wanted: dict[str, Any],
    actor: str,
    existing: Existing,
    grace: int,
) -> None:
    with transaction.atomic():
        school = School()
        policy_settings.change(school.root, root, actor=None, now=NOW)
        fill(school, people)
        exempt(school, exempted)
        revoker = person("revoker")
        enroll(revoker, role(Base.ADMIN, "Revoker", (Permission.POLICY_EDIT, Permission.TOKENS_DELETE)))
        viewer = revoker if actor == "revoker" else getattr(school, actor)
        chosen = NOW + timedelta(days=grace + 25) if existing == Existing.END_ON else None
        plan = Plan(school.root, wanted, existing, chosen, grace_days=grace)
        shown = planning.show(plan, actor=viewer, now=NOW)
        said, before, ends_before = shown.preview.tokens, decisions(), ends()
        listed = {hit.token.pk: hit.new_end for hit in hits(shown.preview)}
        assert len(listed) == said.hit
        planned = planning.save(plan, quoted=shown.quote, typed=said.hit, actor=viewer, now=NOW).planned
        assert (planned is None) == (said.hit == 0)
        if planned is not None:
            planning.begin(planned.pk, now=planned.takes_effect_at)
            require_carried_out(planned, viewer, lost(before, decisions()), ends_before)
            require_listed(listed, ends_before)
        transaction.set_rollback(True)


def require_carried_out(
    planned: PlannedChange, viewer: User, losers: set[int], before: dict[int, datetime | None]
) -> None:
    """Hold what became of tokens to what was foretold, and to the rights of who asked for it."""
    planned.refresh_from_db()
    after, revoked = ends(), AccessToken.objects.filter(state=State.REVOKED)
    assert planned.stage == Stage.APPLIED
    assert planned.shortened == planned.figures["shortened"] == sum(before[pk] != end for pk, end in after.items())
    assert planned.revoked == planned.figures["revoked"] == revoked.count()
    assert all(end <= (before[pk] or end) for pk, end in after.items() if end)
    assert AuditEvent.objects.filter(action="token.revoke", actor=viewer).count() == revoked.count()
    assert {token.user_id for token in revoked} <= losers
    mine = membership(viewer, now=planned.began_at)
    for owner in User.objects.filter(pk__in=losers if planned.existing == Existing.REVOKE else ()):
        living = AccessToken.objects.filter(user=owner).in_use(now=planned.began_at).exists()
        assert not (living and mine.may(Permission.TOKENS_DELETE, membership(owner, now=NOW)))


def require_listed(listed: dict[int, datetime | None], before: dict[int, datetime | None]) -> None:
    """Hold what became of each token to the list that was to be had beforehand; None stands for revoked."""
    after = ends()
    assert listed == {pk: after.get(pk) for pk, end in before.items() if pk not in after or after[pk] != end}
