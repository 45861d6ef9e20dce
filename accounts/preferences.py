"""What a person chooses for themselves: their language, their time zone, and which mails they do without."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.mails import CHOICES, Often
from accounts.models import User, validate_time_zone


def validate_language(code: str) -> None:
    """Take the languages we speak, and nothing, which leaves the choice to the browser."""
    if code and code not in dict(settings.LANGUAGES):
        raise ValidationError(_("There is no language “%(code)s” here."), params={"code": code})


def validate_unwanted(kinds: Collection[str]) -> None:
    """Take the kinds of mails that may be switched off."""
    if not set(kinds) <= set(CHOICES):
        raise ValidationError(_("These mails cannot be switched off."))


def validate_digest(often: str) -> None:
    if often not in set(Often):
        raise ValidationError(_("Choose how often the overview comes."))


@transaction.atomic
def prefer(
    user: User,
    *,
    locale: str | None = None,
    time_zone: str | None = None,
    unwanted_mails: Collection[str] | None = None,
    digest: str | None = None,
    now: datetime,
) -> None:
    """Keep what `user` has chosen, with a line in the trail where something changed. None leaves a thing as it is.

    The zone is part of the trail because days that somebody picks as an end are days there. Raises ValidationError.
    """
    kept = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    said: dict[str, Any] = {
        "locale": locale,
        "time_zone": time_zone,
        "unwanted_mails": _in_order(unwanted_mails),
        "digest": digest,
    }
    before = {name: getattr(kept, name) for name in said}
    after = {name: before[name] if value is None else value for name, value in said.items()}
    validate_language(after["locale"])
    validate_time_zone(after["time_zone"])
    validate_unwanted(after["unwanted_mails"])
    validate_digest(after["digest"])
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
    for name, value in after.items():
        setattr(user, name, value)


def _in_order(kinds: Collection[str] | None) -> list[str] | None:
    return None if kinds is None else sorted(map(str, set(kinds)))
