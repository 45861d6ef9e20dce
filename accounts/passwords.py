"""Who may sign in with a password, what one may not be made of, and changing it."""

import re
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import browsers
from accounts.audit import record
from accounts.models import Account, User
from accounts.people import membership, root_path
from accounts.roles import Permission

# What who guesses would try first here; a school adds its own in PASSWORD_WORDS, and its name counts too.
OURS = (
    *("tokenportal", "token", "portal", "student", "teacher", "instructor", "administrator", "admin", "school"),
    *("university", "college", "canvas", "login", "password"),
)
LEFT = 4  # letters that have to be left without such words
_NO_LETTER = re.compile(r"[\W\d_]+")


def may_use_password(person: User, *, now: datetime) -> bool:
    """Everybody, unless PASSWORD_SIGN_IN is off: then only who edits the policy of the whole school."""
    if settings.PASSWORD_SIGN_IN:
        return True
    return Permission.POLICY_EDIT in membership(person, now=now).standing.permissions_over(root_path())


def may_come_by_passkey(person: User, *, now: datetime) -> bool:
    """Whether a passkey signs somebody in by itself: it stands in for a password that they might use.

    Whoever has none here comes by the school's own sign-in, which says each time that they still belong to the school.
    """
    return person.is_active and person.has_usable_password() and may_use_password(person, now=now)


def is_made_of(password: str, words: Iterable[str]) -> bool:
    """Whether a password is one of these words, or several, with hardly more than digits and marks around."""
    left = text = password.casefold()
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word.casefold(), "")
    return left != text and len(_NO_LETTER.sub("", left)) < LEFT


class OurWordsValidator:
    """Refuses passwords made of the words of the portal and of the school (OWASP ASVS 5.0, 6.2.11)."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError for one."""
        del user
        names = Account.objects.filter(parent=None).values_list("name", flat=True)
        words = [word for name in names for word in name.split() if len(word) >= LEFT]
        if is_made_of(password, (*OURS, *settings.PASSWORD_WORDS, *words)):
            raise ValidationError(self.get_help_text(), code="password_of_our_words")

    def get_help_text(self) -> str:
        """Say it before somebody tries."""
        return _("Words of this portal and the name of the school do not make a password. Add something of your own.")


@transaction.atomic
def change(person: User, password: str, *, here: str | None, now: datetime) -> None:
    """Set a new password that was found good, and end all sessions of the person but the one with the key `here`."""
    person.set_password(password)
    person.save(update_fields=["password"])
    record("password.change", actor=person, now=now, person=person, subject_id=person.pk)
    browsers.end_others(person, here=here, actor=person, now=now)
