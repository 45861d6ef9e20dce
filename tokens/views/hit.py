"""The tokens that a change of settings would touch, as a file, before it is saved."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from accounts.audit import record
from accounts.pages import SignedIn, to_do
from policies.views.settings import draft_of, page_of
from tokens.inventory import hit


@to_do
def export(request: SignedIn, account_id: int) -> HttpResponseBase:
    """Send those that the form as it is filled in would shorten or revoke; the audit trail says who took them."""
    draft = draft_of(request, account_id)
    if not draft.may_list:
        raise PermissionDenied
    if not draft.shown:
        return page_of(request, draft)
    seen = draft.preview
    taken = {"count": seen.tokens.hit, "filters": {"settings": ", ".join(seen.changed)}}
    record("token.export", actor=request.user, now=draft.now, account=draft.account, after=taken)
    name = f"tokens-touched-{timezone.localdate(draft.now):%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        hit.lines(seen),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
