"""How a link stands: what happens to it as values, and what that comes to for logs, health, metrics and people.

Rule: a session that was bound ends with exactly one CONNECTION_LOST or UNBOUND. Times are monotonic seconds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class LinkEvent(StrEnum):
    """What happens to a link or to one of its sessions."""

    STARTING = "starting"
    NOT_CONNECTED = "not_connected"
    BINDING = "binding"
    BIND_REFUSED = "bind_refused"
    NOT_BOUND = "not_bound"
    BOUND = "bound"
    THROTTLED = "throttled"
    THROTTLED_END = "throttled_end"
    CONNECTION_LOST = "connection_lost"
    UNBINDING = "unbinding"
    UNBOUND = "unbound"


class LinkHealth(StrEnum):
    """What a link is good for: everything, less than configured, nothing."""

    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


# How many sessions more, or fewer, are bound after an event.
SESSIONS: Final = {LinkEvent.BOUND: 1, LinkEvent.CONNECTION_LOST: -1, LinkEvent.UNBOUND: -1}
THROTTLING: Final = {LinkEvent.THROTTLED: True, LinkEvent.THROTTLED_END: False}


@dataclass(slots=True)
class LinkStatus:
    """One link of so many `sessions` (connections); `since_s` is when its health became what it is.

    `state` is a word for people: the latest event of a link that is down, `throttled` or `bound` of one that is not.
    `cause` says why the latest thing went wrong, as long as nobody has asked for the link to start anew.
    """

    sessions: int
    since_s: float = 0.0
    bound: int = 0
    throttled: bool = False
    cause: str = ""
    events: Counter[LinkEvent] = field(default_factory=Counter)
    _latest: LinkEvent = LinkEvent.STARTING

    def happened(self, event: LinkEvent, now_s: float, cause: str = "") -> None:
        """Follow an event; *cause* says why, of one that is a trouble."""
        before = self.health
        self.events[event] += 1
        self.bound += SESSIONS.get(event, 0)
        assert 0 <= self.bound <= self.sessions, f"{self.bound} of {self.sessions} sessions are bound after {event}"
        self.throttled = THROTTLING.get(event, self.throttled)
        if event not in THROTTLING:
            self._latest = event
        self.cause = cause or self.cause
        if self.health is not before or event is LinkEvent.STARTING:
            self.since_s = now_s

    @property
    def health(self) -> LinkHealth:
        """See `LinkHealth`."""
        if not self.bound:
            return LinkHealth.DOWN
        return LinkHealth.DEGRADED if self.throttled or self.bound < self.sessions else LinkHealth.OK

    @property
    def state(self) -> str:
        """A word for people."""
        if not self.bound:
            return self._latest.value
        return (LinkEvent.THROTTLED if self.throttled else LinkEvent.BOUND).value

    @property
    def reason(self) -> str:
        """Why the health is not OK; empty if it is."""
        match self.health:
            case LinkHealth.DOWN:
                return ": ".join(filter(None, (self.state, self.cause)))
            case LinkHealth.DEGRADED if self.throttled:
                return f"throttled: {self.cause}"
            case LinkHealth.DEGRADED:
                return f"{self.bound} of {self.sessions} sessions bound: {self.cause or self._latest.value}"
            case _:
                return ""
