"""The links as health, metrics and API see them: plain values, taken at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from smsgw.smpp.latency import Histogram
from smsgw.smpp.status import LinkEvent, LinkHealth


@dataclass(frozen=True, slots=True)
class SessionVitals:
    """One open connection: the session's state, our requests in flight, the peer's that we have not answered yet."""

    state: str
    in_flight: int
    unanswered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkVitals:
    """One link at this moment.

    `bound` of `configured` connections are bound. `state`, `reason` and `cause` are words of `smpp.status`; `since_us`
    is when `health` became what it is. `window` is that of one session. `events` are counted by name, `pdus` by
    (direction, command, status), `faults` of the peer by kind. The latencies are those of submit_sm until its answer,
    and of deliver_sm until ours.
    """

    bound: int
    configured: int = 1
    health: LinkHealth = LinkHealth.OK
    state: str = LinkEvent.BOUND.value
    reason: str = ""
    cause: str = ""
    since_us: int = 0
    window: int = 1
    sessions: tuple[SessionVitals, ...] = ()
    events: Mapping[str, int] = field(default_factory=dict)
    pdus: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    faults: Mapping[str, int] = field(default_factory=dict)
    submits: Histogram = field(default_factory=Histogram)
    delivers: Histogram = field(default_factory=Histogram)
