"""Faults that the SMSC can be told to have, as data.

Rule 1: a fault is used up by its count, so that a test ends healthy without cleaning up.
Rule 2: a request with a status other than 0 was not taken; one that is merely not answered was taken, and the gateway
cannot know it: the nastiest case is the default one.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from simulator.statuses import read_status, status_name
from smsgw.smpp.constants import Command, MessageState

COUNT_MAX: Final = 1_000_000
# A day: longer than any time-out that a gateway may have.
DELAY_S_MAX: Final = 86_400.0
FAULTS_MAX: Final = 100

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
SUBJECTS: Final = (*REQUESTS, RECEIPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to the next `count` requests of one kind.

    They are answered with `status`, or not at all (`no_response`), `delay_s` seconds late, and the connection is cut
    after that if `disconnect_after`. For a receipt: `state` instead of delivered, `delay_s` later, or never.
    """

    count: int = 1
    status: int = 0
    no_response: bool = False
    delay_s: float = 0.0
    disconnect_after: bool = False
    state: MessageState = MessageState.DELIVERED

    def __post_init__(self) -> None:
        if not 1 <= self.count <= COUNT_MAX:
            raise ValueError(f"count: 1 to {COUNT_MAX}")
        if not 0 <= self.delay_s <= DELAY_S_MAX:
            raise ValueError(f"delay_s: 0 to {DELAY_S_MAX:.0f}")

    def described(self) -> dict[str, object]:
        """The fault as the API shows it."""
        return asdict(self) | {"status": status_name(self.status), "state": self.state.name}


HEALTHY: Final = Fault()

_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "count": (int,),
    "no_response": (bool,),
    "delay_s": (int, float),
    "disconnect_after": (bool,),
}


class FaultTable:
    """The faults that wait for their requests; of one kind the oldest is used up first."""

    def __init__(self) -> None:
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)

    def put(self, subject: str, fault: Fault) -> None:
        """Add a fault. Raises ValueError when too many wait."""
        if len(self._faults[subject]) >= FAULTS_MAX:
            raise ValueError(f"{subject}: at most {FAULTS_MAX} faults can wait; DELETE /faults clears them")
        self._faults[subject].append(fault)

    def take(self, subject: str) -> Fault:
        """Use up one count of the first fault for *subject*; HEALTHY when there is none."""
        waiting = self._faults.get(subject)
        if not waiting:
            return HEALTHY
        fault = waiting[0]
        if fault.count > 1:
            waiting[0] = replace(fault, count=fault.count - 1)
        else:
            waiting.popleft()
        return fault

    def clear(self) -> None:
        """Be healthy again."""
        self._faults.clear()

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


def _value(key: str, value: object) -> Any:
    if key == "status":
        return read_status(value)
    if key == "state" and isinstance(value, str) and value.upper() in MessageState.__members__:
        return MessageState[value.upper()]
    if type(value) not in _KINDS.get(key, ()):
        raise ValueError(f"{key}: unknown or of a wrong type; there are status, state, {', '.join(_KINDS)}")
    return value
