"""Looking after tokens that nobody uses, in batches whose memory does not grow with the table."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Min, Q

from accounts.models import User
from policies.models import Policy
from policies.unused import warned_after
from tokens import lifecycle
from tokens.models import AccessToken

BATCH = 200  # owners


def owners_of_unused(*, now: datetime) -> Q:
    """Whose tokens may have to be warned of, or were: what follows for each, `lifecycle.tend_unused` decides."""
    shortest = Policy.objects.filter(unused_days__gt=0).aggregate(days=Min("unused_days"))["days"]
    found = Q(unused_warned_at__isnull=False)
    if shortest is not None:
        long_ago = now - warned_after(shortest)
        found |= Q(secret_made_at__lte=long_ago) & (Q(last_used_at=None) | Q(last_used_at__lte=long_ago))
    return Q(pk__in=AccessToken.objects.in_use(now=now).filter(found).values("user_id"))


def tend_in_batches(*, now: datetime) -> Iterator[tuple[int, int]]:
    """Tend batch by batch, each in a transaction of its own where none is open: (tokens warned of, tokens ended).

    By id, so that a run that was killed half way goes on in the next one.
    """
    owners, last = User.objects.filter(owners_of_unused(now=now)).order_by("pk"), 0
    while ids := list(owners.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        last = ids[-1]
        yield lifecycle.tend_unused(ids, now=now)
