"""docs/reliability.md: no promise without a test. What a row names carries its number; every number has a row."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import Final

import pytest

from tests.repo.tree import ROOT

PAGE: Final = (ROOT / "docs/reliability.md").read_text(encoding="utf-8")
ROWS: Final = re.findall(r"^\| ([IFA][0-9]+) \| (.+) \|$", PAGE, re.MULTILINE)
# A test of the list: where it stands below tests/, and its name.
NAMED: Final = re.compile(r"`([a-z0-9_/]+\.py)::(test_[a-z0-9_]+)`")
WAITS: Final = "waits for "


def named_in(row: str) -> list[tuple[str, str]]:
    return NAMED.findall(row.rsplit(" | ", 1)[-1])


@cache
def marked(path: str) -> dict[str, set[str]]:
    """The rows that each test of a file says it shows."""
    tree = ast.parse((ROOT / "tests" / path).read_text(encoding="utf-8"))
    whole = {row for node in tree.body if _is_pytestmark(node) for row in _rows(node)}
    tests = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {test.name: whole.union(*map(set, map(_rows, test.decorator_list))) for test in tests}


def _is_pytestmark(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"


def _rows(node: ast.AST) -> Iterator[str]:
    """The arguments of every `proves(...)` in it."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("proves"):
            yield from (str(ast.literal_eval(each)) for each in call.args)


# The last invariant, fault and attack: a row that is taken out leaves a gap that somebody has to explain.
LAST: Final = {"I": 27, "F": 60, "A": 90}


def test_no_number_is_left_out_or_given_twice() -> None:
    wanted = [f"{kind}{number}" for kind, last in LAST.items() for number in range(1, last + 1)]
    assert [number for number, _ in ROWS] == wanted


@pytest.mark.parametrize(("number", "row"), ROWS, ids=[number for number, _ in ROWS])
def test_every_row_has_its_test(number: str, row: str) -> None:
    """The test exists and names the row; or the row says which feature it waits for."""
    tests = named_in(row)
    assert tests or WAITS in row.rsplit(" | ", 1)[-1], f"{number} names no test"
    for path, name in tests:
        assert number in marked(path).get(name, set()), f"{number}: {path}::{name} does not say that it proves it"


def test_every_test_that_names_a_row_names_one_that_stands_there() -> None:
    files = [str(path.relative_to(ROOT / "tests")) for path in (ROOT / "tests").rglob("test_*.py")]
    shown = {row for path in files for rows in marked(path).values() for row in rows}
    unknown = shown - {number for number, _ in ROWS}
    assert not unknown, f"docs/reliability.md has no row {sorted(unknown)}"
