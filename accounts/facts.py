"""What the lines of the trail about people, roles, accounts, courses and rosters mean."""

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from accounts.claims.turned import Why as Turned
from accounts.factors.events import Kind as Factor
from accounts.labels import BASES, RIGHTS, role_name
from accounts.mails import Mail, Often
from accounts.models import Account, Course, GivenBy, OpenState, Role
from accounts.roles import EnrollmentState
from accounts.telling import Fact, Kind, Say, Text, as_it_is, choices, explain, flags, moments, named, names_of

_HELD: dict[str, Text] = {
    EnrollmentState.ACTIVE: gettext_lazy("active"),
    EnrollmentState.COMPLETED: gettext_lazy("completed"),
    EnrollmentState.INACTIVE: gettext_lazy("inactive"),
    EnrollmentState.DELETED: gettext_lazy("deleted"),
}
_OPEN = dict(OpenState.choices)
# As django-allauth calls them.
_WAYS: dict[str, Text] = {
    "password": gettext_lazy("password"),
    "socialaccount": gettext_lazy("the school's sign-in"),
    "mfa": gettext_lazy("second step"),
    "passkey": gettext_lazy("passkey"),
}
_FACTORS: dict[str, Text] = {
    Factor.APP: gettext_lazy("app for codes"),
    Factor.CODES: gettext_lazy("recovery codes"),
    Factor.PASSKEY: gettext_lazy("passkey"),
}


def _counts(_values: Collection[Any]) -> Say:
    """What an import did with the rows of a file."""

    def say(value: Mapping[str, int]) -> str:
        return _("%(created)d created, %(updated)d updated, %(ended)d ended") % value

    return say


def _pairs(_values: Collection[Any]) -> Say:
    """Names with their values."""
    return lambda value: ", ".join(f"{name}: {each}" for name, each in value.items())


def _listed(_values: Collection[Any]) -> Say:
    """Codes, which programs know too."""
    return ", ".join


def _findings(_values: Collection[Any]) -> Say:
    """What a verification of the trail has named, as it named it."""
    return lambda value: "; ".join(finding["message"] for finding in value) or _("none")


def _ways(_values: Collection[Any]) -> Say:
    """How somebody signed in."""
    return lambda value: ", ".join(str(_WAYS.get(way, way)) for way in value)


def _factor(_values: Collection[Any]) -> Say:
    """What somebody shows at the second step."""
    return lambda value: str(_FACTORS.get(value, value))


def _factors(_values: Collection[Any]) -> Say:
    """Several of them."""
    return lambda value: ", ".join(str(_FACTORS.get(each, each)) for each in value)


def _languages(_values: Collection[Any]) -> Say:
    """A language, by its name in itself."""
    return lambda code: str(get_language_info(code)["name_local"])


def _rights(_values: Collection[Any]) -> Say:
    """The rights of a role, in words."""
    return lambda value: ", ".join(str(RIGHTS.get(right, right)) for right in value) or _("none")


def _mails(_values: Collection[Any]) -> Say:
    """Kinds of mails, by what the preferences call them."""
    return lambda value: ", ".join(str(Mail(kind).label) for kind in value) or _("none")


def _roles(ids: Collection[int]) -> Mapping[int, str]:
    return {pk: role_name(label) for pk, label in names_of(Role.objects, "label")(ids).items()}


_TURNED: dict[str, Text] = {
    Turned.STRANGER: gettext_lazy("nobody is known by this"),
    Turned.SWITCHED_OFF: gettext_lazy("may not sign in"),
    Turned.NO_CLAIM: gettext_lazy("it was not said who that is"),
    Turned.UNVERIFIED_EMAIL: gettext_lazy("the e-mail address was not verified"),
    Turned.NOT_ENTITLED: gettext_lazy("not one of the school"),
    Turned.AMBIGUOUS: gettext_lazy("several are known by this"),
    Turned.OTHER_IDENTITY: gettext_lazy("came as somebody else before"),
    Turned.NAME_TAKEN: gettext_lazy("the name is somebody else's"),
}
_PERIOD = {
    "starts_at": Fact(gettext_lazy("Starts"), moments),
    "ends_at": Fact(gettext_lazy("Ends"), moments),
}
PERSON = Kind(
    gettext_lazy("People"),
    {
        "name": Fact(gettext_lazy("Name"), as_it_is),
        "sortable_name": Fact(gettext_lazy("Sortable name"), as_it_is),
        "short_name": Fact(gettext_lazy("Short name"), as_it_is),
        "login_id": Fact(gettext_lazy("Sign-in name"), as_it_is),
        "email": Fact(gettext_lazy("E-mail"), as_it_is),
        "sis_user_id": Fact(gettext_lazy("SIS id"), as_it_is),
        "is_active": Fact(gettext_lazy("May sign in"), flags),
        "locale": Fact(gettext_lazy("Language"), _languages, gettext_lazy("As my browser asks")),
        "time_zone": Fact(gettext_lazy("Time zone"), as_it_is),
        "digest": Fact(
            gettext_lazy("Overview for administrators"), choices({each.value: each.label for each in Often})
        ),
        "unwanted_mails": Fact(gettext_lazy("Mails switched off"), _mails),
    },
)
ENROLLMENT = Kind(
    gettext_lazy("Roles"),
    {
        "role": Fact(gettext_lazy("Role"), named(_roles)),
        "course": Fact(gettext_lazy("Course"), named(names_of(Course.objects, "code"))),
        "state": Fact(gettext_lazy("State"), choices(_HELD)),
        "given_by": Fact(gettext_lazy("Given by"), choices(dict(GivenBy.choices))),
        **_PERIOD,
    },
)
ROLE = Kind(
    gettext_lazy("Kinds of roles"),
    {
        "label": Fact(gettext_lazy("Name"), as_it_is),
        "base": Fact(gettext_lazy("Kind"), choices(BASES)),
        "permissions": Fact(gettext_lazy("Rights over others"), _rights),
    },
    _roles,
)
ACCOUNT = Kind(
    gettext_lazy("Accounts"),
    {
        "name": Fact(gettext_lazy("Name"), as_it_is),
        "parent_id": Fact(gettext_lazy("Below"), named(names_of(Account.objects, "name"))),
        "state": Fact(gettext_lazy("State"), choices(_OPEN)),
    },
)
COURSE = Kind(
    gettext_lazy("Courses"),
    {
        "code": Fact(gettext_lazy("Code"), as_it_is),
        "name": Fact(gettext_lazy("Name"), as_it_is),
        "sis_course_id": Fact(gettext_lazy("SIS id"), as_it_is),
        "account": Fact(gettext_lazy("Account"), named(names_of(Account.objects, "name"))),
        "state": Fact(gettext_lazy("State"), choices(_OPEN)),
        **_PERIOD,
    },
    names_of(Course.objects, "code"),
)
ROSTER = Kind(
    gettext_lazy("Rosters"),
    {
        "accounts": Fact(gettext_lazy("Accounts"), _counts),
        "users": Fact(gettext_lazy("People"), _counts),
        "courses": Fact(gettext_lazy("Courses"), _counts),
        "sections": Fact(gettext_lazy("Sections"), _counts),
        "enrollments": Fact(gettext_lazy("Roles in courses"), _counts),
        "admins": Fact(gettext_lazy("Roles in accounts"), _counts),
    },
)
SESSION = Kind(
    gettext_lazy("Sign-ins"),
    {
        "ways": Fact(gettext_lazy("By"), _ways),
        "count": Fact(gettext_lazy("Browsers"), as_it_is),
        "why": Fact(gettext_lazy("Why not"), choices(_TURNED)),
        "said": Fact(gettext_lazy("Looked for as"), as_it_is),
    },
)
FACTOR = Kind(
    gettext_lazy("Second steps"),
    {
        "kind": Fact(gettext_lazy("Kind"), _factor),
        "kinds": Fact(gettext_lazy("Kinds"), _factors),
        "name": Fact(gettext_lazy("Name"), as_it_is),
        "left": Fact(gettext_lazy("Codes left"), as_it_is),
    },
)
PASSWORD = Kind(gettext_lazy("Passwords"), {})
ACT = Kind(
    gettext_lazy("Refused acts"),
    {
        "tried": Fact(gettext_lazy("Tried"), as_it_is),
        "named": Fact(gettext_lazy("Named in the address"), _pairs),
        "codes": Fact(gettext_lazy("Why not"), _listed),
    },
)
AUDIT = Kind(
    gettext_lazy("The audit log itself"),
    {
        "problems": Fact(gettext_lazy("Problems found"), as_it_is),
        "named": Fact(gettext_lazy("Where"), _findings),
        "count": Fact(gettext_lazy("Lines"), as_it_is),
        "format": Fact(gettext_lazy("Format"), as_it_is),
        "filters": Fact(gettext_lazy("Filters"), _pairs),
    },
)


def explain_all() -> None:
    """Tell `accounts.telling` what these lines mean."""
    for name, kind in _ALL.items():
        explain(name, kind)


_ALL = {
    "person": PERSON,
    "enrollment": ENROLLMENT,
    "role": ROLE,
    "account": ACCOUNT,
    "course": COURSE,
    "roster": ROSTER,
    "session": SESSION,
    "factor": FACTOR,
    "password": PASSWORD,
    "act": ACT,
    "audit": AUDIT,
}
