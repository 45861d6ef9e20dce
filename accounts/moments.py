"""How the API writes a moment: ISO 8601 in UTC with `Z`, in whole seconds, as Canvas does."""

from datetime import UTC, datetime

from rest_framework import serializers


def iso(moment: datetime) -> str:
    """Return `2027-03-23T23:59:59Z`; a fraction of a second is cut off."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def iso_exact(moment: datetime) -> str:
    """Return it with its microseconds, where what came first matters."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


class MomentField(serializers.DateTimeField):
    """A moment in an answer, whatever time zone the request is shown in."""

    def to_representation(self, value: datetime) -> str:
        """Write it with `iso`."""
        return iso(value)
