"""One rule as a file writes it. Every mistake is found at once, with its key and what may stand there."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import partial
from typing import Any, Final, NamedTuple

from simulator.faults.chance import AT_ONCE, Congestion, Delay, DelayKind
from simulator.faults.fault import Fault
from simulator.faults.reading import LASTING, READERS, exactly, number
from simulator.faults.rule import Rule, Schedule, misfits
from simulator.faults.when import EVERYTHING, GROUPS, PDUS, read_when

Mistakes = list[str]
Table = Mapping[str, Any]


def above_0(value: object) -> float:
    """Raises ValueError unless *value* is a number above 0, and finite."""
    found = number(value)
    if not 0 < found < math.inf:
        raise ValueError("a number above 0 is needed")
    return found


def _numbers(value: object) -> tuple[int, ...]:
    some = value if isinstance(value, list) else [value]
    if not some or not all(type(one) is int and one > 0 for one in some):
        raise ValueError("a whole number above 0 is needed, or a list of them")
    return tuple(some)


def _count(value: object) -> int:
    return _numbers([value])[0]


def _pdus(value: object) -> frozenset[str]:
    words = value if isinstance(value, list) else [value]
    known = [word for word in words if isinstance(word, str) and word in (*PDUS, *GROUPS)]
    if not words or len(known) < len(words):
        wrong = ", ".join(repr(word) for word in words if word not in known)
        raise ValueError(f"{wrong or 'nothing'}: there are {_some()}")
    return frozenset(pdu for word in known for pdu in GROUPS.get(word, (word,)))


def _delay(value: object) -> Delay:
    if not isinstance(value, Mapping):
        return Delay(DelayKind.FIXED, (number(value),))
    kind = next(iter(value), None)
    if len(value) != 1 or kind not in set(DelayKind) or not isinstance(value[kind], list):
        raise ValueError(
            "a number, { uniform = [least, most] }, { normal = [mean, deviation] } or { spike = [usual, worst, share] }"
        )
    return Delay(DelayKind(kind), tuple(number(one) for one in value[kind]))


_CLIMBING: Final = {"from": "least", "to": "most", "over_s": "over_s", "full_at_per_s": "full_at_per_s"}


def _congestion(value: object) -> Congestion | int:
    if type(value) is int:
        return value
    if not isinstance(value, Mapping) or not value.keys() <= _CLIMBING.keys():
        raise ValueError("a whole number, { from = 0, to = 100, over_s = 60 } or { full_at_per_s = 50 }")
    read: dict[str, Callable[[object], object]] = {"from": exactly(int), "to": exactly(int)}
    values: dict[str, Any] = {_CLIMBING[key]: read.get(key, number)(one) for key, one in value.items()}
    return Congestion(**values)


_CHOICE: Final[Mapping[str, Callable[[object], Any]]] = {
    "share": number,
    "nth": _numbers,
    "every": _count,
    "above_per_s": above_0,
    "then_for_s": above_0,
}
_TIMES: Final[Mapping[str, Callable[[object], Any]]] = {"from_s": number, "until_s": number, "period_s": above_0}
_DEEDS: Final[Mapping[str, Callable[[object], Any]]] = {
    **{key: reader for key, reader in READERS.items() if key not in LASTING},
    "delay_s": _delay,
    "congestion": _congestion,
}
KEYS: Final = ("pdu", "when", *_CHOICE, *_TIMES, *_DEEDS)
"""What may stand in a rule."""


def read_rule(table: object, label: str, mistakes: Mistakes) -> Rule | None:
    """Read a rule; what is wrong in it is added to *mistakes*, and then there is none."""
    if not isinstance(table, Mapping):
        mistakes.append(f"{label}: a table is needed, [[rules]]")
        return None
    found: Mistakes = [f"{key}: unknown; there are {', '.join(KEYS)}" for key in table if key not in KEYS]
    if "pdu" not in table:
        found.append(f"pdu: missing; there are {_some()}")
    pdus = _read("pdu", _pdus, table, found) if "pdu" in table else None
    choice, times, does = (_read_all(readers, table, found) for readers in (_CHOICE, _TIMES, _DEEDS))
    when = _read("when", lambda value: read_when(value, pdus), table, found) if pdus and "when" in table else EVERYTHING
    parts = _Parts(choice, times, does)
    found += [*parts.mistakes(), *(misfits(pdus, does) if pdus else ())]
    rule = None if found else _made({"label": label, "pdus": pdus, "when": when}, parts, found)
    mistakes += [f"{label}: {each}" for each in found]
    return rule


def _some() -> str:
    return ", ".join((*PDUS, *GROUPS))


def _read(key: str, reader: Callable[[object], Any], table: Table, mistakes: Mistakes) -> Any:
    try:
        return reader(table[key])
    except ValueError as error:
        mistakes.append(f"{key}: {error}")
        return None


def _read_all(readers: Mapping[str, Callable[[object], Any]], table: Table, mistakes: Mistakes) -> dict[str, Any]:
    return {key: _read(key, reader, table, mistakes) for key, reader in readers.items() if key in table}


class _Parts(NamedTuple):
    """What was read of a rule; what could not be read is None."""

    choice: dict[str, Any]
    times: dict[str, Any]
    does: dict[str, Any]

    @property
    def fault(self) -> dict[str, Any]:
        """What a fault can hold: the rest is drawn anew for each PDU."""
        return {key: value for key, value in self.does.items() if not isinstance(value, Delay | Congestion)}

    def mistakes(self) -> Mistakes:
        """What is out of its range, key by key; times are judged together."""
        tries: list[Callable[[], object]] = [
            *(partial(Rule, label="", pdus=frozenset(), **{key: value}) for key, value in _given(self.choice)),
            *(partial(Fault, **{key: value}) for key, value in _given(self.fault)),
            partial(Schedule, **dict(_given(self.times))),
        ]
        return [str(error) for error in map(_refusal, tries) if error is not None]


def _given(values: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(key, value) for key, value in values.items() if value is not None]


def _refusal(build: Callable[[], object]) -> ValueError | None:
    try:
        build()
    except ValueError as error:
        return error
    return None


def _made(rule: dict[str, Any], parts: _Parts, mistakes: Mistakes) -> Rule | None:
    """The rule, of parts that are sound; only whether they fit together is still to be seen."""
    climbing = parts.does.get("congestion")
    drawn = {
        "delay": parts.does.get("delay_s", AT_ONCE),
        "congestion": climbing if isinstance(climbing, Congestion) else None,
    }
    try:
        return Rule(**rule, **parts.choice, **drawn, schedule=Schedule(**parts.times), fault=Fault(**parts.fault))
    except ValueError as error:
        mistakes.append(str(error))
        return None


assert set(_DEEDS) == {field.name for field in fields(Fault)} - LASTING, "a fault's key cannot be read"
