"""What a person chooses for themselves: their language and their time zone."""

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.models import User, validate_time_zone


def validate_language(code: str) -> None:
    """Take the languages we speak, and nothing, which leaves the choice to the browser."""
    if code and code not in dict(settings.LANGUAGES):
        raise ValidationError(_("There is no language “%(code)s” here."), params={"code": code})


@transaction.atomic
def prefer(user: User, *, locale: str | None = None, time_zone: str | None = None, now: datetime) -> None:
    """Keep what `user` has chosen, with a line in the trail where something changed. None leaves a thing as it is.

    The zone is part of the trail because days that somebody picks as an end are days there. Raises ValidationError.
    """
    kept = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    before = {"locale": kept.locale, "time_zone": kept.time_zone}
    after = {
        "locale": kept.locale if locale is None else locale,
        "time_zone": kept.time_zone if time_zone is None else time_zone,
    }
    validate_language(after["locale"])
    validate_time_zone(after["time_zone"])
    changed = [name for name, value in after.items() if value != before[name]]
    if changed:
        User.objects.filter(pk=user.pk).update(**{name: after[name] for name in changed})
        audit.record(
            "person.change",
            actor=user,
            now=now,
            person=user,
            subject_id=user.pk,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )
    user.locale, user.time_zone = after["locale"], after["time_zone"]
