"""How a change of the rules that has begun judges people, and how it comes to its end."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.audit import record
from accounts.locks import hold_rules
from accounts.people import memberships
from policies.comparing import Comparison, Verdict
from policies.models import PlannedChange, Stage


def verdicts(planned: PlannedChange, owner_ids: Collection[int], *, now: datetime) -> dict[int, Verdict]:
    """Those of these people whom the change is for, under the rules of before and of today.

    Their roles are those of `now`; limits and exemptions are counted from the moment at which it began, however long it
    takes. Whoever calls holds the rules and these people.
    """
    comparison = Comparison.of(planned.account, planned.before, now=planned.began_at).turned()
    return comparison.of_people(memberships(owner_ids, now=now))


def locked_if_begun(planned_id: int) -> PlannedChange | None:
    """A change that is being carried out, locked until the transaction ends; None where it is not, or not any more.

    The rules are held first, as everywhere: see `accounts.locks`.
    """
    hold_rules()
    changes = PlannedChange.objects.select_for_update(of=("self",)).select_related("account", "made_by")
    return changes.filter(pk=planned_id, stage=Stage.APPLYING).first()


def begun() -> list[int]:
    """The ids of the changes that are being carried out, the oldest first."""
    applying = PlannedChange.objects.filter(stage=Stage.APPLYING)
    return list(applying.order_by("applied_at", "pk").values_list("pk", flat=True))


@transaction.atomic
def finish(planned: PlannedChange, *, now: datetime) -> None:
    """Note that nothing is left to do, with a line that says how much that was."""
    planned.stage, planned.finished_at = Stage.APPLIED, now
    planned.save(update_fields=["stage", "finished_at"])
    record(
        "policy.apply",
        actor=planned.made_by,
        now=now,
        account=planned.account,
        subject_id=planned.account_id,
        after={"shortened": planned.shortened, "revoked": planned.revoked},
    )
