"""Faults that the SMSC can be told to have, as data.

Rule 1: a fault is used up by its count, or by time, so that a test ends healthy without cleaning up.
Rule 2: a request with a status other than 0 was not taken; one that is merely not answered, or answered with nonsense,
was taken, and the gateway cannot know it: the nastiest case is the default one.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Final

from simulator.faults.utterances import Utterance
from simulator.smsc.statuses import status_name
from smsgw.smpp.constants import Command, MessageState

COUNT_MAX: Final = 1_000_000
# One octet (SMPP 5.0, 4.8.4.18); above 100 the values are reserved, and so a fault.
CONGESTION_MAX: Final = 255
# A day: longer than any time-out that a gateway may have.
DELAY_S_MAX: Final = 86_400.0
FAULTS_MAX: Final = 100
# Copies of one receipt, things said to one request: more of the same finds nothing new.
REPEATS_MAX: Final = 20

CONNECTION: Final = "connection"
"""Not a request either, but what a gateway meets when it connects, before it has said anything."""

RECEIPT: Final = "receipt"
"""Not a request, but what becomes of a message: its state, how late its receipt is, whether there is one."""

BIND_NAMES: Final = tuple(
    command.wire_name for command in (Command.BIND_TRANSMITTER, Command.BIND_RECEIVER, Command.BIND_TRANSCEIVER)
)
REQUESTS: Final = (
    *BIND_NAMES,
    *(
        command.wire_name
        for command in (
            Command.SUBMIT_SM,
            Command.DATA_SM,
            Command.SUBMIT_MULTI,
            Command.QUERY_SM,
            Command.CANCEL_SM,
            Command.REPLACE_SM,
        )
    ),
)
"""Requests of a gateway that the SMSC answers."""

SESSION_REQUESTS: Final = (Command.ENQUIRE_LINK.wire_name, Command.UNBIND.wire_name)
"""Requests of a gateway that its session answers by itself; the fault meets the answer on its way out."""

DELIVER_SM: Final = Command.DELIVER_SM.wire_name
"""A request of ours; the fault meets it on its way out."""

SUBJECTS: Final = (CONNECTION, *REQUESTS, *SESSION_REQUESTS, DELIVER_SM, RECEIPT)


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

    They are answered with `status`, or not at all (`no_response`), or with what `say` lists; `delay_s` seconds late, or
    only once the gateway leaves (`until_unbind`); with a parameter that says how busy we are (`congestion`).
    After that the session is unbound in order (`unbind_after`), or the connection is cut (`disconnect_after`; without
    the answer: `disconnect_before`), or stays open and is dead (`mute_after`), or gives its octets one by one
    (`octet_every_s`), or nothing for `stall_s` seconds and then all at once.
    For a receipt: `state` instead of delivered, `delay_s` later, or never; `copies` of it, before the submit_sm_resp
    (`early`), in another `form`, with another form of the `id`. A deliver_sm has `copies` too.
    """

    count: int = 1
    for_s: float = 0.0
    status: int = 0
    no_response: bool = False
    say: tuple[Utterance, ...] = ()
    delay_s: float = 0.0
    until_unbind: bool = False
    congestion: int | None = None
    unbind_after: bool = False
    disconnect_before: bool = False
    disconnect_after: bool = False
    mute_after: bool = False
    octet_every_s: float = 0.0
    stall_s: float = 0.0
    state: MessageState = MessageState.DELIVERED
    copies: int = 1
    early: bool = False
    form: Form = Form.BOTH
    id: IdForm = IdForm.SAME

    def __post_init__(self) -> None:
        if not 1 <= self.count <= COUNT_MAX:
            raise ValueError(f"count: 1 to {COUNT_MAX}")
        for name in ("for_s", "delay_s", "octet_every_s", "stall_s"):
            if not 0 <= getattr(self, name) <= DELAY_S_MAX:
                raise ValueError(f"{name}: 0 to {DELAY_S_MAX:.0f}")
        if not 1 <= self.copies <= REPEATS_MAX or len(self.say) > REPEATS_MAX:
            raise ValueError(f"copies, say: at most {REPEATS_MAX}")
        if self.congestion is not None and not 0 <= self.congestion <= CONGESTION_MAX:
            raise ValueError(f"congestion: 0 to {CONGESTION_MAX}")

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

    def asks(self, subjects: Iterable[str]) -> bool:
        """Whether a fault waits for any of *subjects*."""
        return any(self._faults.get(subject) for subject in subjects)

    def clear(self) -> None:
        """Be healthy again."""
        self._faults.clear()
        self._until_s.clear()

    def waiting(self) -> dict[str, list[dict[str, object]]]:
        """The faults that wait, with what is left of their counts."""
        return {subject: [fault.described() for fault in faults] for subject, faults in self._faults.items() if faults}
