"""Faults as requests and files write them: keys that are checked one by one.

Rule: a mistake names the key, and says what may stand there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar

from simulator.faults.fault import SUBJECTS, Fault, Form, IdForm
from simulator.faults.rule import misfits
from simulator.faults.utterances import Utterance
from simulator.smsc.statuses import read_status
from smsgw.smpp.constants import MessageState


def read_faults(value: object) -> list[tuple[str, Fault]]:
    """Read the faults of a JSON object: one table, or a list of them, for each subject.

    Raises:
        ValueError: the message says which key is wrong and what may stand there.
    """
    if not isinstance(value, Mapping):
        raise ValueError("smsc: an object is needed, such as {'submit_sm': {'status': 'ESME_RTHROTTLED', 'count': 3}}")  # noqa: TRY004 -- the caller answers every bad request alike
    faults = []
    for subject, tables in value.items():
        if subject not in SUBJECTS:
            raise ValueError(f"{subject}: unknown; there are {', '.join(SUBJECTS)}")
        faults += [(subject, _read(subject, table)) for table in (tables if isinstance(tables, list) else [tables])]
    return faults


def _read(subject: str, table: object) -> Fault:
    if not isinstance(table, Mapping):
        raise ValueError(f"{subject}: an object is needed, such as {{'delay_s': 2}}")  # noqa: TRY004 -- as above
    try:
        fault = Fault(**{key: _value(key, value) for key, value in table.items()})
    except ValueError as error:
        raise ValueError(f"{subject}: {error}") from None
    if wrong := misfits((subject,), (key for key in table if key not in LASTING)):
        raise ValueError(f"{subject}: {wrong[0]}")
    return fault


Choice = TypeVar("Choice", bound=StrEnum)


def number(value: object) -> float:
    """Raises ValueError unless *value* is a number."""
    if type(value) not in (int, float):
        raise ValueError("a number is needed")
    return value  # type: ignore[return-value]  # the line above says so


def exactly(kind: type) -> Callable[[object], object]:
    """A reader of what must be `bool` or `int`, and not merely pass for it."""

    def read(value: object) -> object:
        if type(value) is not kind:
            raise ValueError("true or false" if kind is bool else "a whole number is needed")
        return value

    return read


def one_of(choices: type[Choice]) -> Callable[[object], Choice]:
    """A reader of one of the words of *choices*."""

    def read(value: object) -> Choice:
        if isinstance(value, str) and value in choices.__members__.values():
            return choices(value)
        raise ValueError(f"{value!r} is none of {', '.join(choices)}")

    return read


def message_state(value: object) -> MessageState:
    """A state by its name, whatever the case. Raises ValueError."""
    if isinstance(value, str) and value.upper() in MessageState.__members__:
        return MessageState[value.upper()]
    raise ValueError(f"{value!r} is none of {', '.join(MessageState.__members__)}")


def _say(value: object) -> tuple[Utterance, ...]:
    return tuple(one_of(Utterance)(one) for one in (value if isinstance(value, list) else [value]))


READERS: Final[Mapping[str, Callable[[object], Any]]] = {
    "count": exactly(int),
    "for_s": number,
    "status": read_status,
    "no_response": exactly(bool),
    "say": _say,
    "delay_s": number,
    "until_unbind": exactly(bool),
    "congestion": exactly(int),
    "unbind_after": exactly(bool),
    "disconnect_before": exactly(bool),
    "disconnect_after": exactly(bool),
    "mute_after": exactly(bool),
    "octet_every_s": number,
    "stall_s": number,
    "state": message_state,
    "copies": exactly(int),
    "early": exactly(bool),
    "form": one_of(Form),
    "id": one_of(IdForm),
}
"""The keys of a fault."""

LASTING: Final = frozenset({"count", "for_s"})
"""Those that say how long it lasts, whatever it is about."""


def _value(key: str, value: object) -> Any:
    if key not in READERS:
        raise ValueError(f"{key}: unknown; there are {', '.join(READERS)}")
    try:
        return READERS[key](value)
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from None
