"""Faults that the SMSC can be told to have, as data.

Rule 1: a fault is used up by its count, or by time, so that a test ends healthy without cleaning up.
Rule 2: a request with a status other than 0 was not taken; one that is merely not answered, or answered with nonsense,
was taken, and the gateway cannot know it: the nastiest case is the default one.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Final, TypeVar

from simulator.faults.utterances import Utterance
from simulator.smsc.statuses import read_status, status_name
from smsgw.smpp.constants import Command, MessageState

COUNT_MAX: Final = 1_000_000
# A day: longer than any time-out that a gateway may have.
DELAY_S_MAX: Final = 86_400.0
FAULTS_MAX: Final = 100
# Copies of one receipt, things said to one request: more of the same finds nothing new.
REPEATS_MAX: Final = 20

CONNECTION: Final = "connection"
"""Not a request either, but what a gateway meets when it connects, before it has said anything."""

RECEIPT: Final = "receipt"
"""Not a request, but what becomes of a message: its state, how late its receipt is, whether there is one."""

REQUESTS: Final = tuple(
    command.wire_name
    for command in (
        Command.BIND_TRANSMITTER,
        Command.BIND_RECEIVER,
        Command.BIND_TRANSCEIVER,
        Command.SUBMIT_SM,
        Command.DATA_SM,
    )
)
SUBJECTS: Final = (CONNECTION, *REQUESTS, RECEIPT)


class Form(StrEnum):
    """Where a receipt says what it says."""

    BOTH = "both"
    TEXT = "text"
    TLVS = "tlvs"


class IdForm(StrEnum):
    """How a receipt writes the id that the submit_sm_resp gave."""

    SAME = "same"
    HEX = "hex"
    DECIMAL = "decimal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to the next `count` requests of one kind, or with `for_s` to all of them for so many seconds.

    They are answered with `status`, or not at all (`no_response`), or with what `say` lists; `delay_s` seconds late.
    After that the connection is cut (`disconnect_after`), or stays open and is dead (`mute_after`), or gives its octets
    one by one (`octet_every_s`).
    For a receipt: `state` instead of delivered, `delay_s` later, or never; `copies` of it, before the submit_sm_resp
    (`early`), in another `form`, with another form of the `id`.
    """

    count: int = 1
    for_s: float = 0.0
    status: int = 0
    no_response: bool = False
    say: tuple[Utterance, ...] = ()
    delay_s: float = 0.0
    disconnect_after: bool = False
    mute_after: bool = False
    octet_every_s: float = 0.0
    state: MessageState = MessageState.DELIVERED
    copies: int = 1
    early: bool = False
    form: Form = Form.BOTH
    id: IdForm = IdForm.SAME

    def __post_init__(self) -> None:
        if not 1 <= self.count <= COUNT_MAX:
            raise ValueError(f"count: 1 to {COUNT_MAX}")
        for name in ("for_s", "delay_s", "octet_every_s"):
            if not 0 <= getattr(self, name) <= DELAY_S_MAX:
                raise ValueError(f"{name}: 0 to {DELAY_S_MAX:.0f}")
        if not 1 <= self.copies <= REPEATS_MAX or len(self.say) > REPEATS_MAX:
            raise ValueError(f"copies, say: at most {REPEATS_MAX}")

    def described(self) -> dict[str, object]:
        """The fault as the API shows it."""
        return asdict(self) | {"status": status_name(self.status), "state": self.state.name}


HEALTHY: Final = Fault()


class FaultTable:
    """The faults that wait for their requests; of one kind the oldest is used up first."""

    def __init__(self) -> None:
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._until_s: dict[str, float] = {}

    def put(self, subject: str, fault: Fault) -> None:
        """Add a fault. Raises ValueError when too many wait."""
        if len(self._faults[subject]) >= FAULTS_MAX:
            raise ValueError(f"{subject}: at most {FAULTS_MAX} faults can wait; DELETE /faults clears them")
        self._faults[subject].append(fault)

    def take(self, subject: str, now_s: float) -> Fault:
        """Use up one count of the first fault for *subject*, or some of its time; HEALTHY when there is none."""
        waiting = self._faults.get(subject)
        while waiting:
            fault = waiting[0]
            if not fault.for_s:
                self._count_down(waiting)
                return fault
            if now_s < self._until_s.setdefault(subject, now_s + fault.for_s):
                return fault
            del self._until_s[subject]
            waiting.popleft()
        return HEALTHY

    def _count_down(self, waiting: deque[Fault]) -> None:
        fault = waiting[0]
        if fault.count > 1:
            waiting[0] = replace(fault, count=fault.count - 1)
        else:
            waiting.popleft()

    def clear(self) -> None:
        """Be healthy again."""
        self._faults.clear()
        self._until_s.clear()

    def waiting(self) -> dict[str, list[dict[str, object]]]:
        """The faults that wait, with what is left of their counts."""
        return {subject: [fault.described() for fault in faults] for subject, faults in self._faults.items() if faults}


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
        return Fault(**{key: _value(key, value) for key, value in table.items()})
    except ValueError as error:
        raise ValueError(f"{subject}: {error}") from None


Choice = TypeVar("Choice", Utterance, Form, IdForm)


def _number(value: object) -> float:
    if type(value) not in (int, float):
        raise ValueError("a number is needed")
    return value  # type: ignore[return-value]  # the line above says so


def _exactly(kind: type) -> Callable[[object], object]:
    def read(value: object) -> object:
        if type(value) is not kind:
            raise ValueError("true or false" if kind is bool else "a whole number is needed")
        return value

    return read


def _choose(choices: type[Choice]) -> Callable[[object], Choice]:
    def read(value: object) -> Choice:
        if isinstance(value, str) and value in choices.__members__.values():
            return choices(value)
        raise ValueError(f"{value!r} is none of {', '.join(choices)}")

    return read


def _state(value: object) -> MessageState:
    if isinstance(value, str) and value.upper() in MessageState.__members__:
        return MessageState[value.upper()]
    raise ValueError(f"{value!r} is none of {', '.join(MessageState.__members__)}")


def _say(value: object) -> tuple[Utterance, ...]:
    return tuple(_choose(Utterance)(one) for one in (value if isinstance(value, list) else [value]))


_READERS: Final[Mapping[str, Callable[[object], Any]]] = {
    "count": _exactly(int),
    "for_s": _number,
    "status": read_status,
    "no_response": _exactly(bool),
    "say": _say,
    "delay_s": _number,
    "disconnect_after": _exactly(bool),
    "mute_after": _exactly(bool),
    "octet_every_s": _number,
    "state": _state,
    "copies": _exactly(int),
    "early": _exactly(bool),
    "form": _choose(Form),
    "id": _choose(IdForm),
}


def _value(key: str, value: object) -> Any:
    if key not in _READERS:
        raise ValueError(f"{key}: unknown; there are {', '.join(_READERS)}")
    try:
        return _READERS[key](value)
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from None
