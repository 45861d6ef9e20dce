"""What Canvas no longer has ends here: when it is missing twice, and never when much is missing at once."""

from accounts.audit import AuditEvent
from accounts.models import Account, Course, Enrollment, User
from accounts.rosters import Mentioned, Seen
from tests.accounts.roster import dump
from tests.canvas.conftest import Runner
from tests.canvas.server import Canvas
from tests.canvas.test_syncing import held
from tests.cast import token
from tokens.models import State


def is_active(login_id: str) -> bool:
    return User.objects.get(login_id=login_id).is_active


def test_who_is_missing_once_is_left_alone(run: Runner, canvas: Canvas) -> None:
    run()
    before = dump()
    canvas.forget(13)

    assert run().report.changed == 0
    assert dump() == before
    assert Mentioned.objects.get(kind="users", key=["U13"]).seen == Seen.MISSING


def test_who_is_missing_twice_has_left_with_all_that_is_theirs(run: Runner, canvas: Canvas) -> None:
    run()
    made = token(User.objects.get(login_id="cat")).token
    canvas.forget(13)
    run()

    report = run().report

    made.refresh_from_db()
    assert (is_active("cat"), held("cat")) == (False, {("student", "CRS 21", "deleted")})
    assert (made.state, report.stopped, report.of("users").ended) == (State.SUSPENDED, 1, 1)
    assert AuditEvent.objects.filter(action="enrollment.change", person__login_id="cat").count() == 1
    assert run().report.changed == 0


def test_who_was_missing_between_two_pages_is_there_again(run: Runner, canvas: Canvas) -> None:
    run()
    kept = (dict(canvas.users), dict(canvas.enrollments), list(canvas.admins))
    for _twice in range(2):
        canvas.forget(13)
        run()
        canvas.users, canvas.enrollments, canvas.admins = (dict(kept[0]), dict(kept[1]), list(kept[2]))
        run()

    assert (is_active("cat"), held("cat")) == (True, {("student", "CRS 21", "active")})


def test_who_comes_back_after_they_left_may_sign_in_again(run: Runner, canvas: Canvas) -> None:
    run()
    canvas.forget(13)
    run()
    run()
    canvas.user(13, "cat")

    run()

    assert is_active("cat")


def test_who_was_switched_off_in_the_portal_stays_so(run: Runner) -> None:
    run()
    User.objects.filter(login_id="cat").update(is_active=False)

    run()

    assert not is_active("cat")
    assert run().report.changed == 0


def test_a_role_that_is_missing_twice_ends(run: Runner, canvas: Canvas) -> None:
    run()
    del canvas.enrollments[1]
    canvas.admins.clear()
    run()
    assert held("ann") | held("dan") == {("teacher", "CRS 21", "active"), ("admin", "Arts", "active")}

    run()

    assert held("ann") | held("dan") == {("teacher", "CRS 21", "deleted"), ("admin", "Arts", "deleted")}


def test_a_course_and_an_account_that_are_missing_twice_are_closed(run: Runner, canvas: Canvas) -> None:
    run()
    del canvas.courses[21], canvas.accounts[3]
    run()
    run()

    assert Course.objects.get(code="CRS 21").state == "deleted"
    assert Account.objects.get(name="English").state == "deleted"
    assert run().report.changed == 0


def test_a_role_is_not_missed_from_a_course_that_is_closed(run: Runner, canvas: Canvas) -> None:
    run()
    canvas.courses[21]["workflow_state"] = "completed"
    run()
    run()
    run()
    canvas.courses[21]["workflow_state"] = "available"

    run()

    assert held("ann") == {("teacher", "CRS 21", "active")}


def test_a_role_that_ended_while_its_course_was_closed_is_missed_when_it_opens(run: Runner, canvas: Canvas) -> None:
    run()
    canvas.courses[21]["workflow_state"] = "completed"
    run()
    del canvas.enrollments[1]
    canvas.courses[21]["workflow_state"] = "available"
    run()
    run()

    assert held("ann") == {("teacher", "CRS 21", "deleted")}


def test_what_ended_by_a_row_that_says_so_is_not_missed_later(run: Runner, canvas: Canvas) -> None:
    run()
    canvas.enrollments[1]["enrollment_state"] = "completed"
    run()
    del canvas.enrollments[1]
    run()
    run()

    assert held("ann") == {("teacher", "CRS 21", "completed")}


def test_who_has_the_sign_in_name_of_somebody_who_left_gets_it(run: Runner, canvas: Canvas) -> None:
    run()
    canvas.forget(13)
    canvas.user(33, "cat")
    assert run().problems == {"users: login_id “cat” is taken by another person": 1}

    run()

    assert (User.objects.get(login_id="cat").sis_user_id, is_active("cat")) == ("U33", True)
    assert not User.objects.get(sis_user_id="U13").is_active
    assert run().report.changed == 0


def test_the_sign_in_name_of_somebody_who_left_long_ago_is_free(run: Runner, canvas: Canvas) -> None:
    run()
    canvas.forget(13)
    run()
    run()
    canvas.user(33, "cat")

    assert run().problems == {}
    assert User.objects.get(login_id="cat").sis_user_id == "U33"


def crowd(canvas: Canvas, number: int) -> None:
    """Add that many people, each with one role."""
    for each in range(100, 100 + number):
        canvas.user(each, f"login{each}")
        canvas.enroll(each, 22)


def test_where_many_people_are_missing_nothing_is_changed_and_it_says_what_to_do(run: Runner, canvas: Canvas) -> None:
    crowd(canvas, 60)
    run()
    for each in range(100, 120):
        canvas.forget(each)
    canvas.enrollments[1]["enrollment_state"] = "completed"  # which is not done either
    before = dump()

    why = run.fails()

    assert why == (
        "20 of the 64 people known from Canvas are missing there, more than 10 %. If that is right, run it with "
        "--yes: manage.py sync_canvas --yes"
    )
    assert dump() == before
    assert not Mentioned.objects.exclude(seen=Seen.THERE).exists()
    assert run.fails() == why


def test_where_many_roles_are_missing_nothing_is_changed(run: Runner, canvas: Canvas) -> None:
    crowd(canvas, 60)
    run()
    before = dump()
    canvas.enrollments = {key: each for key, each in canvas.enrollments.items() if key < 40}

    assert run.fails().startswith("25 of the 65 roles known from Canvas are missing there, more than 10 %.")
    assert dump() == before


def test_more_than_half_of_a_few_stop_it_too(run: Runner, canvas: Canvas) -> None:
    run()
    for each in (11, 12, 13):
        canvas.forget(each)

    assert run.fails().startswith("3 of the 4 people known from Canvas are missing there, more than 10 %.")


def test_who_says_yes_has_them_end_at_once(run: Runner, canvas: Canvas) -> None:
    crowd(canvas, 60)
    run()
    for each in range(100, 120):
        canvas.forget(each)

    assert run(agreed=True).report.of("users").ended == 20
    assert User.objects.filter(is_active=False).count() == 20
    assert run().report.changed == 0


def test_few_never_stop_it_and_the_share_is_the_schools_to_set(run: Runner, canvas: Canvas, settings: object) -> None:
    crowd(canvas, 60)
    run()
    for each in range(100, 119):
        canvas.forget(each)
    run()  # 19
    canvas.forget(119)
    settings.CANVAS_MOST_GONE = 50.0  # type: ignore[attr-defined]

    assert run().report.of("users").ended == 19


def test_people_who_completed_are_not_people_who_are_missing(run: Runner, canvas: Canvas) -> None:
    crowd(canvas, 60)
    run()
    for each in canvas.enrollments.values():
        each["enrollment_state"] = "completed"

    assert run().report.of("enrollments").ended == 64
    assert not Enrollment.objects.filter(state="active", course__isnull=False).exists()
