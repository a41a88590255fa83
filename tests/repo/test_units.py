"""No network inside a transaction: whoever holds one cannot await, and the modules that do know no network.

The store asserts the rest when a unit runs: what it returns is never something to be awaited.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

import pytest

from tests.repo.test_code import imported
from tests.repo.tree import Module, modules

# What is only there while a transaction is open.
IN_UNIT: Final = frozenset({"Tx", "SqlTx", "Conversation"})
# Whatever speaks to other machines.
NETWORK: Final = ("aiohttp", "socket", "ssl", "asyncio.streams", "smsgw.providers", "smsgw.smpp.link", "urllib.request")
# They wire both sides together: what they hand to the store is a lambda over its own parts.
WIRING: Final = frozenset({"smsgw/app.py", "smsgw/node.py", "smsgw/wiring.py", "smsgw/web/health.py"})

pytestmark = pytest.mark.proves("I17")


def annotated_functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions that are given an open transaction."""
    for function in module.functions():
        arguments = (*function.node.args.posonlyargs, *function.node.args.args, *function.node.args.kwonlyargs)
        if any(each.annotation and ast.unparse(each.annotation) in IN_UNIT for each in arguments):
            yield function.node


def async_in_unit(module: Module) -> list[str]:
    """Functions that could await with a transaction open."""
    return [module.at(node) for node in annotated_functions(module) if isinstance(node, ast.AsyncFunctionDef)]


def writes(module: Module) -> Iterator[tuple[ast.Call, ast.expr]]:
    """(call, unit) of every `store.write(key, unit)`."""
    for call in module.calls():
        function = call.func
        if isinstance(function, ast.Attribute) and function.attr == "write" and "store" in ast.unparse(function.value):
            assert len(call.args) == 2, f"{module.at(call)}: write takes a key and a unit"
            yield call, call.args[1]


def name_of(unit: ast.expr) -> str:
    """The function behind `work`, `self._work` or `partial(self._work, …)`; "" for a lambda."""
    if isinstance(unit, ast.Call) and ast.unparse(unit.func) == "partial":
        return name_of(unit.args[0])
    return ast.unparse(unit).rsplit(".", 1)[-1] if isinstance(unit, ast.Name | ast.Attribute) else ""


def unplain_units(module: Module) -> list[str]:
    """Units that are no plain function: coroutines, and what only makes a unit when it is called."""
    coroutines = {f.name for f in module.functions() if isinstance(f.node, ast.AsyncFunctionDef)}
    odd = []
    for call, unit in writes(module):
        plain = isinstance(unit, ast.Lambda) or (name_of(unit) and name_of(unit) not in coroutines)
        made = isinstance(unit, ast.Call) and ast.unparse(unit.func) != "partial"
        odd += [] if plain and not made else [module.at(call)]
    return odd


def reaches_out(module: Module) -> set[str]:
    """The network that a module of units imports."""
    if module.path in WIRING or not any(True for _ in annotated_functions(module)):
        return set()
    return {name for name in imported(module) if name.startswith(NETWORK)}


def test_whoever_is_given_a_transaction_cannot_await() -> None:
    found = [where for module in modules("smsgw") for where in async_in_unit(module)]
    assert not found, "\n".join(found)


def test_what_the_store_runs_is_a_plain_function() -> None:
    found = [where for module in modules("smsgw") for where in unplain_units(module)]
    assert not found, "\n".join(found)
    assert sum(1 for module in modules("smsgw") for _ in writes(module)) > 30, "the search finds nothing any more"


def test_modules_of_units_know_no_network() -> None:
    found = {module.path: names for module in modules("smsgw") if (names := reaches_out(module))}
    assert not found


@pytest.mark.parametrize(
    "source",
    [
        "async def work(tx: Tx) -> int: ...",
        "class A:\n    async def _work(self, talk: Conversation) -> None: ...",
    ],
)
def test_a_coroutine_with_a_transaction_would_be_found(source: str) -> None:
    assert async_in_unit(snippet(source))


@pytest.mark.parametrize(
    "unit", ["work", "partial(work, 1)", "self.work", "partial(self.work, 1)", "make()", "(work if a else b)"]
)
def test_a_unit_that_could_await_would_be_found(unit: str) -> None:
    assert unplain_units(snippet(f"async def work(tx): ...\nasync def f(): await self._store.write('', {unit})"))


@pytest.mark.parametrize("line", ["import aiohttp", "from smsgw.providers.http import Lane", "import socket"])
def test_a_network_beside_a_unit_would_be_found(line: str) -> None:
    assert reaches_out(snippet(f"{line}\ndef work(tx: Tx) -> None: ..."))


def snippet(source: str) -> Module:
    return Module("smsgw/bad.py", source, ast.parse(source))
