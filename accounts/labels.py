"""What roles, their kinds and their rights are called where a person reads it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.roles import Base, Permission

Text = str | Promise

_BUILT_IN = {
    "Student": _("Student"),
    "Teacher": _("Teacher"),
    "TA": _("TA"),
    "Designer": _("Designer"),
    "Observer": _("Observer"),
    "Account Admin": _("Account Admin"),
}

BASES: dict[str, Text] = {
    Base.STUDENT: _("Student"),
    Base.TEACHER: _("Instructor"),
    Base.TA: _("TA"),
    Base.DESIGNER: _("Designer"),
    Base.OBSERVER: _("Observer"),
    Base.ADMIN: _("Administrator"),
}
RIGHTS: dict[str, Text] = {
    Permission.TOKENS_VIEW: _("See tokens"),
    Permission.TOKENS_CREATE: _("Make tokens for others"),
    Permission.TOKENS_DELETE: _("Revoke tokens"),
    Permission.POLICY_EDIT: _("Change the policy and give roles"),
    Permission.USERS_VIEW: _("See people"),
    Permission.AUDIT_VIEW: _("Read the audit log"),
}
# What each right comes to, for who ticks it.
RIGHTS_EXPLAINED: dict[str, Text] = {
    Permission.TOKENS_VIEW: _("Which tokens people hold, what for, and how they are used; never a token itself."),
    Permission.TOKENS_CREATE: _("Their owners activate them. And tokens for oneself, whoever else may create some."),
    Permission.TOKENS_DELETE: _("One, many or all of a person, and suspend them for a while."),
    Permission.POLICY_EDIT: _(
        "The settings of an account, and who holds which role there. In the root account also scopes, services and "
        "these roles."
    ),
    Permission.USERS_VIEW: _("Who there is, with names, addresses and roles."),
    Permission.AUDIT_VIEW: _("Who did what to whom, and when."),
}


def role_name(label: str) -> str:
    """A built-in role in the active language; one that the school has named, as it named it."""
    return str(_BUILT_IN.get(label, label))
