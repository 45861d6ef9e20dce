"""The views of all tokens that people keep by a name: their own, and those that others share with them."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from accounts.models import Account, User
from policies.refusals import Code, refuse
from tokens.models import SavedView
from tokens.texts import clean_view_name

MOST_EACH = 50  # of one person
MOST_SHOWN = 20


def seen_by(viewer: User, account_ids: Collection[int]) -> QuerySet[SavedView]:
    """One's own, and what is shared in the accounts, or below them, whose tokens one sees."""
    shared = Q(is_shared=True, account__path__overlap=list(account_ids))
    found = SavedView.objects.filter(Q(owner=viewer) | shared, account__path__overlap=list(account_ids))
    return found.select_related("owner", "account").order_by("name", "pk")


@transaction.atomic
def save(
    name: str | None, parameters: Mapping[str, str], *, account: Account, is_shared: bool, owner: User, now: datetime
) -> SavedView:
    """Keep a view. Raises Refused(name_missing, _too_long, _unreadable, _has_token; view_taken; too_many_views)."""
    view = SavedView(owner=owner, account=account, parameters=dict(parameters), is_shared=is_shared, made_at=now)
    view.name = clean_view_name(name)
    if SavedView.objects.filter(owner=owner).count() >= MOST_EACH:
        raise refuse(Code.TOO_MANY_VIEWS, "name", most=MOST_EACH)
    try:
        with transaction.atomic():
            view.save(force_insert=True)
    except IntegrityError as error:
        raise refuse(Code.VIEW_TAKEN, "name", name=view.name) from error
    return view


def delete(view_id: int, owner: User) -> bool:
    """Keep a view of one's own no longer; False where there is none."""
    deleted, _by_model = SavedView.objects.filter(pk=view_id, owner=owner).delete()
    return bool(deleted)
