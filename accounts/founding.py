"""What every school has from the first moment: a root account and one role of each base."""

from typing import Any

from django.apps import apps as installed
from django.db import DEFAULT_DB_ALIAS

from accounts.roles import Base, Permission

BUILT_IN = {
    Base.STUDENT: "Student",
    Base.TEACHER: "Teacher",
    Base.TA: "TA",
    Base.DESIGNER: "Designer",
    Base.OBSERVER: "Observer",
    Base.ADMIN: "Account Admin",
}


def found_school(using: str = DEFAULT_DB_ALIAS, apps: Any = installed, **_kwargs: Any) -> None:
    """Run after each `migrate` (and each `flush`), as Django does for its content types; changes nothing twice."""
    try:
        account, role = apps.get_model("accounts", "Account"), apps.get_model("accounts", "Role")
    except LookupError:  # migrated back to before this app
        return
    if not account.objects.using(using).filter(parent=None).exists():
        account.objects.using(using).create(name="My school")
    for base, label in BUILT_IN.items():
        permissions = [permission.value for permission in Permission] if base == Base.ADMIN else []
        role.objects.using(using).get_or_create(
            base=base.value, is_builtin=True, defaults={"label": label, "permissions": permissions}
        )
