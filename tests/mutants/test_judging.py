"""A result of mutants is good if nearly all were noticed, and the others are explained one by one."""

from tests.mutants.judging import faults, row, score
from tests.mutants.tree import Mutant

KILLED, SLOW = Mutant("a.b", "", "", "killed"), Mutant("a.b", "", "", "timeout")
ALIVE = Mutant("a.b", "x = 1", "x = 2", "survived")
WHY = "# Survivors\n\n- `a.b`: `x = 2`. Nobody asks for x.\n"


def test_all_noticed_is_well() -> None:
    assert faults([KILLED, SLOW], "") == []
    assert row("roles", [KILLED, SLOW]) == "| roles | 2 | 2 | 1 | 0 | 100.0 % |"


def test_a_survivor_needs_an_explanation() -> None:
    mutants = [*[KILLED] * 19, ALIVE]
    assert score(mutants) == 95
    assert faults(mutants, WHY) == []
    for said in ("", WHY.replace("a.b", "a.c"), WHY.replace("x = 2", "x = 3"), "- `a.b`: `x = 2`.\n"):
        assert faults(mutants, said) == ["- `a.b`: `x = 2`. (survived; it was `x = 1`)"]


def test_too_many_survivors_are_a_fault_however_well_explained() -> None:
    assert faults([*[KILLED] * 18, ALIVE], WHY) == ["only 94.7 % were noticed"]


def test_a_mutant_that_no_test_reaches_has_survived() -> None:
    assert score([Mutant("a.b", "", "y", "no tests")]) == 0
