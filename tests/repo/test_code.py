"""Rules of the code that no linter knows, each with its reason."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from tests.repo.tree import Module, modules

CODE: Final = ("smsgw", "simulator")
ALL: Final = (*CODE, "bench", "tests")

# Everything that sees a sum of money before the wire does.
MONEY: Final = ("smsgw/domain", "smsgw/ledger", "smsgw/parser", "smsgw/service", "smsgw/settlement", "smsgw/providers")
# Time comes in as an argument.
TIMELESS: Final = ("smsgw/domain", "smsgw/ledger", "smsgw/parser", "smsgw/sessions", "smsgw/replies", "smsgw/smpp")
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


def test_money_never_meets_a_float() -> None:
    """Nothing is turned into a float where sums are; seconds come in as floats and stay seconds."""
    made = [where for module in modules(*MONEY) for where in called(module, "float")]
    assert not made, "\n".join(made)


def annotated(module: Module) -> Iterator[tuple[str, str]]:
    """(name, annotation) of every annotated parameter, variable and field."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.arg) and node.annotation:
            yield node.arg, ast.unparse(node.annotation)
        elif isinstance(node, ast.AnnAssign):
            yield ast.unparse(node.target).removeprefix("self."), ast.unparse(node.annotation)


def test_floats_are_seconds_rates_or_chances() -> None:
    """The unit stands in the name, so that a float that is money would show."""
    unit = re.compile(r"(^|_)(s|rate|ratio|share|chance)(_min|_max)?$", re.IGNORECASE)
    floats = [(m.path, name) for m in modules("smsgw") for name, kind in annotated(m) if kind in FLOATS]
    other = [f"{path}: {name}" for path, name in floats if not unit.search(name)]
    assert not other, "\n".join(other)


def test_cores_never_ask_what_time_it_is() -> None:
    asked = [w for m in modules(*TIMELESS) if m.path not in EDGES for w in called(m, r".*\.(now|utcnow|today)")]
    assert not asked, "\n".join(asked)


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
