"""What Canvas has comes here, by the rules of every roster, and stays as it is while Canvas does."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.audit import AuditEvent
from accounts.models import Account, Course, Enrollment, User
from accounts.roles import Base, Permission
from accounts.rosters import Mentioned
from tests.accounts.roster import dump
from tests.canvas.conftest import Runner
from tests.canvas.server import Canvas
from tests.cast import NOW, endless_token, enroll, person, role
from tokens.models import AccessToken

Held = set[tuple[str, str, str]]


def held(login_id: str) -> Held:
    """What somebody holds: base, where, state."""
    rows = Enrollment.objects.filter(user__login_id=login_id).select_related("role", "account", "course")
    return {(row.role.base, row.course.code if row.course else row.account.name, row.state) for row in rows}


def test_a_school_comes_in(run: Runner) -> None:
    done = run()

    assert (done.problems, done.left_out) == ({}, {})
    assert {kind: counts.created for kind, counts in done.report.counts.items()} == {
        "accounts": 2,
        "users": 4,
        "courses": 2,
        "enrollments": 4,
        "admins": 1,
    }
    english, ann = Account.objects.get(sis_account_id="A3"), User.objects.get(sis_user_id="U11")
    assert english.path == [Account.objects.root().pk, Account.objects.get(sis_account_id="A2").pk, english.pk]
    assert (ann.login_id, ann.name, ann.sortable_name) == ("ann", "Ann Person", "Person, Ann")
    assert (ann.short_name, ann.email, ann.has_usable_password()) == ("Ann", "ann@school.example", False)
    assert held("ann") == {("teacher", "CRS 21", "active")}
    assert held("bob") == {("student", "CRS 21", "active"), ("student", "CRS 22", "active")}
    assert held("dan") == {("admin", "Arts", "active")}
    assert Course.objects.get(code="CRS 21").account == english
    assert Enrollment.objects.get(course__code="CRS 22").sis_section_id == "S22"


def test_a_second_run_changes_nothing(run: Runner) -> None:
    run()
    before, known = dump(), list(Mentioned.objects.order_by("pk").values_list())

    done = run()

    assert (done.report.changed, dump(), list(Mentioned.objects.order_by("pk").values_list())) == (0, before, known)


def test_a_dry_run_says_the_same_and_changes_nothing(run: Runner) -> None:
    before = dump()

    dry = run(dry_run=True)

    assert dump() == before
    assert not Mentioned.objects.exists()
    assert dry.report.counts == run().report.counts


def test_who_moves_to_another_course_moves_here(run: Runner, canvas: Canvas) -> None:
    run()
    canvas.enrollments[3]["enrollment_state"] = "deleted"
    canvas.enroll(13, 22)

    run()

    assert held("cat") == {("student", "CRS 21", "deleted"), ("student", "CRS 22", "active")}


def test_a_course_moves_with_its_roles(run: Runner, canvas: Canvas) -> None:
    run()
    canvas.courses[21]["account_id"] = 2

    run()

    assert {row.account.name for row in Enrollment.objects.filter(course__code="CRS 21")} == {"Arts"}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("active", "active"),
        ("invited", "inactive"),
        ("creation_pending", "inactive"),
        ("inactive", "inactive"),
        ("completed", "completed"),
        ("rejected", "deleted"),
        ("deleted", "deleted"),
    ],
)
def test_each_state_of_an_enrollment_has_its_meaning(run: Runner, canvas: Canvas, said: str, kept: str) -> None:
    run()
    canvas.enrollments[1]["enrollment_state"] = said

    run()

    assert held("ann") == {("teacher", "CRS 21", kept)}


@pytest.mark.parametrize(
    ("said", "kept"), [("unpublished", "active"), ("completed", "completed"), ("deleted", "deleted")]
)
def test_each_state_of_a_course_has_its_meaning(run: Runner, canvas: Canvas, said: str, kept: str) -> None:
    run()
    canvas.courses[21]["workflow_state"] = said

    run()
    run()

    assert Course.objects.get(code="CRS 21").state == kept
    assert held("ann") == {("teacher", "CRS 21", "active")}  # which does not count in a closed course


@pytest.mark.parametrize(
    ("kind", "base"),
    [("Student", "student"), ("Teacher", "teacher"), ("Ta", "ta"), ("Designer", "designer"), ("Observer", "observer")],
)
def test_each_role_of_canvas_has_its_own_here(run: Runner, canvas: Canvas, kind: str, base: str) -> None:
    canvas.user(15, "eve")
    canvas.enroll(15, 22, kind)

    run()

    assert held("eve") == {(base, "CRS 22", "active")}


def test_a_role_that_the_school_has_made_goes_by_its_name(run: Runner, canvas: Canvas) -> None:
    role(Base.TA, "Grader")
    role(Base.ADMIN, "Help desk", (Permission.TOKENS_VIEW,))
    canvas.enroll(13, 22, "Ta", role="Grader")
    canvas.admin(13, 3, "Help desk")

    run()

    labels = Enrollment.objects.filter(user__login_id="cat").values_list("role__label", flat=True)
    assert {"Grader", "Help desk"} < set(labels)


def test_a_role_that_nobody_has_made_here_is_named_and_the_rest_comes_in(run: Runner, canvas: Canvas) -> None:
    canvas.enroll(13, 22, "Ta", role="Lab helper")
    canvas.enroll(12, 22, "Ta", role="Lab helper")

    done = run()

    assert done.problems == {"enrollments: role “Lab helper” is not known": 2}
    assert done.report.of("enrollments").created == 4


def test_of_two_sections_the_enrollment_that_counts_most_counts(run: Runner, canvas: Canvas) -> None:
    canvas.enroll(11, 22, "Teacher", enrollment_state="active", course_section_id=1)
    canvas.enroll(11, 22, "Teacher", enrollment_state="completed", course_section_id=2)

    done = run()

    assert ("teacher", "CRS 22", "active") in held("ann")
    assert done.report.of("enrollments").repeated == 1


def test_the_dates_of_a_course_count_where_canvas_lets_them(run: Runner, canvas: Canvas) -> None:
    dates = {"start_at": "2026-09-01T08:00:00Z", "end_at": "2026-12-20T17:00:00Z"}
    canvas.courses[21] |= {**dates, "restrict_enrollments_to_course_dates": True}
    canvas.courses[22] |= dates
    canvas.enrollments[1]["end_at"] = "2026-11-01T00:00:00Z"

    run()

    ends = dict(Course.objects.values_list("code", "ends_at"))
    assert ends == {"CRS 21": datetime(2026, 12, 20, 17, tzinfo=UTC), "CRS 22": None}
    assert Enrollment.objects.get(user__login_id="ann").ends_at == datetime(2026, 11, 1, tzinfo=UTC)


def test_what_has_no_sis_id_is_known_by_canvas_number_but_for_people(run: Runner, canvas: Canvas) -> None:
    canvas.account(4, "Music", 2, sis="")
    canvas.course(23, 4, sis="")
    canvas.user(15, "robot", sis="")
    canvas.enroll(15, 23, "Teacher")
    canvas.enroll(11, 23, "Teacher")
    canvas.admin(15, 2)

    done = run()

    assert Account.objects.get(name="Music").sis_account_id == "canvas:4"
    assert Course.objects.get(code="CRS 23").sis_course_id == "canvas:23"
    assert ("teacher", "CRS 23", "active") in held("ann")
    assert not User.objects.filter(login_id="robot").exists()
    assert done.left_out == {"no_sis_id": 1, "roles_no_sis_id": 2}
    assert done.problems == {}


def test_who_has_no_sign_in_name_is_named_and_left_as_they_are(run: Runner, canvas: Canvas) -> None:
    run()
    canvas.users[11]["login_id"] = None

    done, _again = run(), run()

    assert done.problems == {"users: login_id is empty": 1}
    assert User.objects.get(login_id="ann").is_active
    assert held("ann") == {("teacher", "CRS 21", "active")}


def test_the_test_student_of_a_course_is_nobody(run: Runner, canvas: Canvas) -> None:
    canvas.user(15, "test-student", sis="")
    canvas.enroll(15, 21, "StudentView")

    done = run()

    assert done.left_out == {"no_sis_id": 1, "test_student": 1}


def test_whose_last_other_role_ends_is_clamped_in_the_same_transaction(run: Runner, canvas: Canvas) -> None:
    run()
    canvas.enroll(11, 22)
    run()
    endless = endless_token(User.objects.get(login_id="ann"))
    canvas.enrollments[1]["enrollment_state"] = "completed"

    assert run(dry_run=True).report.shortened == 1
    endless.refresh_from_db()
    assert endless.expires_at is None

    assert run().report.shortened == 1
    endless.refresh_from_db()
    assert endless.expires_at == NOW + timedelta(days=120)


def test_every_change_has_its_line_in_the_trail(run: Runner, canvas: Canvas) -> None:
    run()
    canvas.enrollments[2]["enrollment_state"] = "completed"
    run()
    run()

    lines = AuditEvent.objects.filter(action="enrollment.change")
    assert [(line.before, line.after) for line in lines] == [({"state": "active"}, {"state": "completed"})]
    assert AuditEvent.objects.filter(action="roster.import").count() == 2


def test_an_account_of_canvas_can_be_the_school(run: Runner, canvas: Canvas, settings: object) -> None:
    settings.CANVAS_ACCOUNT = "sis_account_id:A2"  # type: ignore[attr-defined]
    canvas.courses[21]["account_id"] = 999

    done = run()

    assert Account.objects.get(name="English").parent == Account.objects.root()
    assert held("dan") == {("admin", Account.objects.root().name, "active")}
    assert done.left_out == {"elsewhere": 1}


def test_what_was_made_in_the_portal_stays(run: Runner, canvas: Canvas) -> None:
    founder = person("founder")
    enroll(founder, role(Base.ADMIN))
    run()
    enroll(User.objects.get(login_id="cat"), role(Base.ADMIN), Account.objects.get(name="English"))

    run()
    run()

    assert held("founder") == {("admin", Account.objects.root().name, "active")}
    assert ("admin", "English", "active") in held("cat")
    assert founder.is_active


def test_a_person_whom_the_portal_knows_by_name_is_taken_for_the_same(run: Runner) -> None:
    here = person("ann")
    made = endless_token(here)

    run()

    here.refresh_from_db()
    assert here.sis_user_id == "U11"
    assert AccessToken.objects.get(pk=made.pk).user == here
