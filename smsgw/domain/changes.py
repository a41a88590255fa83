"""`replace` for our frozen values: what `dataclasses.replace` does, at less than half of its price.

The standard one asks each field about itself, each time, and hands all values through `__init__`: 7 microseconds for a
payment. A payment's way has thirty of them. This one copies slot by slot and then lets the value check itself: 3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

__all__ = ["replace"]

if TYPE_CHECKING:
    # For mypy they are one: it knows the standard one's rules, and checks names and types of the changes.
    from dataclasses import replace
else:

    def replace(value: Any, /, **changes: Any) -> Any:
        """A copy of *value*, a dataclass with slots and two fields or more, with *changes*; it checks itself anew.

        Raises:
            TypeError: a change names no field.
        """
        kind = type(value)
        writers, values_of = _slots(kind)
        if not changes.keys() <= writers.keys():
            raise TypeError(f"{kind.__name__} has no {', '.join(sorted(changes.keys() - writers.keys()))}")
        copy = object.__new__(kind)
        for write, old in zip(writers.values(), values_of(value), strict=True):
            write(copy, old)
        for name, new in changes.items():
            writers[name](copy, new)
        if hasattr(kind, "__post_init__"):
            copy.__post_init__()
        return copy


@cache
def _slots(kind: type) -> tuple[dict[str, Callable[[Any, Any], None]], Callable[[Any], tuple[Any, ...]]]:
    """For each field what writes it, past the lock of a frozen value; and what reads all of them at once."""
    names = [field.name for field in fields(kind)]
    return {name: getattr(kind, name).__set__ for name in names}, attrgetter(*names)
