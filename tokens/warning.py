"""Word that an exemption ends soon: to the person, to who approved it, and to those in charge of its account."""

from datetime import datetime

from django.db import transaction

from policies.exemptions import note_warned, stewards_of, to_warn_of
from policies.models import Exemption
from tokens import notifications
from tokens.events import ExemptionEvent


def warn(*, now: datetime) -> int:
    """Owe word of every exemption that ends soon, once; return how many there were."""
    found = to_warn_of(now=now).select_related("person", "role", "account").order_by("pk")
    return sum(_warn(exemption, now) for exemption in list(found))


@transaction.atomic
def _warn(exemption: Exemption, now: datetime) -> bool:
    if not note_warned(exemption, now=now):
        return False
    person, role = exemption.person, exemption.role
    facts = {
        "name": person.name if person else "",
        "role": role.label if role else "",
        "account": exemption.account.name,
        "ends_at": exemption.ends_at.isoformat(),
        "reason": exemption.reason,
    }
    stewards = stewards_of(exemption, now=now) if role else {exemption.approved_by_id}
    told = {pk for pk in stewards if pk is not None and pk != exemption.person_id}
    notifications.owe_warning(ExemptionEvent.WARN, sorted(told), now=now, **facts)
    if person is not None:
        notifications.owe_warning(ExemptionEvent.WARN, [person.pk], now=now, **facts, is_own=True)
    return True
