"""accounts.csv: the tree. Few rows, in any order: a child may stand before its parent."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from accounts.audit import record
from accounts.models import Account, OpenState
from accounts.sis.run import Run, rows

_STAGED = """
SELECT DISTINCT ON (sis) sis, file, line, parent, name, state, (count(*) OVER (PARTITION BY sis) - 1)::int
FROM sis_account ORDER BY sis, n DESC
"""
_FIELDS = ("name", "parent_id", "state")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One account as the files have it; `parent` is empty for an account right below the root."""

    sis: str
    file: int
    line: int
    parent: str
    name: str
    state: str
    repeated: int

    def differs(self, account: Account, parent_id: int | None) -> bool:
        return (self.name, self.state, parent_id) != (account.name, account.state, account.parent_id)


class Tree:
    """What is to become of the accounts: planned from the rows and from what there is, then written.

    Accounts go by what the files call them; the root by the empty text, and one that no file knows by its number.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._known = {_name_of(account): account for account in Account.objects.select_related("parent")}
        self._wanted = {row[0]: Wanted(*row) for row in rows(_STAGED)}
        for wanted in self._wanted.values():
            run.report.of(run.stage.of(wanted.file)).repeated += wanted.repeated
        self._rename_root()
        while bad := list(self._bad()):
            for name, reason in bad:
                wanted = self._wanted.pop(name)
                run.stage.problem_at(wanted.file, wanted.line, reason)
        self.turning = [account.pk for account in self._turning()]

    def write(self) -> None:
        """Write the accounts, each after its parent, so that no account ever lies below itself on the way."""
        for name in sorted(self._wanted, key=lambda name: len(list(self._line(name)))):
            wanted = self._wanted[name]
            if name in self._known:
                self._change(wanted, self._known[name])
            else:
                self._known[name] = self._add(wanted)

    def _rename_root(self) -> None:
        """A root that has an account_id of its own goes by the empty text all the same."""
        root_sis = self._known[""].sis_account_id
        if root_sis in self._wanted:
            self._wanted[""] = self._wanted.pop(root_sis)

    def _bad(self) -> Iterator[tuple[str, str]]:
        with_children = {self._parent_of(name) for name in {*self._known, *self._wanted} if self._is_active(name)}
        for name, wanted in self._wanted.items():
            parent = self._parent_of(name)
            if parent is None:
                if wanted.parent or wanted.state != OpenState.ACTIVE:
                    yield name, "the root account can neither move nor be deleted"
            elif parent not in self._known and parent not in self._wanted:
                yield name, f"parent_account_id “{wanted.parent}” is not known"
            elif name in self._line(name):
                yield name, "the account would lie below itself"
            elif wanted.state == OpenState.DELETED and name in with_children:
                yield name, "the account has active sub-accounts, so it cannot be deleted"

    def _parent_of(self, name: str) -> str | None:
        """What the account's parent goes by when all is written; None for the root."""
        if name == "":
            return None
        if name in self._wanted:
            parent = self._wanted[name].parent
            return "" if parent == self._known[""].sis_account_id else parent
        above = self._known[name].parent
        return None if above is None else _name_of(above)

    def _line(self, name: str) -> Iterator[str]:
        """The accounts above, up to the root, or once around a circle."""
        seen: set[str] = set()
        above = self._parent_of(name)
        while above is not None and above not in seen and (above in self._known or above in self._wanted):
            seen.add(above)
            yield above
            above = self._parent_of(above)

    def _is_active(self, name: str) -> bool:
        state = self._wanted[name].state if name in self._wanted else self._known[name].state
        return state == OpenState.ACTIVE

    def _turning(self) -> Iterator[Account]:
        """Accounts that move, open or close: what their people's roles amount to may change with it."""
        for name, wanted in self._wanted.items():
            account, parent = self._known.get(name), self._parent_of(name)
            if account is not None and parent is not None:
                moves = parent not in self._known or self._known[parent].pk != account.parent_id
                if moves or wanted.state != account.state:
                    yield account

    def _add(self, wanted: Wanted) -> Account:
        parent = self._known[self._parent_of(wanted.sis) or ""]
        made = Account.objects.create_under(parent, name=wanted.name, state=wanted.state, sis_account_id=wanted.sis)
        self._record("account.add", made, {})
        self._run.report.of("accounts").created += 1
        return made

    def _change(self, wanted: Wanted, account: Account) -> None:
        parent = self._parent_of(_name_of(account))
        parent_id = None if parent is None else self._known[parent].pk
        if not wanted.differs(account, parent_id):
            return
        before, counts = _facts(account), self._run.report.of("accounts")
        ends = account.state == OpenState.ACTIVE and wanted.state != OpenState.ACTIVE
        account.name, account.state, account.parent_id = wanted.name, wanted.state, parent_id
        account.save(update_fields=_FIELDS)
        self._record("account.change", account, before)
        counts.ended += ends
        counts.updated += not ends

    def _record(self, action: str, account: Account, before: dict[str, Any]) -> None:
        after = _facts(account)
        changed = [name for name in after if before.get(name) != after[name]]
        record(
            action,
            actor=self._run.actor,
            now=self._run.now,
            account=account,
            subject_id=account.pk,
            before={name: before[name] for name in changed if name in before},
            after={name: after[name] for name in changed},
        )


def _name_of(account: Account) -> str:
    if account.parent_id is None:
        return ""
    return account.sis_account_id or f"\0{account.pk}"


def _facts(account: Account) -> dict[str, Any]:
    return {name: getattr(account, name) for name in _FIELDS}
