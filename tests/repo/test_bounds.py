"""Whatever grows has an end: no queue, pool or cache of the gateway without a limit that somebody has named."""

from __future__ import annotations

import ast
import re
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

# Containers that live as long as their object, and how one of them grows.
CONTAINERS: Final = frozenset({"dict", "set", "list", "Counter", "defaultdict", "bytearray"})
DISPLAYS: Final = (ast.Dict, ast.Set, ast.List, ast.DictComp, ast.SetComp, ast.ListComp)
MAKERS: Final = frozenset({"__init__", "__post_init__"})
ADDS: Final = frozenset({"add", "append", "extend", "insert", "update", "setdefault"})
ADDS_TO_FIRST: Final = frozenset({"insort", "insort_left", "insort_right", "heappush"})
# What bounds each attribute that is filled while the gateway runs.
WRITTEN: Final[dict[str, str]] = {
    "smsgw/providers/hosts.py AllowedHosts._networks": "the providers of the configuration",
    "smsgw/providers/statements.py _Document._keys": "DEPTH_MAX",
    "smsgw/providers/statements.py _Document._lines": "STATEMENT_BYTES_MAX",
    "smsgw/providers/statements.py _Document._open": "DEPTH_MAX",
    "smsgw/service/day_end.py DayEnd._resting_until_s": "the providers of the configuration",
    "smsgw/service/exchanges.py ProviderVitals.answers": "a copy of _Record.answers",
    "smsgw/service/exchanges.py ProviderVitals.seconds": "a copy of _Record.seconds",
    "smsgw/service/exchanges.py _Record.answers": "verbs and words of answers, which are ours",
    "smsgw/service/exchanges.py _Record.seconds": "verbs, which are ours",
    "smsgw/sessions/vigil.py Vigil._codes": "PREFIXES_MAX; new with each window",
    "smsgw/settings/load.py _Reader.problems": "one file's mistakes, read once",
    "smsgw/settlement/reconciliation.py Comparison.findings": "FINDINGS_MAX",
    "smsgw/settlement/reconciliation.py Comparison.lacking": "the payments of one day",
    "smsgw/settlement/reconciliation.py Comparison.late": "the lines of one statement: STATEMENT_BYTES_MAX",
    "smsgw/settlement/reconciliation.py Comparison.open": "the payments of one day, and those still open",
    "smsgw/settlement/reconciliation.py Comparison.strangers": "the lines of one statement: STATEMENT_BYTES_MAX",
    "smsgw/settlement/reconciliation.py Comparison.tallies": "kinds of difference, which are ours",
    "smsgw/smpp/connection.py Connection._answers": "the window: one for each submit_sm in flight",
    "smsgw/smpp/connection.py Connection._late": "LATE_MAX",
    "smsgw/smpp/connection.py Connection._tasks": "the inbound window, LATE_MAX: one for a request or a late answer",
    "smsgw/smpp/counters.py TrafficCounters._counts": "names of SMPP 3.4; all others share `unknown` and `vendor`",
    "smsgw/smpp/frames.py FrameBuffer._octets": "COMMAND_LENGTH_MAX and one read; a full window ends reading",
    "smsgw/smpp/link.py Link._connections": "the sessions of the configuration",
    "smsgw/smpp/link.py Link._followers": "FOLLOWERS_MAX of web.trace",
    "smsgw/smpp/link.py Link._past_faults": "kinds of fault, which are ours",
    "smsgw/smpp/link.py Link._past_pdus": "names, as in TrafficCounters",
    "smsgw/smpp/link.py Link._waiting": "texts that the pump has in hand; who gave up goes when the first does",
    "smsgw/smpp/status.py LinkStatus.events": "the members of LinkEvent",
    "smsgw/smpp/window.py InboundWindow._repeats": "its size: a repeat takes a place",
    "smsgw/smpp/window.py InboundWindow._unanswered": "its size; while it is full nothing is read",
    "smsgw/smpp/window.py OutboundWindow._in_flight": "its size, and the session's own requests",
    "smsgw/smpp/window.py OutboundWindow._expired": "LATE_MAX",
    "smsgw/smpp/wire.py Wire._to_send": "emptied with each flush; a peer that does not read is not read",
    "smsgw/web/door.py Door._all": "CONNECTIONS_MAX",
    "smsgw/web/door.py Door._silent": "some of Door._all",
    "smsgw/web/runs.py Runs._failures": "FAILURES_MAX",
    "smsgw/web/runs.py Runs._going": "RUNS_MAX",
    "smsgw/web/trace.py LinkTraces._followers": "FOLLOWERS_MAX",
    "smsgw/worker.py Pump._groups": "providers that the configuration ever had",
    "smsgw/worker.py _Group.queues": "WAITING_MAX, in equal shares",
    "smsgw/worker.py _Group.ready": "one for each of its queues",
    "smsgw/worker.py _Group.running": "its width",
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


def kind_of(made: ast.expr) -> str:
    """The last name of what is called: `Counter` of `collections.Counter[str]()`."""
    return ast.unparse(made).split("[")[0].rsplit(".", 1)[-1]


def is_container(value: ast.expr | None) -> bool:
    """True for a display, a call that makes a container, and a field whose default is one."""
    if not isinstance(value, ast.Call):
        return isinstance(value, DISPLAYS)
    factories = [keyword.value for keyword in value.keywords if keyword.arg == "default_factory"]
    return any(kind_of(each) in CONTAINERS for each in (value.func, *factories))


def assigned(body: list[ast.stmt]) -> Iterator[str]:
    """Names and attributes that a container is assigned to."""
    for node in body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and is_container(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (ast.unparse(each).removeprefix("self.") for each in targets)


def held(owner: ast.ClassDef) -> set[str]:
    """Attributes of a class that begin as containers: the defaults of its fields, and those of its __init__."""
    makers = [node for node in owner.body if isinstance(node, ast.FunctionDef) and node.name in MAKERS]
    inner = [node for maker in makers for node in ast.walk(maker) if isinstance(node, ast.stmt)]
    return {*assigned(owner.body), *assigned(inner)}


def grown(node: ast.AST) -> ast.expr | None:
    """What this adds to, if it adds."""
    match node:
        case ast.Subscript(value=value, ctx=ast.Store()):
            return value
        case ast.AugAssign(target=target):
            return target
        case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in ADDS:
            return value
        case ast.Call(func=func, args=[first, *_]) if kind_of(func) in ADDS_TO_FIRST:
            return first
        case _:
            return None


def written(module: Module) -> Iterator[str]:
    """Containers of objects that are added to after these were made: "path Class.attribute".

    By the attribute's name, whoever holds the object: `record.answers[verb] += 1` counts for every class of the module.
    """
    later = [function.node for function in module.functions() if function.name not in MAKERS]
    targets = [grown(node) for function in later for node in ast.walk(function)]
    names = {target.attr for target in targets if isinstance(target, ast.Attribute)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef):
            yield from (f"{module.path} {node.name}.{name}" for name in sorted(held(node) & names))


def test_whatever_grows_has_a_limit() -> None:
    found = {each for module in modules("smsgw") for each in growing(module)}
    assert found == set(BOUNDED_BY_HAND)


def test_every_container_that_is_filled_says_what_bounds_it() -> None:
    """One that is missing here has no limit that anybody named; one that is here and not there is stale."""
    assert {each for module in modules("smsgw") for each in written(module)} == set(WRITTEN)


def test_every_constant_that_is_said_to_bound_something_stands_in_the_gateway() -> None:
    said = {name for why in (BOUNDED_BY_HAND | WRITTEN).values() for name in re.findall(r"\b[A-Z_]+_MAX\b", why)}
    assert said
    for name in said:
        assert any(f"\n{name}: Final" in module.source for module in modules("smsgw")), name


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


CLASS: Final = """
class Crowd:
    {field}
    def __init__(self):
        {made}
    def later(self, a, b):
        {later}
"""


@pytest.mark.parametrize(
    ("field", "made", "later"),
    [
        ("", "self._x = {}", "self._x[a] = b"),
        ("", "self._x: dict[int, int] = {}", "self._x[a] += b"),
        ("", "self._x = collections.defaultdict(list)", "self._x[a] = b"),
        ("", "self._x = Counter[str]()", "self._x.update(a)"),
        ("", "self._x = dict()", "self._x.setdefault(a, b)"),
        ("", "self._x = set()", "self._x.add(a)"),
        ("", "self._x = []", "self._x.append(a)"),
        ("", "self._x = []", "self._x += a"),
        ("", "self._x = list(given)", "bisect.insort(self._x, a)"),
        ("", "self._x = []", "for each in a:\n            self._x.append(each)"),
        ("_x: set[int] = field(default_factory=set)", "pass", "self._x.add(a)"),
        ("_x = {}", "pass", "self._x[a] = b"),
        ("", "self._x = {}", "a._x[b] = b"),
    ],
)
def test_a_container_that_is_filled_later_would_be_found(field: str, made: str, later: str) -> None:
    source = CLASS.format(field=field, made=made, later=later)
    assert list(written(Module("smsgw/bad.py", source, ast.parse(source)))) == ["smsgw/bad.py Crowd._x"]


@pytest.mark.parametrize(
    ("made", "later"),
    [
        ("self._x = {}", "return self._x[a]"),
        ("self._x = {}", "self._x.pop(a)"),
        ("self._x = {a: b}\n        self._x[a] = b", "pass"),
        ("self._x = 0", "self._x += a"),
    ],
)
def test_what_is_only_read_or_no_container_is_left_alone(made: str, later: str) -> None:
    source = CLASS.format(field="", made=made, later=later)
    assert not list(written(Module("smsgw/good.py", source, ast.parse(source))))
