"""Every log line is a named event of docs/logs.md; values travel as fields, never inside the words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

import pytest

from tests.repo.tree import ROOT, Module, modules

CATALOGUE: Final = ROOT / "docs" / "logs.md"
LEVELS: Final = frozenset({"debug", "info", "warning", "error", "critical", "exception"})
EVENT: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


def log_calls(module: Module) -> Iterator[ast.Call]:
    """Calls such as `log.info(...)`, of any logger."""
    for call in module.calls():
        function = call.func
        if isinstance(function, ast.Attribute) and function.attr in LEVELS and _is_logger(function.value):
            yield call


def _is_logger(node: ast.expr) -> bool:
    return ast.unparse(node).split(".")[-1].strip("_").split("(")[0] in {"log", "logger", "bind"}


def name_of(call: ast.Call) -> str | None:
    """The event of a log call; None if it is not a plain string."""
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def used() -> set[str]:
    """Every event that the code logs."""
    return {name for m in modules("smsgw", "simulator") for call in log_calls(m) if (name := name_of(call))}


def test_events_have_plain_names() -> None:
    """`subject.what_happened`, a constant: one line of the catalogue explains it, one search finds it."""
    calls = [(m, call) for m in modules("smsgw", "simulator") for call in log_calls(m)]
    odd = [f"{m.at(c)}: {ast.unparse(c.args[0]) if c.args else ''}" for m, c in calls if not _plain(name_of(c))]
    assert not odd, "\n".join(odd)


def _plain(name: str | None) -> bool:
    return name is not None and EVENT.fullmatch(name) is not None


def test_values_travel_as_fields() -> None:
    """Positional values would end inside a sentence that no query finds."""
    calls = [(m, call) for m in modules("smsgw", "simulator") for call in log_calls(m)]
    positional = [m.at(call) for m, call in calls if len(call.args) > 1]
    assert not positional, "\n".join(positional)


@pytest.mark.skipif(not CATALOGUE.exists(), reason="docs/logs.md is not written yet")
def test_every_event_is_in_the_catalogue() -> None:
    listed = set(re.findall(r"`([^`\s]+)`", CATALOGUE.read_text(encoding="utf-8")))
    assert used() <= listed, f"not in docs/logs.md: {', '.join(sorted(used() - listed))}"


@pytest.mark.skipif(not CATALOGUE.exists(), reason="docs/logs.md is not written yet")
def test_the_catalogue_lists_nothing_that_is_gone() -> None:
    rows = re.findall(r"^\|\s*`([^`\s]+)`", CATALOGUE.read_text(encoding="utf-8"), re.MULTILINE)
    events = {row for row in rows if EVENT.fullmatch(row)}
    assert events <= used(), f"in docs/logs.md but never logged: {', '.join(sorted(events - used()))}"
