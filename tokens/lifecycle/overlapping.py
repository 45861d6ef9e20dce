"""The earlier secret of a token, which works beside the new one for a while."""

from datetime import datetime, timedelta
from typing import Any

from policies.refusals import Code, refuse
from tokens.models import AccessToken, State, SupersededSecret


def overlap_ends_at(token: AccessToken, *, now: datetime) -> datetime | None:
    """Until when an earlier secret of this token works; None where none does."""
    works = SupersededSecret.objects.filter(token=token, works_until__gt=now)
    return works.values_list("works_until", flat=True).first()


def put_aside(token: AccessToken, overlap: timedelta, *, is_own: bool, now: datetime) -> dict[str, Any]:
    """Let the present secret of a locked token work for as long as `overlap` says, and no earlier one at all then.

    Returns what the trail tells of it. Raises Refused(rotate_own_only, rotate_active_only or overlap_going).
    """
    if not overlap:
        cut(token, now=now)
        return {}
    if not is_own:
        raise refuse(Code.ROTATE_OWN_ONLY)
    if token.state_at(now) != State.ACTIVE:
        raise refuse(Code.ROTATE_ACTIVE_ONLY)
    going = overlap_ends_at(token, now=now)
    if going is not None:
        raise refuse(Code.OVERLAP_GOING, moment=going)
    kept = SupersededSecret(token=token, superseded_at=now, works_until=now + overlap)
    for name in ("lookup_id", "tag", "tag_key", "verifier"):
        setattr(kept, name, getattr(token, name))
    kept.save(force_insert=True)
    return {"overlap_until": kept.works_until}


def cut(token: AccessToken, *, now: datetime) -> bool:
    """Stop the earlier secret of a locked token at once; False where none works."""
    return bool(SupersededSecret.objects.filter(token=token, works_until__gt=now).update(works_until=now))


def forget_superseded(*, now: datetime, keep_days: int) -> int:
    """Drop what is known of secrets that have not worked for `keep_days`; return how many those were."""
    return SupersededSecret.objects.filter(works_until__lt=now - timedelta(days=keep_days)).delete()[0]
