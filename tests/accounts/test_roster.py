"""Loading a roster: what goes in, what is named, and that it happens once."""

import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from accounts.audit import AuditEvent
from accounts.models import Account, Course, Enrollment, User
from accounts.people import membership
from accounts.roles import Base
from accounts.sis.report import NotAgreed, Report, SisError
from tests.accounts.roster import SMALL, deprives, dump, load, write
from tests.cast import NOW, School, enroll, person, role, token
from tokens.models import AccessToken

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The small roster in a directory."""
    return write(tmp_path / "roster", dict(SMALL))


def held(login_id: str) -> set[tuple[str, str, str]]:
    """What somebody holds: base, where, state."""
    rows = Enrollment.objects.filter(user__login_id=login_id).select_related("role", "account", "course")
    return {(row.role.base, row.course.code if row.course else row.account.name, row.state) for row in rows}


def test_a_small_roster_goes_in(place: Path) -> None:
    outcome = load(place)

    assert outcome.problems == []
    assert {kind: outcome.changed(kind) for kind in ("accounts", "users", "courses", "enrollments", "admins")} == {
        "accounts": (2, 0, 0),
        "users": (2, 0, 0),
        "courses": (1, 0, 0),
        "enrollments": (2, 0, 0),
        "admins": (1, 0, 0),
    }
    english, bob = Account.objects.get(sis_account_id="ENG"), User.objects.get(login_id="bsmith")
    assert english.path == [Account.objects.root().pk, Account.objects.get(name="Arts").pk, english.pk]
    assert (bob.name, bob.sortable_name, bob.email) == ("Bob Smith", "Smith, Bob", "bob@school.example")
    assert not bob.has_usable_password()
    assert held("bsmith") == {("student", "ENG 1", "active")}
    assert held("jdoe") == {("teacher", "ENG 1", "active"), ("admin", "Arts", "active")}


def test_a_second_run_changes_nothing(place: Path) -> None:
    load(place)
    before = dump()

    outcome = load(place)

    assert dump() == before
    assert outcome.report.changed == 0


def test_a_dry_run_says_the_same_and_changes_nothing(place: Path) -> None:
    before = dump()

    dry = load(place, dry_run=True)

    assert dump() == before
    assert dry.report.counts == load(place).report.counts


def test_every_change_has_its_line_in_the_trail(place: Path) -> None:
    load(place)
    write(place, {"enrollments.csv": SMALL["enrollments.csv"].replace("s1,active\n,", "s1,completed\n,")})
    load(place)

    lines = AuditEvent.objects.filter(action="enrollment.change")
    assert [(line.before, line.after) for line in lines] == [({"state": "active"}, {"state": "completed"})]
    counts = {name: AuditEvent.objects.filter(action=name).count() for name in ("person.add", "enrollment.add")}
    assert counts == {"person.add": 2, "enrollment.add": 3}
    assert AuditEvent.objects.filter(action="roster.import").count() == 2


def test_whose_last_other_role_ends_is_clamped_in_the_same_transaction(school: School, tmp_path: Path) -> None:
    teacher = school.teacher
    User.objects.filter(pk=teacher.pk).update(sis_user_id="t1")
    Course.objects.filter(pk=school.history.pk).update(sis_course_id="h1")
    endless = token(teacher, days=None).token
    rows = "course_id,user_id,role,status\nh1,t1,student,active\nh1,t1,teacher,completed\n"
    place = write(tmp_path / "r", {"enrollments.csv": rows})

    assert load(place, dry_run=True).report.shortened == 1
    endless.refresh_from_db()
    assert endless.expires_at is None

    assert load(place).report.shortened == 1
    endless.refresh_from_db()
    assert endless.expires_at == NOW + timedelta(days=120)


@pytest.mark.parametrize(
    ("shortened", "tokens", "asks"),
    [
        (0, 0, False),
        (19, 19, False),
        (20, 20, True),
        (20, 400, False),  # 5 % exactly
        (20, 399, True),
        (50_000, 1_000_000, False),
        (50_001, 1_000_000, True),
    ],
)
def test_more_than_one_token_in_twenty_is_asked_about_unless_they_are_a_handful(
    shortened: int, tokens: int, asks: bool
) -> None:
    assert Report(print, shortened=shortened, tokens=tokens).needs_agreement == asks


def test_a_roster_that_shortens_many_tokens_changes_nothing_until_somebody_agrees(
    school: School, tmp_path: Path
) -> None:
    place = deprives(school, tmp_path / "r", of=20, beside=1)
    before = dump()

    with pytest.raises(NotAgreed) as asked:
        load(place)

    assert dump() == before
    assert (asked.value.report.shortened, asked.value.report.tokens) == (20, 21)
    assert load(place, dry_run=True).report.needs_agreement
    assert dump() == before
    assert load(place, agreed=True).report.shortened == 20
    assert not AccessToken.objects.filter(expires_at=None).exists()


def test_ended_tokens_are_none_of_those_of_which_a_part_is_shortened(school: School, tmp_path: Path) -> None:
    place = deprives(school, tmp_path / "r", of=1, beside=2)
    made = token(school.student, days=1, now=NOW - timedelta(days=2)).token

    assert made.is_past(NOW)
    assert load(place).report.tokens == 3


def test_who_loses_one_role_and_gains_another_is_judged_once(school: School, tmp_path: Path) -> None:
    User.objects.filter(pk=school.teacher.pk).update(sis_user_id="t1")
    Course.objects.filter(pk=school.history.pk).update(sis_course_id="h1")
    endless = token(school.teacher, days=None).token
    rows = "course_id,user_id,role,status\nh1,t1,teacher,deleted\nh1,t1,designer,active\n"

    assert load(write(tmp_path / "r", {"enrollments.csv": rows})).report.shortened == 0
    endless.refresh_from_db()
    assert endless.expires_at is None


@pytest.mark.parametrize(
    "files",
    [
        {"courses.csv": "course_id,short_name,long_name,account_id,status\nc1,ENG 1,English 1,ENG,completed\n"},
        {
            "accounts.csv": "account_id,parent_account_id,name,status\nENG,ARTS,English,deleted\n",
            "users.csv": SMALL["users.csv"],
        },
        {
            "courses.csv": "course_id,short_name,long_name,account_id,status,end_date\n"
            "c1,ENG 1,English 1,ENG,active,2026-11-01\n"
        },
    ],
)
def test_closing_what_carries_a_role_clamps_its_people(place: Path, files: dict[str, str]) -> None:
    load(place)
    jane = User.objects.get(login_id="jdoe")
    Enrollment.objects.filter(user=jane, course=None).delete()
    made = token(jane, days=None).token
    for file in place.iterdir():
        file.unlink()

    assert load(write(place, dict(files))).report.shortened == 1
    made.refresh_from_db()
    assert made.expires_at == NOW + timedelta(days=120)


def test_a_course_takes_its_people_along_to_another_account(place: Path) -> None:
    load(place)
    write(place, {"courses.csv": SMALL["courses.csv"].replace("ENG,active", "ARTS,active")})

    assert load(place).changed("courses") == (0, 1, 0)
    arts = Account.objects.get(sis_account_id="ARTS")
    assert membership(User.objects.get(login_id="bsmith"), now=NOW).home == arts.line
    assert load(place).report.changed == 0


def test_an_account_moves_with_its_people_and_its_children(place: Path) -> None:
    load(place)
    moved = "account_id,parent_account_id,name,status\nARTS,ENG,Arts,active\nENG,,English,active\n"
    write(place, {"accounts.csv": moved})

    assert load(place).changed("accounts") == (0, 2, 0)
    english, arts = Account.objects.get(sis_account_id="ENG"), Account.objects.get(sis_account_id="ARTS")
    assert arts.path == [Account.objects.root().pk, english.pk, arts.pk]


HEADERS = {
    "accounts.csv": "account_id,parent_account_id,name,status",
    "users.csv": "user_id,login_id,full_name,email,status",
    "courses.csv": "course_id,short_name,long_name,account_id,status,start_date",
    "enrollments.csv": "course_id,section_id,user_id,role,role_id,status",
    "admins.csv": "user_id,account_id,role,status",
}


@pytest.mark.parametrize(
    ("file", "row", "reason"),
    [
        ("accounts.csv", "X,NOPE,X,active", "parent_account_id “NOPE” is not known"),
        ("accounts.csv", "X,X,X,active", "the account would lie below itself"),
        ("accounts.csv", "ARTS,ENG,Arts,active", "the account would lie below itself"),
        ("accounts.csv", "X,,X,completed", "status “completed” is not one of active, deleted"),
        ("accounts.csv", "X,,,active", "name is empty"),
        ("accounts.csv", "ARTS,,Arts,deleted", "the account has active sub-accounts, so it cannot be deleted"),
        ("users.csv", ",x,X,,active", "user_id is empty"),
        ("users.csv", "x,,X,,active", "login_id is empty"),
        ("users.csv", "x,x,X,,sleeping", "status “sleeping” is not one of active, suspended, deleted"),
        ("users.csv", "x,BSmith,X,,active", "login_id “BSmith” is taken by another person"),
        ("users.csv", "x,x,X,active", "has 4 fields where the header has 5"),
        ("users.csv", f"x,{'x' * 256},X,,active", "login_id is longer than 255 characters"),
        ("users.csv", 'x,"x"y,X,,active', "is not CSV: ',' expected after '\"'"),
        ("courses.csv", "x,X,X,NOPE,active,", "account_id “NOPE” is not known"),
        ("courses.csv", "x,X,X,,active,soon", "start_date “soon” is not a date like 2027-01-31T08:00:00Z"),
        ("courses.csv", "x,X,X,,active,9999-12-31T23:59:59-14:00", "start_date “9999-12-31T23:59:59-14:00” is not"),
        ("enrollments.csv", "NOPE,,u1,student,,active", "course_id “NOPE” is not known"),
        ("enrollments.csv", "c1,,NOPE,student,,active", "user_id “NOPE” is not known"),
        ("enrollments.csv", "c1,,u1,wizard,,active", "role “wizard” is not known"),
        ("enrollments.csv", "c1,,u1,,99999,active", "role_id “99999” is not known"),
        ("enrollments.csv", "c1,,u1,,,active", "role and role_id are both empty"),
        ("enrollments.csv", "c1,,u1,AccountAdmin,,active", "role “AccountAdmin” is not a role of a course"),
        ("enrollments.csv", ",,u1,student,,active", "course_id and section_id are both empty"),
        ("enrollments.csv", ",s9,u1,student,,active", "section_id “s9” is not in sections.csv with a known course_id"),
        ("enrollments.csv", "c1,,u1,student,,gone", "status “gone” is not one of"),
        ("admins.csv", "u1,NOPE,AccountAdmin,active", "account_id “NOPE” is not known"),
        ("admins.csv", "u1,,student,active", "role “student” is not a role of an account"),
        ("admins.csv", "u1,,AccountAdmin,completed", "status “completed” is not one of active, deleted"),
    ],
)
def test_a_bad_line_is_named_and_the_good_ones_go_in(
    place: Path, tmp_path: Path, file: str, row: str, reason: str
) -> None:
    load(place)
    good = {
        "accounts.csv": "GOOD,,Good,active",
        "users.csv": "good,good,Good,,active",
        "courses.csv": "good,Good,Good,,active,",
        "enrollments.csv": "c1,,u1,ta,,active",
        "admins.csv": "u1,,AccountAdmin,active",
    }
    text = f"{HEADERS[file]}\n\n{row}\n{good[file]}\n"

    outcome = load(write(tmp_path / "bad", {file: text}))

    [problem] = outcome.problems
    assert problem.startswith(f"{file}:3: {reason}")
    kind = file.removesuffix(".csv")
    assert outcome.changed(kind) == (1, 0, 0)
    assert outcome.report.of(kind).bad == 1


def test_an_address_that_is_none_is_named_but_the_person_goes_in(tmp_path: Path) -> None:
    outcome = load(write(tmp_path / "r", {"users.csv": f"{HEADERS['users.csv']}\nx,x,Xenia,x@@x,active\n"}))

    assert outcome.problems == ["users.csv:2: “x@@x” is not an e-mail address; the person goes in without it"]
    assert User.objects.get(login_id="x").email == ""


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("user_id,login_id\nx,x\n", "the column status is missing"),
        ("user_id,login_id,status,Status\nx,x,active,active\n", "there are two columns status"),
        ("", "is empty"),
        (b"\xff\xfeu\x00s\x00", "the header is not UTF-8"),
    ],
)
def test_a_file_without_its_columns_is_an_error_of_the_file(place: Path, content: str | bytes, reason: str) -> None:
    outcome = load(write(place, {"users.csv": content}))

    assert outcome.problems[0].startswith(f"users.csv:1: {reason}")
    assert outcome.changed("courses") == (1, 0, 0)


def test_columns_come_in_any_order_and_case_and_others_are_ignored(tmp_path: Path) -> None:
    text = "\ufeff Status ,PASSWORD,Login_ID,integration_id,user_id,full_name\nActive,secret,x,7,X1,Xenia Ypsilon\n"
    outcome = load(write(tmp_path / "r", {"Users.CSV": text, "terms.csv": "nonsense", "logins.csv": ""}))

    assert outcome.problems == []
    xenia = User.objects.get(sis_user_id="X1")
    assert (xenia.name, xenia.sortable_name) == ("Xenia Ypsilon", "Ypsilon, Xenia")
    assert not xenia.has_usable_password()


def test_nothing_about_sections_is_ever_an_error(place: Path) -> None:
    outcome = load(write(place, {"sections.csv": "nonsense\n\xff\n1,2,3"}))

    assert outcome.problems == [
        "enrollments.csv:3: section_id “s1” is not in sections.csv with a known course_id",
    ]


def test_the_later_of_two_rows_counts(tmp_path: Path) -> None:
    rows = "x,x,First,,active\nx,x,Second,,active\n"
    outcome = load(write(tmp_path / "r", {"users.csv": f"{HEADERS['users.csv']}\n{rows}"}))

    assert User.objects.get(sis_user_id="x").name == "Second"
    assert outcome.report.of("users").repeated == 1
    assert outcome.report.of("users").unchanged == 0


def test_people_swap_and_pass_on_their_sign_in_names(tmp_path: Path) -> None:
    place = tmp_path / "r"
    load(write(place, {"users.csv": f"{HEADERS['users.csv']}\na,ann,Ann,,active\nb,bob,Bob,,active\n"}))
    rows = "a,BOB,Ann,,active\nb,cyd,Bob,,active\nc,ann,Cyd,,active\n"

    assert load(write(place, {"users.csv": f"{HEADERS['users.csv']}\n{rows}"})).problems == []
    assert dict(User.objects.values_list("sis_user_id", "login_id")) == {"a": "BOB", "b": "cyd", "c": "ann"}


def test_a_person_without_user_id_is_known_by_the_sign_in_name(tmp_path: Path) -> None:
    boss = person("boss", name="Ada")
    outcome = load(write(tmp_path / "r", {"users.csv": f"{HEADERS['users.csv']}\nu9,Boss,,,active\n"}))

    boss.refresh_from_db()
    assert outcome.changed("users") == (0, 1, 0)
    assert (boss.sis_user_id, boss.name) == ("u9", "Ada")


@pytest.mark.parametrize("status", ["suspended", "deleted"])
def test_who_is_suspended_or_deleted_may_not_sign_in(place: Path, status: str) -> None:
    load(place)
    write(place, {"users.csv": SMALL["users.csv"].replace("example,active", f"example,{status}")})

    assert load(place).changed("users") == (0, 0, 1)
    assert not User.objects.get(login_id="bsmith").is_active
    assert load(place).report.changed == 0


def test_the_roles_of_a_deleted_person_end_with_them(place: Path) -> None:
    load(place)
    write(place, {"users.csv": SMALL["users.csv"].replace("example,active", "example,deleted")})

    outcome = load(place)

    assert held("bsmith") == {("student", "ENG 1", "deleted")}
    assert outcome.report.withdrawn == 1
    assert outcome.problems == ["enrollments.csv:2: user_id “u1” is deleted in users.csv"]


def test_ending_what_nobody_holds_changes_nothing(place: Path) -> None:
    write(place, {"enrollments.csv": "course_id,user_id,role,status\nc1,u1,ta,deleted\n"})

    assert load(place).changed("enrollments") == (0, 0, 0)
    assert held("bsmith") == set()


def test_an_empty_date_clears_one_and_an_absent_column_leaves_it(place: Path) -> None:
    header, row = "course_id,short_name,long_name,account_id,status", "c1,ENG 1,English 1,ENG,active"
    write(place, {"courses.csv": f"{header},start_date\n{row},2026-09-01T08:00:00-05:00\n"})
    load(place)
    begins = datetime(2026, 9, 1, 13, tzinfo=UTC)
    assert Course.objects.get(code="ENG 1").starts_at == begins

    load(write(place, {"courses.csv": f"{header}\n{row}\n"}))
    assert Course.objects.get(code="ENG 1").starts_at == begins

    load(write(place, {"courses.csv": f"{header},start_date\n{row},\n"}))
    assert Course.objects.get(code="ENG 1").starts_at is None


@pytest.mark.parametrize("name", ["teacher", " TEACHER ", "TeacherEnrollment", "Grading Wizard", "grading wizard"])
def test_a_role_goes_by_canvas_word_or_by_its_own_name(place: Path, name: str) -> None:
    role(Base.TEACHER, "Grading Wizard")
    write(place, {"enrollments.csv": f"course_id,user_id,role,status\nc1,u1,{name},active\n"})

    assert load(place).problems == []
    assert held("bsmith") == {("teacher", "ENG 1", "active")}


def test_a_role_goes_by_its_number_too(place: Path) -> None:
    number = role(Base.OBSERVER).pk
    write(place, {"enrollments.csv": f"course_id,user_id,role_id,status\nc1,u1,{number},inactive\n"})

    assert load(place).problems == []
    assert held("bsmith") == {("observer", "ENG 1", "inactive")}


def test_a_zip_is_a_directory(place: Path, tmp_path: Path) -> None:
    archive = tmp_path / "roster.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in place.iterdir():
            packed.write(file, f"export/{file.name.upper()}")
            packed.writestr(f"__MACOSX/export/._{file.name}", b"\0\x05\x16\x07")

    load(place)
    before = dump()

    assert load(archive).problems == []
    assert dump() == before


def test_what_is_no_roster_is_refused_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.zip").write_text("no zip")
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("users.csv", b"x" * 2_000_000)
    monkeypatch.setattr("accounts.sis.sources.MOST_BYTES", 1_000_000)

    for name in ("empty", "text.zip", "bomb.zip", "nothing"):
        with pytest.raises(SisError, match=name):
            load(tmp_path / name)


def test_two_imports_at_once_are_refused(place: Path) -> None:
    parameters = connection.get_connection_params()
    names = ("dbname", "host", "user", "password", "port")
    with psycopg.connect(**{name: parameters[name] for name in names if parameters.get(name)}) as other:
        other.execute("SELECT pg_advisory_lock(7221005)")
        with pytest.raises(SisError, match="Another roster is being loaded"):
            load(place)
    assert not User.objects.exists()


def test_what_the_files_do_not_mention_stays(school: School, place: Path) -> None:
    enrollment = enroll(school.outsider, role(Base.OBSERVER))
    load(place)

    enrollment.refresh_from_db()
    assert enrollment.state == "active"
