"""What every form does with a code that somebody has typed: say in one sentence why it was not taken."""

from collections.abc import Callable
from typing import TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.factors.codes import TooManyWrong

Taken = TypeVar("Taken")


def taken(form: forms.Form, field: str, take: Callable[[], Taken | None]) -> Taken | None:
    """Return what came of a code; where it was not taken, the form says why, below the field."""
    try:
        found = take()
    except TooManyWrong as error:
        form.add_error(field, too_many(error))
        return None
    if found is None:
        form.add_error(field, _wrong_code())
    return found


def too_many(error: TooManyWrong) -> ValidationError:
    """Say until when no code is looked at."""
    until = date_format(localtime(error.again_at), "H:i")
    return ValidationError(_("Too many codes were wrong. Try again after %(time)s.") % {"time": until})


def _wrong_code() -> ValidationError:
    """One sentence for a code that is wrong, too old or used already: which of these helps only who guesses."""
    return ValidationError(_("That code is not right, or was used already. Type the next one that your app shows."))
