"""What the accounts above leave to an account: below a lock a setting can only become tighter."""

from collections.abc import Mapping

from accounts.models import Account
from policies.inheritance import origins
from policies.models.policy import as_rule
from policies.refusals import Code, Gathered, refuse
from policies.rules import SETTINGS, tighter


def require_within_locks(account: Account, values: Mapping[str, object]) -> None:
    """Refuse values that are looser than a lock above leaves. `values` are valid. Raises Refused(setting_locked)."""
    chosen = {name: value for name, value in values.items() if name in SETTINGS and value is not None}
    if not chosen or account.parent_id is None:
        return
    known = origins(account)
    with Gathered() as gathered:
        for name, value in chosen.items():
            origin, rule = known[name], as_rule(name, value)
            with gathered:
                if origin.locked_by is not None and tighter(name, origin.inherited, rule) != rule:
                    raise refuse(Code.SETTING_LOCKED, name, account=origin.locked_by.name)
    gathered.require()
