"""The limits and time-outs of one SMPP session, each with its reason."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """All times in seconds (SMPP 3.4, 7.2 names the timers and leaves their values to us)."""

    window: int = 10
    """Requests in flight towards the peer: the guideline of SMPP 3.4, 2.5-2.7."""

    inbound_window: int = 200
    """Requests of the peer we hold unanswered; above it we stop reading, so the peer's own window slows it down.
    Enough to fill one group commit, small enough that a crash loses nobody's patience."""

    session_init_s: float = 30.0
    """From the connection to the bind's answer: some SMSCs check credentials slowly, none for half a minute."""

    enquire_link_interval_s: float = 30.0
    """Silence after which we ask whether the peer lives: under the minute after which many firewalls forget a
    connection."""

    enquire_link_timeout_s: float = 30.0
    """Silence after that question which ends the session; any PDU at all counts as life."""

    inactivity_s: float = math.inf
    """Time without any message after which we unbind. Off: a night without payments is no fault."""

    response_s: float = 60.0
    """How long a request may stay unanswered. Late answers double messages (the owner may send again), early patience
    costs a slot only; a minute is what gateways in the field use."""

    pdu_read_s: float = 10.0
    """A PDU that has begun must be complete by then: a peer that drips octets would hold the line for ever."""

    drain_s: float = 10.0
    """Before an unbind: how long we wait for answers, both ways, to what is in flight."""

    last_answers_s: float = 1.0
    """After the peer's unbind: how long we wait for its answers to what is in flight before unbind_resp. What it wrote
    behind its unbind comes at once; what has not come by then counts as unknown."""

    unbind_s: float = 5.0
    """How long we wait for unbind_resp before we close anyway."""

    def __post_init__(self) -> None:
        assert self.window >= 1, "a window of none could never send"
        assert self.inbound_window >= 1, "a window of none could never receive"
        assert min(self._times_s()) > 0, "a timer must run for some time"

    def _times_s(self) -> tuple[float, ...]:
        return (
            self.session_init_s,
            self.enquire_link_interval_s,
            self.enquire_link_timeout_s,
            self.inactivity_s,
            self.response_s,
            self.pdu_read_s,
            self.drain_s,
            self.last_answers_s,
            self.unbind_s,
        )
