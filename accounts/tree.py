"""The account tree as paths of ids, root first. Pure."""

from collections.abc import Iterable, Sequence

Path = tuple[int, ...]


def home_of(paths: Iterable[Path], *, root: Path) -> Path:
    """Return the deepest account that holds all `paths`; the root where there are none.

    >>> home_of([(1, 2, 5), (1, 2, 6)], root=(1,))
    (1, 2)
    """
    homes = list(paths)
    if not homes:
        return root
    shared = homes[0]
    for path in homes[1:]:
        if path != shared:  # most people's roles lie in one account
            shared = _common(shared, path)
    return shared


def _common(a: Path, b: Path) -> Path:
    depth = len(a)
    while a[:depth] != b[:depth]:
        depth -= 1
    return a[:depth]


def is_within(path: Sequence[int], account_ids: Iterable[int]) -> bool:
    """Whether the account at the end of `path` lies in the subtree of one of `account_ids`."""
    return not set(path).isdisjoint(account_ids)
