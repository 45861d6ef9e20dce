"""Rosters for the tests: small ones as texts, and what an import of them says."""

from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection

from accounts.models import Course, User
from accounts.sis.importing import import_roster
from accounts.sis.report import Report
from tests.cast import NOW, School, endless_token, token

TABLES = (
    "accounts_account accounts_course accounts_user accounts_role accounts_enrollment accounts_auditevent "
    "tokens_accesstoken tokens_notice"
)
SMALL = {
    "accounts.csv": "account_id,parent_account_id,name,status\nENG,ARTS,English,active\nARTS,,Arts,active\n",
    "users.csv": "user_id,login_id,first_name,last_name,email,status\n"
    "u1,bsmith,Bob,Smith,bob@school.example,active\nu2,jdoe,Jane,Doe,,active\n",
    "courses.csv": "course_id,short_name,long_name,account_id,status\nc1,ENG 1,English 1,ENG,active\n",
    "sections.csv": "section_id,course_id,name,status\ns1,c1,Monday,active\n",
    "enrollments.csv": "course_id,user_id,role,section_id,status\nc1,u1,student,s1,active\n,u2,teacher,s1,active\n",
    "admins.csv": "user_id,account_id,role,status\nu2,ARTS,AccountAdmin,active\n",
}


@dataclass
class Outcome:
    """What one import said."""

    report: Report
    problems: list[str] = field(default_factory=list)

    def changed(self, kind: str) -> tuple[int, int, int]:
        """Rows created, updated and ended."""
        counts = self.report.of(kind)
        return counts.created, counts.updated, counts.ended


def write(place: Path, files: dict[str, str | bytes]) -> Path:
    """Write the files into a directory."""
    place.mkdir(exist_ok=True)
    for name, content in files.items():
        (place / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return place


def deprives(school: School, place: Path, *, of: int, beside: int) -> Path:
    """Write a roster that leaves the teacher a student only; `of` endless tokens are hers, `beside` a student's."""
    User.objects.filter(pk=school.teacher.pk).update(sis_user_id="t1")
    Course.objects.filter(pk=school.history.pk).update(sis_course_id="h1")
    for _ in range(of):
        endless_token(school.teacher)
    for _ in range(beside):
        token(school.student)
    rows = "course_id,user_id,role,status\nh1,t1,student,active\nh1,t1,teacher,completed\n"
    return write(place, {"enrollments.csv": rows})


def load(path: Path, *, dry_run: bool = False, agreed: bool = False) -> Outcome:
    """Import what lies at `path`."""
    problems: list[str] = []
    report = import_roster(
        path,
        dry_run=dry_run,
        agreed=agreed,
        actor=None,
        now=NOW,
        on_problem=lambda problem: problems.append(str(problem)),
        advance=lambda _done, _total: None,
    )
    return Outcome(report, problems)


def dump() -> dict[str, list[str]]:
    """Every row that an import could touch, as text."""
    tables = {}
    with connection.cursor() as cursor:
        for table in TABLES.split():
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")  # noqa: S608  # names of our own
            tables[table] = [row for (row,) in cursor.fetchall()]
    return tables
