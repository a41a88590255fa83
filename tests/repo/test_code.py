"""Rules of the code that no linter knows, each with its reason."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

import pytest

from tests.repo.tree import Module, modules

CODE: Final = ("smsgw", "simulator")
ALL: Final = (*CODE, "bench", "tests")

# Everything that sees a sum of money before the wire does.
MONEY: Final = (
    "smsgw/domain", "smsgw/ledger", "smsgw/parser", "smsgw/service", "smsgw/sessions", "smsgw/settlement",
    "smsgw/providers", "smsgw/store",
)  # fmt: skip
# A number with a point in it may stand for these only; a sum is never divided so that a rest could be lost.
TIMES: Final = re.compile(r"(^|_)(s|rate|ratio|share|chance)(_min|_max)?$", re.IGNORECASE)
DIVIDED: Final[dict[str, str]] = {
    "smsgw/service/rules.py": "microseconds into the seconds of a datetime",
    "smsgw/store/batch.py": "a share of a pause",
}
# Time and chance come in as arguments.
TIMELESS: Final = (
    "smsgw/domain", "smsgw/ledger", "smsgw/parser", "smsgw/sessions", "smsgw/replies", "smsgw/service",
    "smsgw/settlement", "smsgw/smpp",
)  # fmt: skip
CLOCKS: Final = r".*\.(now|utcnow|today|time_ns|monotonic|perf_counter|urandom|uuid[1-8]|getrandbits|token_[a-z]+)"
CHANCE: Final = frozenset({"time", "random", "secrets", "uuid"})
# The one edge among them: the socket.
EDGES: Final = frozenset({"smsgw/smpp/connection.py", "smsgw/smpp/link.py"})
# Speaking to the person at the keyboard is their work.
MAY_PRINT: Final = ("smsgw/cli.py", "smsgw/commands/", "simulator/")

# A loop that must outlive one bad turn catches everything, logs it and goes on. One line per loop.
SUPERVISED: Final[dict[str, str]] = {
    "smsgw/service/intake.py": "whatever a text raises is counted, so that poison is given up at last",
    "smsgw/smpp/connection.py": "every inbound text is answered, whatever happens to it",
    "smsgw/store/batch.py": "a unit that raises is rolled back alone, and its caller is told",
    "smsgw/worker.py": "one bad row must not stop the others; its lease brings it back",
}

# This file speaks of silenced warnings without silencing any.
THIS: Final = "tests/repo/test_code.py"

FLOATS: Final = frozenset({"float", "float | None", "Final[float]"})

# Names that say nothing about what is inside.
EMPTY_NAMES: Final = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "shared", "stuff"})


def called(module: Module, pattern: str) -> list[str]:
    """Where *module* calls something whose whole dotted name matches *pattern*."""
    return [module.at(call) for call in module.calls() if re.fullmatch(pattern, ast.unparse(call.func))]


def caught(handler: ast.ExceptHandler) -> set[str]:
    """The names of the exceptions that *handler* catches."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {ast.unparse(kind) if kind else "BaseException" for kind in kinds}


def hides(handler: ast.ExceptHandler) -> bool:
    """True unless the handler ends by raising the same error again: then it only cleans up."""
    last = handler.body[-1]
    return not (isinstance(last, ast.Raise) and last.exc is None)


def catch_alls(module: Module) -> list[str]:
    """Handlers that swallow whatever comes, and where."""
    handlers = [node for node in ast.walk(module.tree) if isinstance(node, ast.ExceptHandler) and hides(node)]
    return [module.at(handler) for handler in handlers if caught(handler) & {"Exception", "BaseException"}]


def test_only_supervised_loops_catch_everything() -> None:
    """Expected outcomes are values, so a catch-all can only hide a bug."""
    handlers = {module.path: catch_alls(module) for module in modules(*CODE)}
    allowed = {path: len(where) == 1 and path in SUPERVISED for path, where in handlers.items() if where}
    assert all(allowed.values()), [handlers[path] for path, fine in allowed.items() if not fine]
    assert set(SUPERVISED) <= set(allowed), "the table names a loop that is gone"


def float_literals(module: Module) -> set[ast.Constant]:
    return {node for node in ast.walk(module.tree) if isinstance(node, ast.Constant) and type(node.value) is float}


def timed(module: Module) -> set[ast.AST]:
    """Everything that stands in a value whose name says that it is seconds, a rate or a share."""
    found: set[ast.AST] = set()
    for node in ast.walk(module.tree):
        for target, value in _named(node):
            if TIMES.search(target.removeprefix("self.")):
                found |= set(ast.walk(value))
    return found


def _named(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """(name, value) of what is assigned, passed by name, compared, given beside it to a call, or returned."""
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and node.value:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from ((ast.unparse(target), node.value) for target in targets)
    elif isinstance(node, ast.keyword):
        yield node.arg or "", node.value
    elif isinstance(node, ast.Call):
        # The least of a wait, the default of a time: its neighbours say what it is.
        yield from ((ast.unparse(each).rsplit(".", 1)[-1], node) for each in (*node.args, _receiver(node)))
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        returned = [each.value for each in ast.walk(node) if isinstance(each, ast.Return)]
        yield from ((node.name, value) for value in returned if value)
    elif isinstance(node, ast.Compare):
        yield ast.unparse(node.left), node


def _receiver(call: ast.Call) -> ast.expr:
    """What a method is called on; the function itself where it is none."""
    return call.func.value if isinstance(call.func, ast.Attribute) else call.func


def divisions(module: Module) -> list[str]:
    """Where something is divided so that a rest is lost."""
    found = [node for node in ast.walk(module.tree) if isinstance(node, ast.BinOp | ast.AugAssign)]
    return [f"{module.path}:{node.lineno}" for node in found if isinstance(node.op, ast.Div)]


def floating(module: Module) -> list[str]:
    """Where a sum could become a float: a literal, `float(…)`, or a true division."""
    literals = [module.at(each) for each in float_literals(module) - timed(module)]
    return literals + called(module, "float") + ([] if module.path in DIVIDED else divisions(module))


@pytest.mark.proves("I3")
def test_money_never_meets_a_float() -> None:
    """No float literal but seconds, no `float(…)`, no true division where sums are."""
    found = [where for module in modules(*MONEY) for where in floating(module)]
    assert not found, "\n".join(found)


@pytest.mark.proves("I3")
@pytest.mark.parametrize(
    "line",
    ["fee = amount * 0.01", "fee_minor = 1.5", "total = float(text)", "half = amount.minor / 2", "amount /= 2",
     "def fee(a): return 0.5", "f(amount, 1e3)", "x = Money(minor=1.0)"],
)  # fmt: skip
def test_a_float_that_is_money_would_be_found(line: str) -> None:
    assert floating(Module("smsgw/ledger/bad.py", line, ast.parse(line)))


def annotated(module: Module) -> Iterator[tuple[str, str]]:
    """(name, annotation) of every annotated parameter, variable and field."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.arg) and node.annotation:
            yield node.arg, ast.unparse(node.annotation)
        elif isinstance(node, ast.AnnAssign):
            yield ast.unparse(node.target).removeprefix("self."), ast.unparse(node.annotation)


def test_floats_are_seconds_rates_or_chances() -> None:
    """The unit stands in the name, so that a float that is money would show."""
    floats = [(m.path, name) for m in modules("smsgw") for name, kind in annotated(m) if kind in FLOATS]
    other = [f"{path}: {name}" for path, name in floats if not TIMES.search(name)]
    assert not other, "\n".join(other)


def unrepeatable(module: Module) -> list[str]:
    """Where a run could differ from the same run: the time of day, chance, what the machine makes up."""
    return called(module, CLOCKS) + [f"{module.path}: {name}" for name in imported(module) & CHANCE]


def test_cores_never_ask_what_time_it_is_nor_draw_lots() -> None:
    """Cores and use cases are given both, so that the same seed is the same run."""
    asked = [where for m in modules(*TIMELESS) if m.path not in EDGES for where in unrepeatable(m)]
    assert not asked, "\n".join(asked)


@pytest.mark.parametrize(
    "line",
    ["at = datetime.now(UTC)", "at = datetime.utcnow()", "day = date.today()", "nonce = os.urandom(12)",
     "import random", "import secrets", "from uuid import uuid4", "id = uuid.uuid4()", "import time"],
)  # fmt: skip
def test_a_clock_or_chance_in_a_core_would_be_found(line: str) -> None:
    assert unrepeatable(Module("smsgw/sessions/bad.py", line, ast.parse(line)))


def test_only_commands_print() -> None:
    printed = [w for m in modules(*CODE) if not m.path.startswith(MAY_PRINT) for w in called(m, "print")]
    assert not printed, "\n".join(printed)


def test_every_module_says_what_it_is() -> None:
    silent = [module.path for module in modules(*ALL) if not ast.get_docstring(module.tree)]
    assert not silent, "\n".join(silent)


def test_no_module_has_an_empty_name() -> None:
    empty = [module.path for module in modules(*ALL) if EMPTY_NAMES & set(module.name.split("."))]
    assert not empty, "\n".join(empty)


def public(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """What a module or a class offers: names without an underscore."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body)


def explains_itself(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """True with a docstring; or for a port's field, whose name and type are all there is to say."""
    return bool(ast.get_docstring(node)) or ast.unparse(node.body[0]) == "..."


def test_everything_public_has_a_docstring() -> None:
    offered = [(module, node) for module in modules(*CODE) for node in public(module.tree.body)]
    silent = [f"{module.at(node)} {node.name}" for module, node in offered if not explains_itself(node)]
    assert not silent, "\n".join(silent)


def imported(module: Module) -> set[str]:
    """The dotted names that *module* imports from."""
    nodes = list(ast.walk(module.tree))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def test_unit_tests_touch_nothing_outside() -> None:
    """No I/O, no sleeping, no mocks: what is pure is tried with values."""
    outside = {"socket", "sqlite3", "subprocess", "time", "unittest.mock", "threading", "aiohttp.web", "http.server"}
    touched = [f"{m.path}: {name}" for m in modules("tests/unit") for name in sorted(imported(m) & outside)]
    assert not touched, "\n".join(touched)


def test_every_silenced_warning_says_why() -> None:
    """`# noqa: CODE -- the reason`; a silenced type error needs one too, but in a test the test is the reason."""
    silenced = re.compile(r"#\s*(?:noqa|type:\s*ignore)\b(.*)")
    lines = [(m.path, line) for m in modules(*ALL) if m.path != THIS for line in silenced.finditer(m.source)]
    bare = [f"{path}: {line[0]}" for path, line in lines if not re.search(r"(--?|#) \w+", line[1])]
    bare = [entry for entry in bare if not (entry.startswith("tests/") and "type:" in entry)]
    assert not bare, "\n".join(bare)
