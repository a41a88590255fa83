"""What a module logs while a test runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Said:
    """Stands in for the link's log: keeps what is said, of any level."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, _: str) -> Callable[..., None]:
        return lambda event, **fields: self.lines.append((event, fields))

    def fields(self, event: str, name: str) -> list[Any]:
        """The values of one field in all lines of one event."""
        return [fields[name] for said, fields in self.lines if said == event]
