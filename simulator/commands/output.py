"""What commands print: answers to stdout, everything else to stderr; colours only on a terminal."""

from __future__ import annotations

import json
from typing import Any, Final

from rich.console import Console
from rich.markup import escape

DONE: Final = 0
FAILED: Final = 1


def print_json(report: dict[str, Any]) -> None:
    """Print a report for programs: no wrapping, no colours."""
    print(json.dumps(report, ensure_ascii=False))  # noqa: T201 -- as said above


def complain(words: str) -> int:
    """Say why the thing asked for failed, and give its exit code."""
    err().print(f"[red]simulator:[/red] {escape(words)}", soft_wrap=True)
    return FAILED


def out() -> Console:
    """For answers."""
    return Console(highlight=False)


def err() -> Console:
    """For everything else."""
    return Console(stderr=True, highlight=False)
