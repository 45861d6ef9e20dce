"""The key ring, for who administrates the whole school: what hangs on each key, and never a key itself."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.pages import SignedIn, to_read
from tokens.keys import uses_of_keys
from tokens.views.reach import require_root_policy


@to_read
def listing(request: SignedIn) -> HttpResponse:
    """Show every key."""
    now = timezone.now()
    require_root_policy(request, now=now)
    return render(request, "tokens/keys.html", {"now": now, "uses": uses_of_keys(now=now)})
