"""What is wrong with a configuration: all of it at once, each with its file, its key and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError


class Problem(NamedTuple):
    """One mistake. `key` is written as in the file: `links.operator.port`."""

    file: str
    key: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.reason}" if self.key else f"{self.file}: {self.reason}"


class ConfigurationError(Exception):
    """The configuration cannot be used; `problems` says why, in the order of the files."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


def problems_of(error: ValidationError, file: str, prefix: str = "") -> list[Problem]:
    """One problem a mistake that pydantic found."""
    return [
        Problem(file, ".".join(filter(None, (prefix, *map(str, detail["loc"])))), _reason(detail))
        for detail in error.errors(include_url=False, include_input=False)
    ]


def _reason(detail: Any) -> str:
    """Pydantic's words, without the type prefix that means nothing to who wrote the file."""
    if detail["type"] == "extra_forbidden":
        return "there is no such key; look for a slip of the pen, docs/settings.md has all keys"
    if detail["type"] == "missing":
        return "this key is needed; docs/settings.md says what it means"
    return str(detail["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
