"""Sizes: small functions, small modules, few parameters. Long code is where mistakes hide."""

from __future__ import annotations

from statistics import median
from typing import Final

from tests.repo.tree import modules

CODE: Final = ("smsgw", "simulator")
ALL: Final = (*CODE, "bench", "tests")

# A function fits one screen; most fit one thought.
FUNCTION_LINES_MAX: Final = 50
FUNCTION_LINES_MEDIAN: Final = 8
# A module is read in one sitting.
MODULE_LINES_MAX: Final = 400
# More than five things to pass is a value that wants a name.
PARAMETERS_MAX: Final = 5


def test_no_function_is_longer_than_a_screen() -> None:
    long = [f"{f} has {f.lines} lines" for m in modules(*ALL) for f in m.functions() if f.lines > FUNCTION_LINES_MAX]
    assert not long, "\n".join(long)


def test_most_functions_hold_one_thought() -> None:
    assert median(f.lines for m in modules(*CODE) for f in m.functions()) <= FUNCTION_LINES_MEDIAN


def test_no_module_takes_more_than_one_sitting() -> None:
    lengths = {m.path: m.source.count("\n") for m in modules(*ALL)}
    long = [f"{path} has {lines} lines" for path, lines in lengths.items() if lines > MODULE_LINES_MAX]
    assert not long, "\n".join(long)


def test_no_function_asks_for_more_than_five_things() -> None:
    # Tests are left out: a parametrised test has as many columns as its table needs.
    wide = [f"{f} takes {f.parameters}" for m in modules(*CODE) for f in m.functions() if f.parameters > PARAMETERS_MAX]
    assert not wide, "\n".join(wide)
