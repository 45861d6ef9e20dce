"""Views of all tokens that people keep, share and delete; and the filter by what limits the owners."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.roles import Base, Permission
from policies.exemptions import exempt
from policies.limited import people_limited_by
from policies.models import Policy
from tests import cast
from tests.cast import School, enroll, person, role
from tests.inventory.listing import listed
from tests.pages.visits import client_of, text_of
from tokens.inventory.saved import MOST_EACH
from tokens.models import SavedView


def keep(owner: User, query: str, name: str = "Idle", *, shared: bool = False) -> SavedView:
    answer = client_of(owner).post(
        f"/inventory/views/new/?{query}", {"name": name, **({"is_shared": "yes"} if shared else {})}
    )
    assert answer.status_code == 302, text_of(answer)
    return SavedView.objects.get(name=name)


def test_a_view_keeps_filters_and_order_and_opens_by_its_address(school: School) -> None:
    cast.token(school.student, now=timezone.now())
    view = keep(school.admin, "use=idle&sort=-used&q=Calendar&unknown=1")
    assert view.parameters == {"use": "idle", "q": "Calendar", "sort": "-used"}
    answer = client_of(school.admin).get(f"/inventory/views/{view.pk}/")
    assert answer["Location"] == "/inventory/?q=Calendar&use=idle&sort=-used"
    assert "Idle" in text_of(client_of(school.admin).get("/inventory/"))
    assert "Idle" in text_of(client_of(school.admin).get("/inventory/views/"))


def test_what_is_shared_in_an_account_is_for_who_sees_its_tokens(school: School) -> None:
    own = keep(school.arts_admin, f"account={school.arts.pk}&use=never", "Own")
    shared = keep(school.arts_admin, f"account={school.arts.pk}&use=never", "Ours", shared=True)
    for viewer, reached in ((school.admin, [shared]), (school.science_admin, []), (school.arts_admin, [own, shared])):
        opened = [
            view for view in (own, shared) if client_of(viewer).get(f"/inventory/views/{view.pk}/").status_code == 302
        ]
        assert opened == reached, viewer
    assert client_of(school.student).get(f"/inventory/views/{shared.pk}/").status_code == 403
    assert client_of(school.student).post("/inventory/views/new/", {"name": "x"}).status_code == 403


def test_a_view_is_deleted_by_its_owner_only(school: School) -> None:
    view = keep(school.arts_admin, f"account={school.arts.pk}", shared=True)
    assert client_of(school.admin).post(f"/inventory/views/{view.pk}/delete/").status_code == 404
    assert client_of(school.arts_admin).post(f"/inventory/views/{view.pk}/delete/").status_code == 302
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "Give the view a name."),
        ("x" * 61, "longer than 60"),
        ("a\u202eb", "cannot be seen"),
        ("Idle", "called “Idle” here"),
    ],
)
def test_a_bad_name_is_told_and_keeps_nothing(school: School, name: str, said: str) -> None:
    keep(school.admin, "use=idle")
    assert said in text_of(client_of(school.admin).post("/inventory/views/new/?use=idle", {"name": name}))
    assert SavedView.objects.count() == 1


def test_nobody_keeps_more_than_fifty(school: School) -> None:
    facts = {"owner": school.admin, "account": school.root, "made_at": timezone.now()}
    SavedView.objects.bulk_create(SavedView(name=f"View {n}", **facts) for n in range(MOST_EACH))
    assert "Delete one first" in text_of(client_of(school.admin).post("/inventory/views/new/", {"name": "More"}))


def test_tokens_are_found_by_what_limits_their_owners(school: School) -> None:
    now = timezone.now()
    Policy.objects.create(account=school.arts, teaching_cap_days=300, updated_at=now)
    science_teacher = person("science-teacher")
    enroll(science_teacher, role(Base.TEACHER), course=school.physics)
    for owner in (school.student, school.teacher, science_teacher, school.outsider):
        cast.token(owner, purpose=f"Of {owner.login_id}", now=now)
    assert sorted(listed(school.admin, "limited_by=student_cap")) == ["Of outsider", "Of student"]
    assert listed(school.admin, "limited_by=account_cap") == ["Of teacher"]
    assert listed(school.admin, "limited_by=none") == ["Of science-teacher"]
    assert listed(school.arts_admin, "limited_by=student_cap") == ["Of student"]


def test_everybody_is_limited_by_one_thing_and_an_exemption_lifts_no_limit(school: School) -> None:
    now = timezone.now()
    exempt(school.student, school.arts, ends_at=now + timedelta(days=30), reason="Thesis", actor=school.admin, now=now)
    found = [people_limited_by(limit, now=now).strip("{}") for limit in ("student_cap", "account_cap", None)]
    ids = [int(number) for part in found if part for number in part.split(",")]
    assert sorted(ids) == sorted(User.objects.values_list("pk", flat=True))
    assert str(school.student.pk) in found[0].split(",")


def test_who_holds_tokens_view_alone_keeps_views_too(school: School) -> None:
    looker = person("looker")
    enroll(looker, role(Base.DESIGNER, "Looker", (Permission.TOKENS_VIEW,)), school.arts)
    assert keep(looker, f"account={school.arts.pk}&use=never", "Mine").account == school.arts
