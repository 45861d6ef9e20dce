"""The tree of accounts as paths of ids."""

import pytest

from accounts.tree import Path, home_of, is_within

ROOT = (1,)


@pytest.mark.parametrize(
    ("paths", "home"),
    [
        ([], (1,)),
        ([(1, 2, 5)], (1, 2, 5)),
        ([(1, 2, 5), (1, 2, 5)], (1, 2, 5)),
        ([(1, 2, 5), (1, 2, 6)], (1, 2)),
        ([(1, 2, 5), (1, 2)], (1, 2)),
        ([(1, 2), (1, 2, 5)], (1, 2)),
        ([(1, 2, 5), (1, 3, 5)], (1,)),
        ([(1, 2, 5, 8), (1, 2, 5, 9), (1, 2, 6)], (1, 2)),
        ([(1, 2, 5, 8), (1, 2, 5, 8), (1, 2, 5, 9)], (1, 2, 5)),
    ],
)
def test_a_home_is_the_deepest_account_that_holds_all_roles(paths: list[Path], home: Path) -> None:
    assert home_of(paths, root=ROOT) == home


def test_a_home_does_not_depend_on_how_roles_are_given() -> None:
    assert home_of(iter([(1, 2, 5), (1, 2, 6)]), root=ROOT) == (1, 2)
    assert home_of(iter([]), root=(7,)) == (7,)


def test_an_account_lies_within_itself_and_all_above_it() -> None:
    assert is_within((1, 2, 5), [5])
    assert is_within((1, 2, 5), [9, 1])
    assert not is_within((1, 2), [5])
    assert not is_within((1, 2, 5), [])
