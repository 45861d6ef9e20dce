"""What roles are called where a person reads it."""

from django.utils.translation import gettext_lazy as _

_BUILT_IN = {
    "Student": _("Student"),
    "Teacher": _("Teacher"),
    "TA": _("TA"),
    "Designer": _("Designer"),
    "Observer": _("Observer"),
    "Account Admin": _("Account Admin"),
}


def role_name(label: str) -> str:
    """A built-in role in the active language; one that the school has named, as it named it."""
    return str(_BUILT_IN.get(label, label))
