"""What is wrong with a configuration: all of it at once, each with its file, its key and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

REASONS: Final[Mapping[str, str]] = {
    "extra_forbidden": "there is no such key; look for a slip of the pen, docs/settings.md has all keys",
    "missing": "this key is needed; docs/settings.md says what it means",
    "string_type": 'text in quotation marks is needed, such as "500"',
    "int_type": "a whole number is needed",
    "int_parsing": "a whole number is needed",
    "int_from_float": "a whole number is needed",
    "float_type": "a number is needed",
    "float_parsing": "a number is needed",
    "bool_type": "true or false is needed",
    "bool_parsing": "true or false is needed",
    "greater_than": "above {gt} is needed",
    "greater_than_equal": "{ge} is the least",
    "less_than_equal": "{le} is the most",
    "string_too_long": "{max_length} characters are the most",
    "literal_error": "it is one of {expected}",
    "enum": "it is one of {expected}",
}
"""What pydantic found, by its name for it, in words for who wrote the file; its other words are good as they are."""


class Problem(NamedTuple):
    """One mistake. `key` is written as in the file: `links.operator.port`."""

    file: str
    key: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.reason}" if self.key else f"{self.file}: {self.reason}"


class ConfigurationError(Exception):
    """The configuration cannot be used: `problems` says why. `providers` are their tables, those that could be read."""

    def __init__(self, problems: Iterable[Problem], providers: Mapping[str, Any] | None = None) -> None:
        self.problems = tuple(problems)
        self.providers = providers or {}
        super().__init__("\n".join(map(str, self.problems)))


def problems_of(error: ValidationError, file: str, prefix: str = "") -> list[Problem]:
    """One problem a mistake that pydantic found."""
    return [
        Problem(file, ".".join(filter(None, (prefix, *map(str, detail["loc"])))), _reason(detail))
        for detail in error.errors(include_url=False, include_input=False)
    ]


def _reason(detail: Any) -> str:
    """Our words; else pydantic's, without the type prefix that means nothing to who wrote the file."""
    ours = REASONS.get(detail["type"])
    if ours is not None:
        return ours.format(**detail.get("ctx", {}))
    return str(detail["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
