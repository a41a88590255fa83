"""What is wrong with a file or a body: all of it at once, each with its key, the reason and how to mend it."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, get_args

from pydantic import BaseModel, ValidationError

REASONS: Final[Mapping[str, str]] = {
    "missing": "is missing: write it",
    "string_type": "text in quotation marks is needed",
    "int_type": "a whole number is needed",
    "float_type": "a number is needed",
    "bool_type": "true or false is needed",
    "list_type": "a list is needed, in brackets",
    "dict_type": "a table is needed",
    "model_type": "a table is needed",
    "model_attributes_type": "a table is needed",
    "greater_than": "above {gt} is needed",
    "greater_than_equal": "{ge} is the least",
    "less_than_equal": "{le} is the most",
    "finite_number": "a number that ends is needed",
    "string_too_long": "{max_length} characters are the most",
    "string_pattern_mismatch": "it must look like {pattern}",
    "literal_error": "it is one of {expected}",
}
"""What pydantic found, by its name for it, in words for who wrote the file; its other words are good as they are."""


class Problem(NamedTuple):
    """One mistake. `key` is written as in the file: `operators.beeline.listen`."""

    file: str
    key: str
    reason: str

    def __str__(self) -> str:
        return ": ".join(filter(None, self))


class ConfigurationError(ValueError):
    """A file cannot be used: `problems` says why."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def problems_of(error: ValidationError, model: type[BaseModel], file: str, prefix: str = "") -> list[Problem]:
    """One problem a mistake that pydantic found in what should have been *model*."""
    return [
        Problem(file, ".".join(filter(None, (prefix, *map(str, detail["loc"])))), _reason(detail, model))
        for detail in error.errors(include_url=False, include_input=False)
    ]


def _reason(detail: Any, model: type[BaseModel]) -> str:
    if detail["type"] == "extra_forbidden":
        return f"there is no such key: there are {', '.join(_keys(model, detail['loc']))}"
    ours = REASONS.get(detail["type"])
    if ours is not None:
        limits = {name: f"{one:g}" if isinstance(one, float) else one for name, one in detail.get("ctx", {}).items()}
        return ours.format(**limits)
    return str(detail["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")


def _keys(model: type[BaseModel], place: Sequence[str | int]) -> Iterable[str]:
    """The keys of the table in which *place* stands; the names of accounts and the like are no step down."""
    for step in place[:-1]:
        field = model.model_fields.get(str(step))
        if field is not None:
            within = (field.annotation, *get_args(field.annotation))
            model = next((one for one in within if inspect.isclass(one) and issubclass(one, BaseModel)), model)
    return model.model_fields
