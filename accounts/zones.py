"""The time zones of the world, as a person looks for theirs: by region, then by place."""

from functools import cache
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _

_REGIONS = {
    "Africa": _("Africa"),
    "America": _("America"),
    "Antarctica": _("Antarctica"),
    "Arctic": _("Arctic"),
    "Asia": _("Asia"),
    "Atlantic": _("Atlantic"),
    "Australia": _("Australia"),
    "Europe": _("Europe"),
    "Indian": _("Indian Ocean"),
    "Pacific": _("Pacific"),
}
_ELSEWHERE = _("Others")
Zone = tuple[str, str]


def zones_by_region() -> list[tuple[str, list[Zone]]]:
    """Every zone with the name of its place, in groups named in the active language; what has no region comes last."""
    return [(str(_REGIONS.get(region, _ELSEWHERE)), zones) for region, zones in _grouped().items()]


@cache
def _grouped() -> dict[str, list[Zone]]:
    grouped: dict[str, list[Zone]] = {region: [] for region in (*_REGIONS, "")}
    for name in sorted(available_timezones()):
        region, _slash, place = name.partition("/")
        if region in _REGIONS:
            grouped[region].append((name, place.replace("_", " ").replace("/", ", ")))
        else:
            grouped[""].append((name, name))
    return grouped
