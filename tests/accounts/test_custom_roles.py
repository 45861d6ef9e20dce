"""The roles that a school makes for itself: who makes and changes them, who gives and ends them, and what follows."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts import defining, granting
from accounts.audit import AuditEvent
from accounts.denials import Denied, Why
from accounts.models import Account, Role, User
from accounts.people import membership
from accounts.roles import Base, EnrollmentState, Grant, Permission, Standing, may_give
from policies import settings
from policies.refusals import Code, of_denied
from policies.wording import sentence
from tests.accounts.roster import load, write
from tests.cast import NOW, School, enroll, person, role, token

VIEW, EDIT = Permission.USERS_VIEW, Permission.POLICY_EDIT
DESK = (Permission.TOKENS_VIEW, Permission.USERS_VIEW)


def why(act: Callable[[], object]) -> Why:
    with pytest.raises(Denied) as denied, transaction.atomic():
        act()
    return denied.value.why


def define(
    actor: User | None, label: str = "Help desk", base: str = "admin", permissions: tuple[str, ...] = DESK
) -> Role:
    return defining.define(label, base, permissions, actor=actor, now=NOW)


def permissions_of(user: User) -> frozenset[Permission]:
    return membership(user, now=NOW).standing.permissions


def editor_of(account: Account, *permissions: Permission) -> User:
    """Somebody who may give roles in an account, and holds these rights beside."""
    made = person(f"editor{account.pk}")
    enroll(made, role(Base.ADMIN, f"Editor {account.pk}", (EDIT, *permissions)), account)
    return made


@pytest.mark.parametrize(
    ("held", "wanted", "path", "may"),
    [
        ({EDIT, VIEW}, {VIEW}, (1, 2), True),
        ({EDIT, VIEW}, {VIEW}, (1, 2, 3), True),
        ({EDIT, VIEW}, {VIEW}, (1,), False),
        ({EDIT, VIEW}, {VIEW}, (1, 3), False),
        ({VIEW}, {VIEW}, (1, 2), False),
        ({EDIT}, {VIEW}, (1, 2), False),
        ({EDIT}, set(), (1, 2), True),
        ({VIEW}, set(), (1, 2), False),
    ],
)
def test_nobody_gives_what_they_do_not_hold_there(
    held: set[Permission], wanted: set[Permission], path: tuple[int, ...], may: bool
) -> None:
    actor = Standing((Grant(base=Base.ADMIN, label="", permissions=frozenset(held), path=(1, 2)),))
    assert may_give(actor, frozenset(wanted), path) is may


def test_a_role_is_made_with_its_line_in_the_trail(school: School) -> None:
    made = define(school.admin, " Help desk ", permissions=("users.view", "tokens.view"))

    assert (made.label, made.base, made.permissions) == ("Help desk", "admin", ["tokens.view", "users.view"])
    event = AuditEvent.objects.get(action="role.add")
    assert (event.actor, event.subject_id) == (school.admin, made.pk)
    assert event.after == {"label": "Help desk", "base": "admin", "permissions": ["tokens.view", "users.view"]}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"label": " "}, Why.ROLE_LABEL_MISSING),
        ({"label": "student"}, Why.ROLE_LABEL_TAKEN),
        ({"label": "ACCOUNT admin"}, Why.ROLE_LABEL_TAKEN),
        ({"label": "Teacher Enrollment"}, Why.ROLE_LABEL_TAKEN),
        ({"label": "AccountAdmin"}, Why.ROLE_LABEL_TAKEN),
        ({"label": "Administrator"}, None),
        ({"base": "dean"}, Why.ROLE_BASE_UNKNOWN),
        ({"permissions": ("tokens.steal",)}, Why.RIGHTS_NOT_HELD),
    ],
)
def test_what_no_role_can_be(school: School, fields: dict[str, object], reason: Why | None) -> None:
    if reason is None:
        define(school.admin, **fields)  # type: ignore[arg-type]
    else:
        assert why(lambda: define(school.admin, **fields)) == reason  # type: ignore[arg-type]
        assert not Role.objects.filter(is_builtin=False).exists()


def test_two_roles_never_have_one_name(school: School) -> None:
    define(school.admin)
    other = define(school.admin, "Other")
    assert why(lambda: define(school.admin, "HELP DESK")) == Why.ROLE_LABEL_TAKEN
    assert (
        why(lambda: defining.change(other, label="help desk", permissions=(), actor=None, now=NOW))
        == Why.ROLE_LABEL_TAKEN
    )


@pytest.mark.parametrize("login", ["student", "teacher", "arts-admin", "outsider"])
def test_only_who_edits_the_policy_of_the_whole_school_makes_and_changes_roles(school: School, login: str) -> None:
    actor, made = User.objects.get(login_id=login), define(None)
    for act in (
        lambda: define(actor, "Another"),
        lambda: defining.change(made, label="Desk", permissions=(), actor=actor, now=NOW),
        lambda: defining.retire(made, actor=actor, now=NOW),
    ):
        with pytest.raises(PermissionDenied), transaction.atomic():
            act()
    made.refresh_from_db()
    assert (made.label, made.retired_at) == ("Help desk", None)


def test_nobody_makes_changes_or_retires_a_role_with_a_right_that_they_lack(school: School) -> None:
    editor = editor_of(school.root, VIEW)
    desk, view = define(None), define(None, "Viewer", permissions=("users.view",))

    assert why(lambda: define(editor, "Mine")) == Why.RIGHTS_NOT_HELD
    assert (
        why(lambda: defining.change(desk, label="Desk", permissions=(), actor=editor, now=NOW)) == Why.RIGHTS_NOT_HELD
    )
    assert (
        why(lambda: defining.change(view, label="Viewer", permissions=DESK, actor=editor, now=NOW))
        == Why.RIGHTS_NOT_HELD
    )
    assert why(lambda: defining.retire(desk, actor=editor, now=NOW)) == Why.RIGHTS_NOT_HELD
    assert defining.change(view, label="Looks", permissions=("users.view", "policy.edit"), actor=editor, now=NOW) == 0


def test_a_built_in_role_cannot_be_changed(school: School) -> None:
    for built_in in Role.objects.filter(is_builtin=True):
        with pytest.raises(PermissionDenied), transaction.atomic():
            defining.change(built_in, label="X", permissions=(), actor=school.admin, now=NOW)
        with pytest.raises(PermissionDenied), transaction.atomic():
            defining.retire(built_in, actor=school.admin, now=NOW)


def test_a_change_holds_at_once_for_everybody_and_their_tokens(school: School) -> None:
    """A role with a right makes its holder one who administrates, for whom another limit may hold (R3)."""
    settings.change(school.root, {"teaching_cap_days": 30}, actor=None, now=NOW)
    desk = define(None, base="teacher")
    granting.give(school.outsider, desk, school.root, actor=school.admin, now=NOW)
    made = token(school.outsider, days=None).token
    assert permissions_of(school.outsider) == set(DESK)

    assert defining.change(desk, label="Help desk", permissions=(), actor=school.admin, now=NOW) == 1

    made.refresh_from_db()
    assert made.expires_at == NOW + timedelta(days=30)
    assert permissions_of(school.outsider) == set()
    event = AuditEvent.objects.get(action="role.change")
    assert (event.before, event.after) == ({"permissions": ["tokens.view", "users.view"]}, {"permissions": []})


def test_a_new_name_alone_is_kept_and_what_changes_nothing_leaves_no_line(school: School) -> None:
    desk = define(None)
    assert defining.change(desk, label="Help desk", permissions=DESK, actor=school.admin, now=NOW) is None
    assert not AuditEvent.objects.filter(action="role.change").exists()
    assert defining.change(desk, label="Service desk", permissions=DESK, actor=school.admin, now=NOW) == 0
    assert AuditEvent.objects.get(action="role.change").after == {"label": "Service desk"}


def test_a_retired_role_is_kept_by_its_holders_and_given_to_nobody(school: School) -> None:
    desk = define(None)
    held = granting.give(school.outsider, desk, school.root, actor=school.admin, now=NOW)

    assert not defining.retire(desk, actor=school.admin, now=NOW)
    assert not defining.retire(desk, actor=school.admin, now=NOW)

    assert permissions_of(school.outsider) == set(DESK)
    assert AuditEvent.objects.filter(action="role.retire").count() == 1
    to_another = partial(granting.give, school.teacher, desk, school.root, actor=school.admin, now=NOW)
    assert why(to_another) == Why.ROLE_RETIRED
    assert desk not in granting.roles_to_give(membership(school.admin, now=NOW).standing)
    assert granting.end(school.outsider, [held.pk], actor=school.admin, now=NOW) == 1


def test_a_role_that_nobody_ever_held_goes_altogether(school: School) -> None:
    assert defining.retire(define(None), actor=school.admin, now=NOW)
    assert not Role.objects.filter(label="Help desk").exists()
    assert AuditEvent.objects.get(action="role.retire").before["label"] == "Help desk"


def test_people_are_counted_once_however_often_they_hold_a_role(school: School) -> None:
    desk = define(None)
    for account in (school.arts, school.science):
        granting.give(school.outsider, desk, account, actor=school.admin, now=NOW)
    enroll(school.teacher, desk, school.arts, ends_at=NOW)
    counts = defining.holders(NOW)
    assert counts[desk.pk] == 1
    assert counts[role(Base.STUDENT).pk] == 2
    assert role(Base.OBSERVER).pk not in counts


def test_a_role_is_given_until_a_day_and_given_again_for_good(school: School) -> None:
    until = NOW + timedelta(days=5)
    held = granting.give(school.student, role(Base.TA), school.arts, until=until, actor=school.admin, now=NOW)
    assert held.ends_at == until
    assert Base.TA in membership(school.student, now=until - timedelta(seconds=1)).standing.bases
    assert Base.TA not in membership(school.student, now=until).standing.bases

    again = granting.give(school.student, role(Base.TA), school.arts, actor=school.admin, now=NOW)
    assert (again.pk, again.ends_at) == (held.pk, None)
    assert AuditEvent.objects.filter(action="enrollment.add", actor=school.admin).count() == 1


def test_a_part_of_the_school_is_given_roles_by_who_administrates_it(school: School) -> None:
    give = partial(granting.give, actor=school.arts_admin, now=NOW)
    assert give(school.student, role(Base.ADMIN), school.arts).pk
    for who, where in ((school.teacher, school.root), (school.teacher, school.science), (school.outsider, school.arts)):
        with pytest.raises(PermissionDenied), transaction.atomic():
            give(who, role(Base.TA), where)


def test_nobody_gives_a_role_whose_rights_they_lack_there(school: School) -> None:
    editor = editor_of(school.arts, VIEW)
    give = partial(granting.give, school.student, account=school.arts, actor=editor, now=NOW)
    assert why(lambda: give(role(Base.ADMIN))) == Why.RIGHTS_NOT_HELD
    assert why(lambda: give(define(None))) == Why.RIGHTS_NOT_HELD
    assert give(role(Base.TA)).pk
    assert give(define(None, "Viewer", permissions=("users.view",))).pk
    assert permissions_of(school.student) == {VIEW}
    offered = {each.label for each in granting.roles_to_give(membership(editor, now=NOW).standing)}
    assert offered == {"Student", "Teacher", "TA", "Designer", "Observer", "Viewer", f"Editor {school.arts.pk}"}


def test_who_sees_people_and_makes_tokens_gives_no_roles(school: School) -> None:
    desk = person("desk")
    enroll(desk, role(Base.ADMIN, "Desk", tuple(set(Permission) - {EDIT})), school.root)
    with pytest.raises(PermissionDenied), transaction.atomic():
        granting.give(school.student, role(Base.TA), school.arts, actor=desk, now=NOW)
    with pytest.raises(PermissionDenied), transaction.atomic():
        granting.end(school.student, [school.student.enrollments.get().pk], actor=desk, now=NOW)


def test_nobody_gives_to_or_takes_from_a_person_who_holds_rights_they_lack(school: School) -> None:
    editor = editor_of(school.arts, VIEW)
    enroll(school.arts_admin, role(Base.TA), school.arts)
    with pytest.raises(PermissionDenied), transaction.atomic():
        granting.give(school.arts_admin, role(Base.TA), school.arts, actor=editor, now=NOW)
    ids = list(school.arts_admin.enrollments.values_list("pk", flat=True))
    with pytest.raises(PermissionDenied), transaction.atomic():
        granting.end(school.arts_admin, ids, actor=editor, now=NOW)
    assert not school.arts_admin.enrollments.exclude(state=EnrollmentState.ACTIVE).exists()


def test_what_one_may_not_end_keeps_the_others_from_ending_too(school: School) -> None:
    """Rights that are held by the target below are held by the actor above, but not in another account."""
    editor = person("editor")
    enroll(editor, role(Base.ADMIN, "Plain editor", (EDIT,)), school.root)
    enroll(editor, role(Base.ADMIN), school.science)
    viewer = role(Base.ADMIN, "Viewer", (VIEW,))
    held = enroll(school.student, role(Base.TA), school.arts), enroll(school.student, viewer, school.arts, ends_at=NOW)
    with pytest.raises(PermissionDenied), transaction.atomic():
        granting.end(school.student, [each.pk for each in held], actor=editor, now=NOW)
    assert granting.end(school.student, [held[0].pk], actor=editor, now=NOW) == 1


def test_the_last_other_role_ended_by_hand_brings_the_tokens_under_the_cap(school: School) -> None:
    made = token(school.teacher, days=None).token
    granting.end(school.teacher, [school.teacher.enrollments.get().pk], actor=school.admin, now=NOW)
    made.refresh_from_db()
    assert made.expires_at == NOW + timedelta(days=120)


def test_roles_of_others_cannot_be_ended_by_way_of_somebody(school: School) -> None:
    foreign = school.other_student.enrollments.get()
    assert granting.end(school.student, [foreign.pk], actor=school.admin, now=NOW) == 0
    foreign.refresh_from_db()
    assert foreign.state == EnrollmentState.ACTIVE


def test_a_roster_gives_a_retired_role_to_nobody_and_may_end_it(school: School, tmp_path: Path) -> None:
    desk = define(None)
    User.objects.filter(pk=school.teacher.pk).update(sis_user_id="t")
    User.objects.filter(pk=school.student.pk).update(sis_user_id="s")
    enroll(school.teacher, desk, school.root)
    defining.retire(desk, actor=None, now=NOW)
    header = "user_id,account_id,role,status\n"

    kept = load(write(tmp_path, {"admins.csv": f"{header}t,,Help desk,active\ns,,Help desk,active\n"}))
    assert kept.problems == ["admins.csv:3: role “Help desk” is retired"]
    assert kept.changed("admins") == (0, 0, 0)

    ended = load(write(tmp_path, {"admins.csv": f"{header}t,,Help desk,deleted\ns,,Help desk,deleted\n"}))
    assert (ended.problems, ended.changed("admins")) == ([], (0, 0, 1))


@pytest.mark.parametrize("reason", list(Why))
def test_every_reason_has_its_code_and_sentence(reason: Why) -> None:
    [refusal] = of_denied(Denied(reason, "role", label="Help desk")).refusals
    assert refusal.code == Code(reason.value)
    assert "%" not in sentence(refusal)
