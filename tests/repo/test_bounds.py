"""Whatever grows has an end: no queue, pool or cache of the gateway without a limit that somebody has named."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

import pytest

from tests.repo.tree import Module, modules

# What grows by itself, and the argument that ends it.
GROWS: Final[dict[str, frozenset[str]]] = {
    "deque": frozenset({"maxlen"}),
    "Queue": frozenset({"maxsize"}),
    "LifoQueue": frozenset({"maxsize"}),
    "PriorityQueue": frozenset({"maxsize"}),
    "SimpleQueue": frozenset(),
    "OrderedDict": frozenset(),
    "lru_cache": frozenset({"maxsize"}),
    "cache": frozenset(),
    "ThreadPoolExecutor": frozenset({"max_workers"}),
    "ProcessPoolExecutor": frozenset({"max_workers"}),
}
# Bounded by who fills them: how, and (in the tests) what happens at the limit.
BOUNDED_BY_HAND: Final[dict[str, str]] = {
    "smsgw/worker.py deque": "a group has places and a backlog; beyond them a row waits in the table",
    "smsgw/web/trace.py deque": "a reader that falls behind is told how many lines it lost",
    "smsgw/store/writer.py SimpleQueue": "WAITING_MAX units; the next one is refused, and its text comes again",
    "smsgw/sessions/remembered.py OrderedDict": "REMEMBERED_MAX; the least recently used leaves first",
    "smsgw/service/watch.py OrderedDict": "WATCHED_MAX; the oldest leaves first",
    "smsgw/web/strangers.py OrderedDict": "SOURCES_MAX; the oldest leaves first",
    "smsgw/store/inline.py cache": "no arguments: one value",
    "smsgw/store/sql.py cache": "one value a database: there are two",
    "smsgw/store/schema.py cache": "one value a database: there are two",
    "smsgw/domain/changes.py cache": "one value a class",
}

pytestmark = pytest.mark.proves("I25")


def growing(module: Module) -> Iterator[str]:
    """What is made without a limit: "path kind"."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            kind = ast.unparse(node.func).rsplit(".", 1)[-1].split("[")[0]
            named = {keyword.arg for keyword in node.keywords}
            # deque(rows, 10) and ThreadPoolExecutor(4) name their limit by its place.
            placed = len(node.args) > (kind in {"deque", "OrderedDict"})
            if kind in GROWS and not (placed or named & GROWS[kind]):
                yield f"{module.path} {kind}"
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for each in node.decorator_list:
                kind = ast.unparse(each).rsplit(".", 1)[-1]
                if kind in {"cache", "lru_cache"}:
                    yield f"{module.path} {kind}"


def test_whatever_grows_has_a_limit() -> None:
    found = {each for module in modules("smsgw") for each in growing(module)}
    assert found == set(BOUNDED_BY_HAND)


@pytest.mark.parametrize(
    "line",
    [
        "q = deque()",
        "q = deque(rows)",
        "q = asyncio.Queue()",
        "q = queue.SimpleQueue()",
        "q: Queue[int] = Queue[int]()",
        "d = OrderedDict()",
        "@cache\ndef f(a): ...",
        "@functools.lru_cache\ndef f(a): ...",
        "p = ThreadPoolExecutor()",
    ],
)
def test_what_grows_without_end_would_be_found(line: str) -> None:
    assert list(growing(Module("smsgw/bad.py", line, ast.parse(line))))


@pytest.mark.parametrize("line", ["q = deque(maxlen=9)", "q = Queue(9)", "@lru_cache(maxsize=9)\ndef f(a): ..."])
def test_what_has_a_limit_is_left_alone(line: str) -> None:
    assert not list(growing(Module("smsgw/good.py", line, ast.parse(line))))
