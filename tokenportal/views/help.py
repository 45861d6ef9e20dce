"""Help, for everybody: also before signing in, and while the database is away."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.pages import remember_visitor
from policies.explaining import why_capped, why_refused
from policies.governing import governed
from policies.rules import LONGEST_STUDENT_CAP
from tokenportal.health import ask_redis, is_database_there
from tokens.views.secret import FIRST_CALL

LATE = 300  # seconds without beat, which comes once a minute


@never_cache
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Say what tokens are, what to do with them, what is kept of them, and how the portal fares."""
    now = timezone.now()
    has_redis, beat = ask_redis()
    context = {
        "now": now,
        "frame": "open.html",
        "longest": LONGEST_STUDENT_CAP,
        "usage_days": settings.USAGE_DAYS,
        "support": settings.SUPPORT_EMAIL,
        "url": request.build_absolute_uri(FIRST_CALL),
        "portal": request.build_absolute_uri("/").removesuffix("/"),
        "has_database": is_database_there(),
        "has_redis": has_redis,
        "beat": beat,
        "minutes_late": beat // 60 if beat is not None and beat > LATE else 0,
    }
    if request.user.is_authenticated:
        known = governed(request.user, now=now)
        remember_visitor(request, known.membership)
        context |= {
            "frame": "base.html",
            "decision": known.decision,
            "why_capped": why_capped(known.decision),
            "why_refused": why_refused(known.decision),
        }
    return render(request, "help.html", context)
