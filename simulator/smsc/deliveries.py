"""The SMSC's queue towards the gateways: what waits for a bind, what is in flight, what is delivered again.

Rule 1: a delivery leaves the queue by an answer that is final, or by too many attempts; nothing else loses it.
Rule 2: no answer (time-out, lost connection) and an answer that means "later" both mean another attempt, in a PDU of
its own with a new sequence_number: the gateway must know a text it has seen by its content alone.
Rule 3: a delivery that nobody takes is given up when its time to live is over, at the latest when its turn comes.
Rule 4: what a lost connection gives back goes to the front in its old order; what was refused waits its delay.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from simulator.settings import SmscSettings
from simulator.smsc.agenda import Agenda
from smsgw.smpp.constants import Status
from smsgw.smpp.pdu import FieldValue
from smsgw.smpp.tlv import Tlvs

ANY_GATEWAY = ""
"""The queue of deliveries that any gateway may take."""

RECEIPTS_SHARE: Final = 10
"""With so great a part (a tenth) of all that may wait for one gateway, it gets no receipts more: a gateway that only
transmits asks for them as well, and never fetches one."""

GROWTHS_MAX: Final = 60
"""Steps of growth that are counted."""


class Outcome(StrEnum):
    """What an attempt came to."""

    ACKED = "acked"
    REFUSED = "refused"
    RETRYING = "retrying"
    GIVEN_UP = "given_up"


@dataclass(slots=True, eq=False)
class Delivery:
    """One deliver_sm until it is over; `answered` is told each outcome, with the status, None for no answer.

    `spares_tlvs` = it says the same without them.
    """

    system_id: str
    fields: dict[str, FieldValue]
    tlvs: Tlvs
    answered: Callable[[Delivery, Outcome, int | None], None]
    attempts: int = 0
    spares_tlvs: bool = False
    give_up_at_s: float = math.inf


class DeliveryQueue:
    """Deliveries by the system_id that may take them."""

    def __init__(self, settings: SmscSettings) -> None:
        self._settings = settings
        self._ready: dict[str, deque[Delivery]] = {}
        self._later: Agenda[Delivery] = Agenda()
        self._open = 0
        self.redelivered = 0
        self.given_up = 0

    @property
    def is_full(self) -> bool:
        """Whether nothing more may be added."""
        return self._open >= self._settings.waiting_max

    @property
    def open(self) -> int:
        """How many deliveries are not over yet, in flight or waiting."""
        return self._open

    def has_room_for_receipt(self, system_id: str) -> bool:
        """Whether a receipt for this gateway may be added: those of one that never takes any leave room for others."""
        waiting = len(self._ready.get(system_id, ()))
        return not self.is_full and waiting * RECEIPTS_SHARE < self._settings.waiting_max

    def put(self, delivery: Delivery) -> None:
        """Add a new delivery; `is_full` must be False."""
        self._open += 1
        self._queue(delivery).append(delivery)

    def put_later(self, delivery: Delivery, due_s: float) -> None:
        """Add a new delivery that is not to be sent before *due_s*; `is_full` must be False."""
        self._open += 1
        self._later.put(due_s, delivery)

    def waiting(self) -> Mapping[str, deque[Delivery]]:
        """What may be sent now, by system_id (`ANY_GATEWAY` for any). Take from the left and count the attempt."""
        return self._ready

    def answered(self, delivery: Delivery, status: int, now_s: float) -> None:
        """The gateway has answered an attempt."""
        if status == Status.ESME_ROK:
            self._end(delivery, Outcome.ACKED, status)
        elif status not in self._settings.redelivery_statuses:
            self._end(delivery, Outcome.REFUSED, status)
        elif self._again(delivery, status):
            self._later.put(now_s + self._delay_s(delivery), delivery)

    def expired(self, delivery: Delivery, now_s: float) -> None:
        """The gateway has not answered in time."""
        if self._again(delivery, None):
            self._later.put(now_s + self._delay_s(delivery), delivery)

    def lost(self, deliveries: list[Delivery]) -> None:
        """The connection ended with these in flight, the oldest first."""
        again = [delivery for delivery in deliveries if self._again(delivery, None)]
        for delivery in reversed(again):
            self._queue(delivery).appendleft(delivery)

    def give_up(self, delivery: Delivery, status: int | None = None) -> None:
        """Try no more: nobody can take it, or nobody has for too long."""
        self.given_up += 1
        self._end(delivery, Outcome.GIVEN_UP, status)

    def wake(self, now_s: float) -> None:
        """Make ready what has waited long enough, and give up what has waited too long."""
        for delivery in self._later.take(now_s):
            self._queue(delivery).append(delivery)
        for system_id, waiting in list(self._ready.items()):
            while waiting and waiting[0].give_up_at_s <= now_s:
                self.give_up(waiting.popleft())
            if not waiting:
                del self._ready[system_id]  # or all that ever bound would be gone through at every turn

    def next_due_s(self) -> float:
        """When `wake` has something to do (monotonic seconds)."""
        heads = (waiting[0].give_up_at_s for waiting in self._ready.values() if waiting)
        return min(self._later.next_due_s(), *heads, math.inf)

    def _queue(self, delivery: Delivery) -> deque[Delivery]:
        found = self._ready.get(delivery.system_id)
        if found is None:
            found = self._ready[delivery.system_id] = deque()
        return found

    def _delay_s(self, delivery: Delivery) -> float:
        settings = self._settings
        # What has grown so often is at its longest anyhow, and no float reaches the power of it.
        growths = min(delivery.attempts - 1, GROWTHS_MAX)
        delay_s = settings.redelivery_delay_s * settings.redelivery_growth**growths
        return min(delay_s, max(settings.redelivery_delay_max_s, settings.redelivery_delay_s))

    def _again(self, delivery: Delivery, status: int | None) -> bool:
        if delivery.attempts >= self._settings.attempts_max:
            self.give_up(delivery, status)
            return False
        self.redelivered += 1
        delivery.answered(delivery, Outcome.RETRYING, status)
        return True

    def _end(self, delivery: Delivery, outcome: Outcome, status: int | None) -> None:
        self._open -= 1
        delivery.answered(delivery, outcome, status)
