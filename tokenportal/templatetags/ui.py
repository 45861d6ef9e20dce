"""The components of the pages, as plain Django template tags. None of them reads the clock: pages pass `now`."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.conf import settings
from django.http import QueryDict
from django.templatetags.static import static
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.labels import BASES, role_name
from policies.saying import name_of, said, shortened
from tokenportal import charts
from tokens.models import AccessToken
from tokens.reasons import ReasonCode
from tokens.signals import wording as signals

register = template.Library()

MIRRORED = {"chevron-right", "chevron-left", "arrow-left", "arrow-right", "log-out", "log-in"}
MINUTE, HOUR, DAY = 60, 3600, 86400  # seconds


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """Draw an icon of the sprite, for the eye only: the words beside it say the same."""
    if name in MIRRORED:
        classes = f"{classes} dir"
    sprite = static("vendor/icons.svg")
    return format_html('<svg class="i {}" aria-hidden="true"><use href="{}#{}"/></svg>', classes, sprite, name)


@register.simple_block_tag
def panel(content: str, title: str = "", sub: str = "", cls: str = "") -> SafeString:
    """Draw a card with a heading round a block."""
    below = format_html("<p>{}</p>", sub) if sub else ""
    head = format_html("<header><div><h2>{}</h2>{}</div></header>", title, below) if title else ""
    return format_html('<section class="card {}">{}<div class="body">{}</div></section>', cls, head, content)


@register.filter
def reason_words(code: str) -> str:
    """Say what kind of reason a code stands for."""
    return str(dict(ReasonCode.choices).get(code, code))


@register.filter
def ago(when: datetime | None, now: datetime) -> str:
    """Say how long ago, in one unit."""
    if when is None:
        return _("Never used")
    seconds = (now - when).total_seconds()
    if seconds < MINUTE:
        return _("just now")
    if seconds < DAY:
        return _hours_ago(seconds)
    days = int(seconds // DAY)
    if days < 2:
        return _("yesterday")
    if days < 60:
        return ngettext("%(n)d day ago", "%(n)d days ago", days) % {"n": days}
    months = days // 30
    return ngettext("%(n)d month ago", "%(n)d months ago", months) % {"n": months}


def _hours_ago(seconds: float) -> str:
    if seconds < HOUR:
        minutes = int(seconds // MINUTE)
        return ngettext("%(n)d minute ago", "%(n)d minutes ago", minutes) % {"n": minutes}
    hours = int(seconds // HOUR)
    return ngettext("%(n)d hour ago", "%(n)d hours ago", hours) % {"n": hours}


@register.simple_tag
def since(when: datetime | None, now: datetime) -> str:
    """Say how long ago, and the exact time to whoever points at it or lets it be read to them."""
    if when is None:
        return ago(when, now)
    exact = date_format(localtime(when), "j M Y, H:i")
    return format_html('<time datetime="{}" title="{}">{}</time>', when.isoformat(), exact, ago(when, now))


@register.filter
def until(when: datetime | None, now: datetime) -> str:
    """Say how far away, or how long past, an end is."""
    if when is None:
        return _("Never expires")
    seconds = (when - now).total_seconds()
    if seconds <= 0:
        return _("Expired %(ago)s") % {"ago": ago(when, now)}
    if seconds < HOUR:
        return _("in less than an hour")
    if seconds < 2 * DAY:
        hours = int(seconds // HOUR)
        return ngettext("in %(n)d hour", "in %(n)d hours", hours) % {"n": hours}
    days = (localdate(when) - localdate(now)).days
    return ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days}


@register.filter
def hint(token: AccessToken | str) -> str:
    """Show by what a token, or one with this lookup id, is recognised: the beginning of it, nothing of its secret.

    Of a token that another system made the beginning is not known; it has that system's name.
    """
    if isinstance(token, str):
        return f"{settings.TOKEN_PREFIX}_{token[:5]}…"
    return f"{token.imported_from} {token.lookup_id[:5]}…" if token.is_foreign else hint(token.lookup_id)


@register.filter
def breakable(secret: str) -> SafeString:
    """Let a long token break after its underscores, where it has parts; copied, it is one piece."""
    return format_html_join(SafeString("_<wbr>"), "{}", ([part] for part in secret.split("_")))


@register.filter
def role(label: str) -> str:
    """Name a role in the reader's language, where it is a built-in one."""
    return role_name(label)


@register.filter
def base(name: str) -> str:
    """Name a kind of role."""
    return str(BASES.get(name, name))


@register.filter
def moment(text: str | None) -> datetime | None:
    """Read a time that the audit trail or a notice keeps as text."""
    return parse_datetime(text) if text else None


@register.filter
def item(mapping: dict[Any, Any] | None, key: Any) -> Any:
    """Look a key up that stands in a variable."""
    return mapping.get(key) if mapping else None


@register.simple_tag
def signal(rule: str, numbers: dict[str, Any]) -> str:
    """Say what a rule has found unusual about the use of a token."""
    return signals.sentence(rule, numbers)


@register.filter
def signal_title(rule: str) -> str:
    """Say what a rule looks for."""
    return signals.title(rule)


@register.simple_tag
def setting_name(name: str) -> str:
    """Say what a setting is called."""
    return name_of(name)


@register.simple_tag
def setting_value(name: str, value: Any) -> str:
    """Say what a setting is set to, in few words; None is nothing set."""
    return shortened(said(name, value))


@register.simple_tag(takes_context=True)
def qs(context: dict[str, Any], **changes: Any) -> str:
    """Write the query of this page with some parameters changed; an empty value drops one."""
    query: QueryDict = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    return "?" + query.urlencode()


@register.inclusion_tag("charts/_spark.html")
def spark(values: Sequence[int]) -> dict[str, object]:
    """Draw a spark line, for the eye only: the number stands beside it."""
    return {"drawn": charts.spark(values)}


@register.inclusion_tag("charts/_days.html")
def chart_of_days(days: Sequence[Any], *, narrow: bool = False) -> dict[str, object]:
    """Draw accepted and refused requests a day; the same figures stand in a table beside it."""
    width, labelled = (charts.NARROW, 3) if narrow else (charts.WIDTH, 6)
    drawn = charts.stacked([(each.accepted, each.refused) for each in days], ("b-ok", "b-err"), width=width)
    every = max(1, len(days) // labelled)
    labels = [date_format(each.day, "j M") if n % every == every // 2 else "" for n, each in enumerate(days)]
    texts = [
        _("%(day)s: %(accepted)s accepted, %(refused)s refused")
        % {"day": date_format(each.day, "D j M"), "accepted": each.accepted, "refused": each.refused}
        for each in days
    ]
    return {
        "drawn": drawn,
        "columns": list(zip(drawn.columns, labels, texts, strict=True)),
        "label": _("Requests a day, accepted and refused"),
    }


@register.filter
def short(count: int) -> str:
    """Write a number in little room."""
    for size, sign in ((1_000_000, "M"), (1_000, "k")):
        if count >= size:
            return f"{number_format(count / size, decimal_pos=1 if round(10 * count / size) % 10 else 0)}{sign}"
    return str(count)


@register.inclusion_tag("charts/_course.html")
def course_of_days(days: Sequence[Any]) -> dict[str, object]:
    """Draw all requests a day as a line; the same figures stand in a table beside it."""
    drawn = charts.course([each.total for each in days])
    every = len(days) // 3
    labels = [
        (x, date_format(day.day, "j M"))
        for n, ((x, _y), day) in enumerate(zip(drawn.points, days, strict=True))
        if n % every == 0 or n == len(days) - 1
    ]
    return {"drawn": drawn, "labels": labels, "label": _("Requests a day")}


@register.inclusion_tag("charts/_weeks.html")
def chart_of_weeks(weeks: Sequence[tuple[date, date, int]]) -> dict[str, object]:
    """Draw how much ends in each week, the next two in the colour of a warning; the figures stand in a table too."""
    rows = [(count, 0) if n < 2 else (0, count) for n, (_first, _last, count) in enumerate(weeks)]
    drawn = charts.stacked(rows, ("b-warn", "b-mute"), width=charts.NARROW)
    labels = [date_format(first, "j M") if n % 2 == 0 else "" for n, (first, _last, _count) in enumerate(weeks)]
    return {
        "drawn": drawn,
        "columns": list(zip(drawn.columns, labels, weeks, strict=True)),
        "label": _("Tokens that end in each of the next weeks"),
    }


@register.inclusion_tag("charts/_shares.html")
def chart_of_shares(parts: Sequence[tuple[str, int]]) -> dict[str, object]:
    """Draw how counts divide a whole, for the eye only: the legend beside it says the same in figures."""
    drawn = charts.shares([count for _kind, count in parts], [kind for kind, _count in parts])
    return {"drawn": drawn, "width": charts.NARROW}
