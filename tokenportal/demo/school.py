"""The people of the demo school, its accounts and courses, and the roles they hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random

from django.contrib.auth.hashers import make_password

from accounts import enrolling
from accounts.models import Account, Course, Enrollment, Role, User
from accounts.roles import Base
from tokenportal.demo.words import COLLEGES, FIRST_NAMES, LAST_NAMES, SCHOOL

PASSWORD = "tokenportal"  # printed on every start, and refused when DEBUG is off
TIME_ZONE = "America/Chicago"
LOCKED_ROLE = "Reading Room Helper"
# Sign-in name -> name. What each of them holds, `_sign_in_roles` says.
SIGN_INS = {
    "admin": "Imogen Ashworth",
    "subadmin": "Theodore Blackwood",
    "teacher": "Marisol Vega",
    "ta": "Anselm Okafor",
    "designer": "Linnea Hartmann",
    "student": "Noa Rosenthal",
    "observer": "Harriet Rosenthal",
    "newcomer": "Emil Sorensen",
    "student-ta": "Beatriz Monteiro",
    "student-locked": "Cyrus Navabi",
    "student-former-ta": "Freya Lund",
}
# How many more people of each base a college has.
CROWD = {Base.TEACHER: 6, Base.TA: 5, Base.DESIGNER: 1, Base.OBSERVER: 3, Base.STUDENT: 48}


@dataclass(frozen=True)
class College:
    """A sub-account with its courses."""

    account: Account
    courses: list[Course]


def found(*, random: Random, opened: datetime) -> None:
    """Make the school, as it was when the term began at `opened`."""
    root = Account.objects.root()
    root.name = SCHOOL
    root.save(update_fields=["name"])
    colleges = [_college(root, name, courses, opened) for name, courses in COLLEGES.items()]
    people = [User(login_id=login, name=name) for login, name in SIGN_INS.items()]
    password = make_password(PASSWORD)  # hashed once: it is the same for all of them
    for person in people:
        _admit(person, password, opened)
    roles = {Base(role.base): role for role in Role.objects.filter(is_builtin=True)}
    held = [*_sign_in_roles({person.login_id: person for person in people}, roles, root, colleges[0])]
    crowd = _crowd(random)
    for college in colleges:
        for base, count in CROWD.items():
            for _ in range(count):
                person = _admit(next(crowd), make_password(None), opened)
                some = random.sample(college.courses, k=random.choice((1, 2, 2, 3)))
                held += [_enrollment(person, roles[base], course) for course in some]
    enrolling.add_many(held, actor=None, now=opened)
    User.objects.update(created_at=opened)


def _college(root: Account, name: str, courses: dict[str, str], opened: datetime) -> College:
    account = Account.objects.create_under(root, name=name, sis_account_id=name.rsplit(maxsplit=1)[-1].upper())
    made = [
        Course(code=code, name=title, account=account, sis_course_id=code.replace(" ", "-"), starts_at=opened)
        for code, title in courses.items()
    ]
    return College(account, Course.objects.bulk_create(made))


def _admit(person: User, password: str, opened: datetime) -> User:
    first, _space, last = person.name.partition(" ")
    person.sortable_name, person.short_name = f"{last}, {first}", first
    person.email, person.time_zone, person.password = f"{person.login_id}@alder.example", TIME_ZONE, password
    return enrolling.admit(person, actor=None, now=opened)


def _crowd(random: Random) -> Iterator[User]:
    """Yield people whose names differ from each other and from those of the sign-ins."""
    names = [(first, last) for first in FIRST_NAMES.split() for last in LAST_NAMES.split()]
    random.shuffle(names)
    logins = set()
    for number, (first, last) in enumerate(names):
        login = f"{first[0]}{last}".lower()
        if login not in logins:
            logins.add(login)
            yield User(login_id=login, name=f"{first} {last}", sis_user_id=f"{100200 + 37 * number}")


def _sign_in_roles(
    people: dict[str, User], roles: dict[Base, Role], root: Account, college: College
) -> Iterator[Enrollment]:
    """Yield what the sign-ins hold; the newcomer holds nothing."""
    first, second = college.courses[:2]
    locked = Role.objects.create(label=LOCKED_ROLE, base=Base.TA.value, permissions=[])
    yield _enrollment(people["admin"], roles[Base.ADMIN], root)
    yield _enrollment(people["subadmin"], roles[Base.ADMIN], college.account)
    for login in ("teacher", "ta", "designer", "student", "observer"):
        yield _enrollment(people[login], roles[Base(login)], first)
        yield _enrollment(people[login], roles[Base(login)], second)
    for login in ("student-ta", "student-locked", "student-former-ta"):
        yield _enrollment(people[login], roles[Base.STUDENT], first)
    yield _enrollment(people["student-ta"], roles[Base.TA], second)
    yield _enrollment(people["student-locked"], locked, second)
    # Ends in the course of the term, see `term`.
    yield _enrollment(people["student-former-ta"], roles[Base.TA], second)


def _enrollment(person: User, role: Role, where: Account | Course) -> Enrollment:
    account, course = (where.account, where) if isinstance(where, Course) else (where, None)
    return Enrollment(user=person, role=role, account=account, course=course)
